// Optimizers that hold another, for tests by hand.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "plugins/hand.h"

namespace gapbench::test {

/// An optimizer of `library` that holds an sgd of rate 1 as its `inner`; `text`: its own options.
inline std::unique_ptr<Optimizer> around_sgd(const std::string& library, const std::string& text,
                                             std::span<const TensorInfo> shape) {
  const Component& c = component(library);
  const auto specs = plugin::options_of(c);
  OptionMap given = plugin::parse_example(c.about.name, specs, text);
  given.insert({"inner", "sgd"});
  Handed handed;
  handed.optimizers["inner"] = [](std::span<const TensorInfo> t) {
    const Component& sgd = component("optimizers_sgd");
    return sgd.make_optimizer(options(sgd, "learning_rate=1"), t);
  };
  return c.make_optimizer(Options::resolve(c.about.name, specs, given, std::move(handed)), shape);
}

}  // namespace gapbench::test

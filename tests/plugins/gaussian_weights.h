// Methods that learn Gaussians, around an inner optimizer that is a function.
#pragma once

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "plugin/conformance/oracle.h"
#include "plugins/hand.h"

namespace gapbench::test {

using Asks = std::function<void(Step&)>;

/// An inner optimizer that is a function.
class Asking final : public Optimizer {
 public:
  explicit Asking(Asks asks) : asks_(std::move(asks)) {}
  void step(Step& step) override { asks_(step); }
  void archive(State&) override {}

 private:
  Asks asks_;
};

inline std::unique_ptr<Optimizer> around(const std::string& method, const Handed::Maker& inner,
                                         const std::string& text,
                                         std::span<const TensorInfo> shape) {
  const Component& c = component("optimizers_" + method);
  const auto specs = plugin::options_of(c);
  OptionMap given = plugin::parse_example(c.about.name, specs, text);
  given.insert({"inner", "sgd"});
  Handed handed;
  handed.optimizers["inner"] = inner;
  return c.make_optimizer(Options::resolve(c.about.name, specs, given, std::move(handed)), shape);
}

inline std::unique_ptr<Optimizer> around(const std::string& method, const Asks& asks,
                                         const std::string& text,
                                         std::span<const TensorInfo> shape) {
  return around(
      method, [asks](std::span<const TensorInfo>) { return std::make_unique<Asking>(asks); }, text,
      shape);
}

/// Differences of value() against gradient(), both asked by the inner optimizer at one noise.
inline void expect_derivative(Step& step) {
  std::vector<float> v(step.parameters().begin(), step.parameters().end());
  Random(4).at("away").normals(v);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = step.parameters()[i] + 0.3F * v[i];
  const At at{.parameters = v, .draw = 3};
  std::vector<float> g(v.size());
  const double value = step.gradient(at, g);
  EXPECT_NEAR(step.value(at), value, 1e-6 * std::abs(value));
  for (std::size_t i = 0; i < v.size(); ++i) {
    constexpr double h = 0.01;  // f32 outputs: a smaller one would measure their rounding
    const float there = v[i];
    v[i] = there + static_cast<float>(h);
    const double above = step.value(at);
    v[i] = there - static_cast<float>(h);
    const double below = step.value(at);
    v[i] = there;
    EXPECT_NEAR(g[i], (above - below) / (2 * h), 2e-3 + 5e-3 * std::abs(g[i])) << i;
  }
}

}  // namespace gapbench::test

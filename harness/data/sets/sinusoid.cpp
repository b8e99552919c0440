// A generated regression on one input, for methods that say how sure they are: a sine under noise.
//
//   y = sin x + noise e,   x ~ U(0, 8),   e ~ N(0, 1)
//
// The 150 training examples and the noise of 0.3 are those of the regression example of the library
// of Daxberger et al. 2021, "Laplace redux - effortless Bayesian deep learning"; the draws are not.
// Example i of a part is a pure function of (seed, part, i). Like every regression set it is
// standardized before it is trained on.

#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "data/sets/set.h"
#include "gapbench/random.h"

namespace gapbench::data {
namespace {

/// Raise it when the same options give other numbers: it is part of every trial's identity.
constexpr int generator_version = 1;

constexpr OptionSpec options[] = {
    option::integer("seed", "which inputs and noise").at_least(0).by_default(0.0),
    option::integer("examples", "of the training part").at_least(1).at_most(1e6).by_default(150.0),
    option::integer("test_examples", "of the test part").at_least(1).at_most(1e6).by_default(500.0),
    option::real("noise", "deviation of the noise").at_least(0).by_default(0.3),
};

class Sinusoid final : public Set {
 public:
  Sinusoid()
      : Set({.name = "sinusoid",
             .summary = "generated regression, a sine under noise; not real data; gapbench",
             .options = options,
             .synthetic = true,
             .regression = true,
             .shape = {1, 1, 1}}) {}

  Source read(const Place& place) const override {
    const Options& o = place.options;
    const Random random = Random(o.count("seed")).at(kind().name);
    const auto part = [&](const char* name, std::size_t rows) {
      TablePart made;
      made.rows = rows;
      for (std::size_t i = 0; i < rows; ++i) {
        Random numbers = random.at(name, i);
        const double x = 8 * numbers.uniform();
        made.features.push_back(x);
        made.targets.push_back(std::sin(x) + o.real("noise") * numbers.normal());
      }
      return made;
    };
    Source source;
    source.shape = {1, 1, 1};
    source.target_width = 1;
    source.checksum = checksum(place);
    source.notes.push_back(
        fmt::format("{}: made-up numbers; says nothing about real data", kind().name));
    source.records =
        TableRecords{part("train", o.count("examples")), part("test", o.count("test_examples"))};
    return source;
  }

  std::string checksum(const Place& place) const override {
    std::string text = fmt::format("{} version {}\n", kind().name, generator_version);
    for (const auto& [name, value] : place.options.values()) {
      text += fmt::format("{}={}\n", name, gapbench::to_text(value));
    }
    return hash_bytes(Digest::sha256, text);
  }
};

}  // namespace

std::unique_ptr<const Set> make_sinusoid() { return std::make_unique<Sinusoid>(); }

}  // namespace gapbench::data

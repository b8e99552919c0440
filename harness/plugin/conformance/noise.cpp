// The contract of regularizers that are noise.
#include <fmt/format.h>

#include <thread>

#include "plugin/conformance/checks.h"
#include "plugin/conformance/guarded.h"

namespace gapbench::plugin::conformance {
namespace {

class NoiseChecks {
 public:
  explicit NoiseChecks(const Component& component)
      : regularizer_(component.make_regularizer(example_options(component))) {}

  Finding is_finite() const {
    if (all_finite(factors(0, 1))) return std::nullopt;
    return "a factor is not finite";
  }

  Finding multiplies() const {
    const Vector of_one = factors(0, 1);
    const Vector of_two = factors(0, 2);
    for (std::size_t i = 0; i < of_one.size(); ++i) {
      if (of_two[i] == 2 * of_one[i]) continue;
      return fmt::format("a factor that held 1 gets {}, one that held 2 gets {}, not twice that",
                         of_one[i], of_two[i]);
    }
    return std::nullopt;
  }

  Finding repeats() const {
    const Vector first = factors(0, 1);
    factors(1, 1);
    if (factors(0, 1) == first) return std::nullopt;
    return "asked twice with one key, it answers differently";
  }

  Finding serves_two_threads() const {
    const Vector alone[] = {factors(0, 1), factors(1, 1)};
    for (int repeat = 0; repeat < 20; ++repeat) {
      Vector other;
      std::jthread thread([&] { other = factors(1, 1); });
      const Vector here = factors(0, 1);
      thread.join();
      if (here == alone[0] && other == alone[1]) continue;
      return "two threads at a time get other answers than one after the other";
    }
    return std::nullopt;
  }

 private:
  // The factors of one example, which held `before`.
  Vector factors(std::uint32_t example, float before) const {
    const NoiseSite site{"hidden1", 64};
    Guarded given(Vector(site.size, before));
    regularizer_->multiply_noise(site, Random(8).at("example", example), given.values());
    given.require_marks("the factors");
    return {given.values().begin(), given.values().end()};
  }

  std::unique_ptr<Regularizer> regularizer_;
};

}  // namespace

void check_noise(const Component& component, Checks& checks) {
  const auto run = [&](const char* name, Finding (NoiseChecks::*check)() const,
                       Company company = Company::alone) {
    checks.run(
        std::string("noise: ") + name, [&] { return (NoiseChecks(component).*check)(); }, company);
  };
  run("factors are finite", &NoiseChecks::is_finite);
  run("multiplies the factors it is given", &NoiseChecks::multiplies);
  run("repeats bit for bit", &NoiseChecks::repeats);
  run("serves two threads at a time", &NoiseChecks::serves_two_threads, Company::several);
}

}  // namespace gapbench::plugin::conformance

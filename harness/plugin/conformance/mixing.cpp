// The contract of regularizers that mix examples.
#include <fmt/format.h>

#include <thread>

#include "gapbench/error.h"
#include "plugin/conformance/checks.h"
#include "plugin/conformance/guarded.h"
#include "plugin/conformance/numbers.h"

namespace gapbench::plugin::conformance {
namespace {

struct Mixed {
  double share = 0;
  Vector input;
  bool operator==(const Mixed&) const = default;
};

class MixingChecks {
 public:
  explicit MixingChecks(const Component& component)
      : regularizer_(component.make_regularizer(example_options(component))) {}

  /// A row of numbers, or the smallest image, may be refused, but in words.
  Finding is_finite() const {
    for (const Shape shape : {usual, Shape{28, 28, 1}, Shape{1, 1, 5}, Shape{1, 1, 1}}) {
      try {
        for (std::uint64_t example = 0; example < examples; ++example) {
          if (all_finite(mixed(shape, example).input)) continue;
          return fmt::format("an input of {}x{}x{} is not finite afterwards", shape.height,
                             shape.width, shape.channels);
        }
      } catch (const Error&) {
        if (shape == usual) throw;
      }
    }
    return std::nullopt;
  }

  Finding shares() const {
    for (std::uint64_t example = 0; example < examples; ++example) {
      const double share = mixed(usual, example).share;
      if (!(share >= 0 && share <= 1)) return fmt::format("gives a label a share of {}", share);
    }
    return std::nullopt;
  }

  Finding heeds_both() const {
    bool heeds_own = false;
    bool heeds_other = false;
    for (std::uint64_t example = 0; example < examples; ++example) {
      const Mixed one = mixed(usual, example);
      heeds_own = heeds_own || mixed(usual, example, 11, 10) != one;
      heeds_other = heeds_other || mixed(usual, example, 9, 11) != one;
    }
    if (!heeds_own) return "its own input changes nothing";
    if (!heeds_other) return "the other's input changes nothing";
    return std::nullopt;
  }

  Finding repeats() const {
    const Mixed first = mixed(usual, 0);
    mixed(usual, 1);
    if (mixed(usual, 0) == first) return std::nullopt;
    return "asked twice with one key, it answers differently";
  }

  Finding serves_two_threads() const {
    const Mixed alone[] = {mixed(usual, 0), mixed(usual, 1)};
    for (int repeat = 0; repeat < 20; ++repeat) {
      Mixed other;
      std::jthread thread([&] { other = mixed(usual, 1); });
      const Mixed here = mixed(usual, 0);
      thread.join();
      if (here == alone[0] && other == alone[1]) continue;
      return "two threads at a time get other answers than one after the other";
    }
    return std::nullopt;
  }

 private:
  static constexpr Shape usual{8, 10, 3};
  static constexpr std::uint64_t examples = 32;  // rare draws, too

  Mixed mixed(Shape shape, std::uint64_t example, std::uint64_t own = 9,
              std::uint64_t others = 10) const {
    Guarded given(normal_vector(shape.size(), Random(own)));
    const double share =
        regularizer_->mix_input(shape, Random(8).at("example", example),
                                normal_vector(shape.size(), Random(others)), given.values());
    given.require_marks("the input");
    return {share, {given.values().begin(), given.values().end()}};
  }

  std::unique_ptr<Regularizer> regularizer_;
};

}  // namespace

void check_mixing(const Component& component, Checks& checks) {
  const auto run = [&](const char* name, Finding (MixingChecks::*check)() const,
                       Company company = Company::alone) {
    checks.run(
        std::string("mixing: ") + name, [&] { return (MixingChecks(component).*check)(); },
        company);
  };
  run("inputs stay finite", &MixingChecks::is_finite);
  run("shares are from 0 to 1", &MixingChecks::shares);
  run("heeds both inputs", &MixingChecks::heeds_both);
  run("repeats bit for bit", &MixingChecks::repeats);
  run("serves two threads at a time", &MixingChecks::serves_two_threads, Company::several);
}

}  // namespace gapbench::plugin::conformance

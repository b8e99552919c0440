// The contract of regularizers that change the data.
#include <fmt/format.h>

#include <thread>

#include "gapbench/error.h"
#include "plugin/conformance/checks.h"
#include "plugin/conformance/guarded.h"
#include "plugin/conformance/numbers.h"

namespace gapbench::plugin::conformance {
namespace {

class InputChecks {
 public:
  explicit InputChecks(const Component& component)
      : regularizer_(component.make_regularizer(example_options(component))) {}

  /// A row of numbers, or the smallest image, may be refused, but in words.
  Finding is_finite() const {
    for (const Shape shape : {usual, Shape{28, 28, 1}, Shape{1, 1, 5}, Shape{1, 1, 1}}) {
      try {
        for (std::uint64_t example = 0; example < 8; ++example) {
          if (all_finite(changed(shape, example))) continue;
          return fmt::format("an input of {}x{}x{} is not finite afterwards", shape.height,
                             shape.width, shape.channels);
        }
      } catch (const Error&) {
        if (shape == usual) throw;
      }
    }
    return std::nullopt;
  }

  /// An input is changed, not replaced by what the key alone says.
  Finding heeds_input() const {
    for (std::uint64_t example = 0; example < 8; ++example) {
      if (changed(usual, example, 9) != changed(usual, example, 10)) return std::nullopt;
    }
    return "two inputs become the same";
  }

  Finding repeats() const {
    const Vector first = changed(usual, 0);
    changed(usual, 1);
    if (changed(usual, 0) == first) return std::nullopt;
    return "asked twice with one key, it answers differently";
  }

  Finding serves_two_threads() const {
    const Vector alone[] = {changed(usual, 0), changed(usual, 1)};
    for (int repeat = 0; repeat < 20; ++repeat) {
      Vector other;
      std::jthread thread([&] { other = changed(usual, 1); });
      const Vector here = changed(usual, 0);
      thread.join();
      if (here == alone[0] && other == alone[1]) continue;
      return "two threads at a time get other answers than one after the other";
    }
    return std::nullopt;
  }

 private:
  static constexpr Shape usual{8, 10, 3};

  Vector changed(Shape shape, std::uint64_t example, std::uint64_t key = 9) const {
    Guarded given(normal_vector(shape.size(), Random(key)));
    regularizer_->change_input(shape, Random(8).at("example", example), given.values());
    given.require_marks("the input");
    return {given.values().begin(), given.values().end()};
  }

  std::unique_ptr<Regularizer> regularizer_;
};

}  // namespace

void check_inputs(const Component& component, Checks& checks) {
  const auto run = [&](const char* name, Finding (InputChecks::*check)() const,
                       Company company = Company::alone) {
    checks.run(
        std::string("data: ") + name, [&] { return (InputChecks(component).*check)(); }, company);
  };
  run("inputs stay finite", &InputChecks::is_finite);
  run("heeds the input it is given", &InputChecks::heeds_input);
  run("repeats bit for bit", &InputChecks::repeats);
  run("serves two threads at a time", &InputChecks::serves_two_threads, Company::several);
}

}  // namespace gapbench::plugin::conformance

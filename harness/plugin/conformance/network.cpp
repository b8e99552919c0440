// Checks of networks: what their builder writes down. That it is computed right is the harness's part.
#include <fmt/format.h>

#include "gapbench/error.h"
#include "plugin/conformance/checks.h"

namespace gapbench::plugin::conformance {
namespace {

struct Asked {
  Shape input;
  std::size_t outputs;
};

constexpr Asked usual{{32, 32, 3}, 10};
// Images of other sizes, rows of numbers, and the smallest there is.
constexpr Asked others[] = {{{28, 28, 1}, 10}, {{64, 64, 3}, 200}, {{96, 48, 3}, 2},
                            {{8, 8, 3}, 10},   {{7, 5, 2}, 3},     {{1, 1, 8}, 1},
                            {{1, 1, 1}, 1}};

std::string text(const Asked& asked) {
  return fmt::format("an input of {}x{}x{} and {} outputs", asked.input.height, asked.input.width,
                     asked.input.channels, asked.outputs);
}

Layers layers(const Component& c, const Asked& asked) {
  return c.build_network(example_options(c), asked.input, asked.outputs);
}

/// The layers, or the words in which it refuses.
std::string answer(const Component& c, const Asked& asked) {
  try {
    return to_text(layers(c, asked));
  } catch (const Error& e) {
    return e.what();
  }
}

Finding repeats(const Component& c) {
  const std::string first = answer(c, usual);
  for (const Asked& other : others) answer(c, other);
  if (answer(c, usual) == first) return std::nullopt;
  return fmt::format("gives other layers for {} when it is asked again", text(usual));
}

/// The builder may refuse in an Error; what it gives must be whole. Another exception is a finding of
/// the caller.
Finding fits(const Component& c) {
  for (const Asked& other : others) {
    try {
      layers(c, other);
    } catch (const Error&) {
      continue;  // refused
    }
    try {
      describe_network(c.about.name, c.build_network, example_options(c), other.input,
                       other.outputs);
    } catch (const Error& e) {
      return fmt::format("for {}: {}", text(other), e.what());
    }
  }
  return std::nullopt;
}

}  // namespace

void check_network(const Component& component, Checks& checks) {
  checks.run("describes the same layers when asked again", [&] { return repeats(component); });
  checks.run("is whole for other inputs, or refuses them in words",
             [&] { return fits(component); });
}

}  // namespace gapbench::plugin::conformance

// A network whose width depends on how often it was asked for.
#include <gapbench/plugin.h>

namespace {

gapbench::Layers build(const gapbench::Options&, gapbench::Shape input, std::size_t outputs) {
  static std::size_t calls = 0;
  return gapbench::Layers(input)
      .linear("hidden", 4 + ++calls, 2)
      .activation(gapbench::Activation::relu)
      .linear("output", outputs, gapbench::output_gain);
}

}  // namespace

GAPBENCH_PLUGIN(gapbench::network<build>(
    {.name = "counts_calls", .summary = "a network with memory; nobody", .example = ""}));

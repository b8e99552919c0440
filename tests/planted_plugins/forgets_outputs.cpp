// A network that gives as many outputs as CIFAR-10 has classes, whatever it is asked for.
#include <gapbench/plugin.h>

namespace {

gapbench::Layers build(const gapbench::Options&, gapbench::Shape input, std::size_t) {
  return gapbench::Layers(input).linear("output", 10, gapbench::output_gain);
}

}  // namespace

GAPBENCH_PLUGIN(gapbench::network<build>(
    {.name = "forgets_outputs", .summary = "always ten outputs; nobody", .example = ""}));

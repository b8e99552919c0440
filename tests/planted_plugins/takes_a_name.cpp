// A network with the name of one of gapbench's own.
#include <gapbench/plugin.h>

namespace {

gapbench::Layers build(const gapbench::Options&, gapbench::Shape input, std::size_t outputs) {
  return gapbench::Layers(input).linear("output", outputs, gapbench::output_gain);
}

}  // namespace

GAPBENCH_PLUGIN(gapbench::network<build>(
    {.name = "mlp", .summary = "a name that is taken; nobody", .example = ""}));

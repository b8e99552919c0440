// A descriptor with several mistakes, all of which are to be reported together.
#include "dummy.h"

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("lambda", "strength").at_least(0).by_default(-1.0),
    gapbench::option::real("lambda", "strength again").at_least(0).by_default(1.0),
    gapbench::option::choice("mode", "", "how").by_default(""),
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<Dummy>(
    {.name = "NotSnakeCase", .summary = "", .example = "lambda=1"}, options));

// Ends the program with success as soon as it is opened.
#include <cstdlib>

#include "../bad_plugins/dummy.h"

namespace {

[[maybe_unused]] const bool never = (std::exit(0), true);

}  // namespace

GAPBENCH_PLUGIN(dummy("exits"));

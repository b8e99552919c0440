// Throws as soon as it is opened.
#include <stdexcept>

#include "../bad_plugins/dummy.h"

namespace {

bool fails() { throw std::runtime_error("no licence for this host"); }

[[maybe_unused]] const bool never = fails();

}  // namespace

GAPBENCH_PLUGIN(dummy("throws_early"));

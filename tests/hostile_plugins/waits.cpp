// Waits for ever as soon as it is opened.
#include <unistd.h>

#include "../bad_plugins/dummy.h"

namespace {

bool waits() {
  while (true) pause();
}

[[maybe_unused]] const bool never = waits();

}  // namespace

GAPBENCH_PLUGIN(dummy("waits"));

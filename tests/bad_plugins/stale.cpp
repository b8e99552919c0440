// Built against other headers.
#include "dummy.h"

#undef GAPBENCH_HEADER_HASH
#define GAPBENCH_HEADER_HASH "0123456789abcdef"

GAPBENCH_PLUGIN(dummy("stale"));

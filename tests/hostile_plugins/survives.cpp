// Nothing is wrong with this one.
#include "../bad_plugins/dummy.h"

GAPBENCH_PLUGIN(dummy("survives"));

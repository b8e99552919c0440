// Built as Clang would build it.
#include "dummy.h"

#undef __GNUC__
#define __GNUC__ 4

GAPBENCH_PLUGIN(dummy("of_clang"));

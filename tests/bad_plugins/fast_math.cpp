// Linked with -ffast-math: loading it flips FTZ and DAZ for the whole process.
#include "dummy.h"

GAPBENCH_PLUGIN(dummy("fast_math"));

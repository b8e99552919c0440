// Offers a regularizer name that the project's own plugins have: l2.
#include "dummy.h"

GAPBENCH_PLUGIN(dummy("l2"), dummy("not_taken"));

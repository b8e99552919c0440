// Built against other headers, but holds the right fingerprint as some other text.
#include "dummy.h"

extern "C" {
extern GAPBENCH_API const char gapbench_decoy[];
}
const char gapbench_decoy[] = GAPBENCH_FINGERPRINT;

#undef GAPBENCH_HEADER_HASH
#define GAPBENCH_HEADER_HASH "0123456789abcdef"

GAPBENCH_PLUGIN(dummy("decoy"));

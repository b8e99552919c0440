// The right fingerprint, but no GAPBENCH_PLUGIN.
#include <gapbench/plugin.h>

extern "C" {
extern GAPBENCH_API const char gapbench_text[];
}
const char gapbench_text[] = GAPBENCH_FINGERPRINT;

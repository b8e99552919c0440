// Nothing is wrong here: the marker of the fingerprint stands in a text of the plugin's own.
#include "dummy.h"

extern "C" {
extern GAPBENCH_API const char gapbench_talk[];
}
const char gapbench_talk[] = "gapbench-plugin: headers=is what a fingerprint starts with";

GAPBENCH_PLUGIN(dummy("talkative"));

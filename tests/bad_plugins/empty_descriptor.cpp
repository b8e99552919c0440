// The right fingerprint and entry, but nothing in it.
#include <gapbench/plugin.h>

constinit const gapbench::PluginDescriptor gapbench_plugin_v1 = {GAPBENCH_FINGERPRINT, nullptr, 0};

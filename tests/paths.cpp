#include "paths.h"

namespace gapbench::test {

std::string source_folder() { return GAPBENCH_SOURCE_DIR; }
std::string program() { return GAPBENCH_BINARY; }
std::string plugin_folder() { return GAPBENCH_TEST_PLUGINS; }
std::string bad_plugin_folder() { return GAPBENCH_BAD_PLUGINS; }
std::string hostile_plugin_folder() { return GAPBENCH_HOSTILE_PLUGINS; }
std::string planted_plugin_folder() { return GAPBENCH_PLANTED_PLUGINS; }
std::string misbehaving_plugin_folder() { return GAPBENCH_MISBEHAVING_PLUGINS; }

}  // namespace gapbench::test

// Where the tested tree and its build lie. The only file that knows is paths.cpp, so that a
// compiler cache answers for the others whatever folder they are built in.
#pragma once

#include <string>

namespace gapbench::test {

std::string source_folder();
std::string program();                ///< the gapbench of this build
std::string plugin_folder();          ///< of the plugins of this build
std::string bad_plugin_folder();      ///< of libraries that must be refused
std::string hostile_plugin_folder();  ///< of libraries that end the process that opens them
std::string planted_plugin_folder();  ///< of plugins with one mistake each
/// Of the plugin that loads and then does what it must not.
std::string misbehaving_plugin_folder();

}  // namespace gapbench::test

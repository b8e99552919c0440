// What a trial is made with: for environment.json and for telling builds apart.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "plugin/registry.h"
#include "records/record_json.h"
#include "train/settings.h"

namespace gapbench::run {

/// The name of the environment variable that carries the command line of `gapbench run` to workers.
inline constexpr const char* command_variable = "GAPBENCH_COMMAND_LINE";

/// The name of the variable that tells a worker the libraries of its trial, one a line, where
/// `gapbench run` has opened them already.
inline constexpr const char* libraries_variable = "GAPBENCH_LIBRARIES";

/// "gapbench 0.1.0 7faf868a90c1 Release, gcc 12.2.0, oneDNN 2.6.3 AVX512". A build with local
/// changes, or of unknown commit, also names the first digits of its program's hash.
std::string build_text();

/// The plugins a trial uses: "optimizer sgd" to the SHA-256 of its library.
std::map<std::string, std::string> plugin_hashes(const train::TrialSettings& settings,
                                                 const plugin::Registry& plugins);

/// The libraries of the plugins a trial uses, each once.
std::vector<std::filesystem::path> libraries_of(const train::TrialSettings& settings,
                                                const plugin::Registry& plugins);

/// The whole of environment.json. Free of host names and of this machine's absolute paths.
records::Json environment_json(const train::TrialSettings& settings,
                               const plugin::Registry& plugins, bool shared_machine);

/// Joins arguments into one line a shell would read back; absolute paths shrink to their last part.
std::string anonymous_command_line(const std::vector<std::string>& arguments);

/// One argument as a shell would read it back.
std::string shell_quoted(const std::string& argument);

/// The arguments this process was started with.
std::vector<std::string> own_arguments();

}  // namespace gapbench::run

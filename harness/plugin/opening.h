// Libraries opened for the first time, where they can do no harm.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gapbench::plugin {

/// Opens and closes each of the libraries in another process, one process for all that come back.
/// One reason a library, empty where it can be opened: Library::load's, or how it ended the process
/// ("cannot be opened: SIGABRT: ..."), which it also does by taking longer than `seconds`.
std::vector<std::string> reasons_against(const std::vector<std::filesystem::path>& libraries,
                                         double seconds = 10);

}  // namespace gapbench::plugin

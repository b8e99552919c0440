// The folder of a suite's records.
#pragma once

#include <filesystem>

namespace gapbench::run {

/// Makes the folder and tries it. Throws Error: says now, not after an hour of training, that nothing
/// can be written there.
void require_writable(const std::filesystem::path& folder);

}  // namespace gapbench::run

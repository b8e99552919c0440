// The processor that a trial ran on.
#pragma once

#include <filesystem>
#include <string>

namespace gapbench::records {

/// What environment.json in the folder names as `machine.cpu`; empty where it names none, is damaged
/// before it does, or cannot be read. Reads no further than that: tables ask it of every trial.
std::string cpu_of(const std::filesystem::path& folder);

}  // namespace gapbench::records

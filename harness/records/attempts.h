// What is kept of an attempt that failed when its trial runs again.
#pragma once

#include <filesystem>

namespace gapbench::records {

/// Copies what the failed attempt in a trial's folder left (summary, history, times, environment,
/// log) to attempt-<n> beside it, n from 1: whole, or not at all. Nothing where the folder holds no
/// readable summary, or the last attempt kept is the same. Throws Error when it cannot be written.
void keep_attempt(const std::filesystem::path& folder);

/// Whether a folder is an attempt that keep_attempt() has kept: no trial of its own.
bool is_kept_attempt(const std::filesystem::path& folder);

}  // namespace gapbench::records

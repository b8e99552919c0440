// Where the control groups of this process lie, of version 2 and 1.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gapbench::run {

struct ControlGroup {
  std::vector<std::filesystem::path> levels;  ///< folders, the own one first
  bool is_version_2 = false;
};

/// Those of this process that may hold the controller ("memory"), as /proc tells them. `root`: where
/// /proc and /sys are.
std::vector<ControlGroup> control_groups(const std::filesystem::path& root,
                                         const std::string& controller);

/// How many processes of the group the kernel has killed for want of memory; nothing where it does
/// not count them.
std::optional<std::uint64_t> oom_kills_in(const std::filesystem::path& group, bool is_version_2);

/// Of a file of lines "<name> <count>".
std::optional<std::uint64_t> counted(const std::filesystem::path& file, const std::string& name);

}  // namespace gapbench::run

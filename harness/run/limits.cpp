#include "run/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/quantities.h"
#include "gapbench/error.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

struct Group {
  std::vector<fs::path> levels;  ///< folders, the own one first
  bool is_version_2 = false;
};

/// Where a hierarchy lies below /sys/fs/cgroup. A container may see its own group as the root: then
/// the path that /proc tells is not there.
std::vector<fs::path> levels_of(const fs::path& hierarchy, const std::string& path) {
  std::vector<fs::path> levels;
  std::error_code ignored;
  fs::path at = hierarchy / fs::path(path).relative_path();
  if (!fs::is_directory(at, ignored)) at = hierarchy;
  for (; at != hierarchy && at.has_relative_path(); at = at.parent_path()) levels.push_back(at);
  levels.push_back(hierarchy);
  return levels;
}

/// Lines of /proc/self/cgroup are "<id>:<controllers>:<path>"; version 2 has no controllers there.
std::vector<Group> groups(const fs::path& root, const std::string& controller) {
  std::vector<Group> found;
  std::ifstream in(root / "proc/self/cgroup");
  const fs::path all = root / "sys/fs/cgroup";
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (controllers == ",,") {
      found.push_back({levels_of(all, path), true});
    } else if (controllers.find("," + controller + ",") != std::string::npos) {
      found.push_back({levels_of(all / controller, path), false});
    }
  }
  return found;
}

std::optional<double> first_number(const fs::path& file) {
  std::ifstream in(file);
  double number = 0;
  return in >> number ? std::optional(number) : std::nullopt;
}

/// "200000 100000", or "max 100000", which is no quota.
std::optional<double> quota_v2(const fs::path& folder) {
  std::ifstream in(folder / "cpu.max");
  double quota = 0;
  double period = 0;
  if (!(in >> quota >> period) || !(period > 0)) return std::nullopt;
  return quota / period;
}

/// -1 is no quota.
std::optional<double> quota_v1(const fs::path& folder) {
  const auto quota = first_number(folder / "cpu.cfs_quota_us");
  const auto period = first_number(folder / "cpu.cfs_period_us");
  if (!quota || !period || !(*quota > 0) || !(*period > 0)) return std::nullopt;
  return *quota / *period;
}

/// Of a file of lines "<name> <count>".
std::optional<std::uint64_t> counted(const fs::path& file, const std::string& name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word;
    std::uint64_t count = 0;
    if (words >> word >> count && word == name) return count;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
  std::optional<double> least;
  for (const Group& group : groups(root, "cpu")) {
    for (const fs::path& level : group.levels) {
      const auto quota = group.is_version_2 ? quota_v2(level) : quota_v1(level);
      if (quota) least = std::min(*quota, least.value_or(*quota));
    }
  }
  return least;
}

std::uint64_t oom_kills(const fs::path& root) {
  for (const Group& group : groups(root, "memory")) {
    const char* file = group.is_version_2 ? "memory.events" : "memory.oom_control";
    if (const auto count = counted(group.levels.front() / file, "oom_kill")) return *count;
  }
  return counted(root / "proc/vmstat", "oom_kill").value_or(0);
}

std::size_t own_threads() {
  std::error_code code;
  std::size_t count = 0;
  fs::directory_iterator at("/proc/self/task", code);
  for (; !code && at != fs::directory_iterator(); at.increment(code)) ++count;
  return count;
}

std::uint64_t bytes_of(const char* option, const std::string& text) {
  if (const auto bytes = bytes_in(text)) return *bytes;
  throw Error(option, fmt::format("must be {}, got \"{}\"", form_of_size, text));
}

}  // namespace gapbench::run

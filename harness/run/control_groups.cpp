#include "run/control_groups.h"

#include <fstream>
#include <sstream>

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

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

}  // namespace

/// Lines of /proc/self/cgroup are "<id>:<controllers>:<path>"; version 2 has no controllers there.
std::vector<ControlGroup> control_groups(const fs::path& root, const std::string& controller) {
  std::vector<ControlGroup> found;
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

std::optional<std::uint64_t> oom_kills_in(const fs::path& group, bool is_version_2) {
  return counted(group / (is_version_2 ? "memory.events" : "memory.oom_control"), "oom_kill");
}

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

}  // namespace gapbench::run

#include "run/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "core/quantities.h"
#include "gapbench/error.h"
#include "run/control_groups.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

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

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
  std::optional<double> least;
  for (const ControlGroup& group : control_groups(root, "cpu")) {
    for (const fs::path& level : group.levels) {
      const auto quota = group.is_version_2 ? quota_v2(level) : quota_v1(level);
      if (quota) least = std::min(*quota, least.value_or(*quota));
    }
  }
  return least;
}

std::uint64_t oom_kills(const fs::path& root) {
  for (const ControlGroup& group : control_groups(root, "memory")) {
    const auto count = oom_kills_in(group.levels.front(), group.is_version_2);
    if (count) return *count;
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

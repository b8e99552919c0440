#include "run/environment.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <set>
#include <thread>

#include "core/file.h"
#include "core/hash.h"
#include "gapbench/error.h"
#include "nn/network.h"
#include "plugin/hand_over.h"
#include "records/repeat.h"
#include "run/build_stamp.h"
#include "run/limits.h"
#include "run/process.h"
#include "train/networks.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

constexpr bool commit_says_all() {
  const std::string_view commit = GAPBENCH_COMMIT;
  return commit != "unknown" && commit.find("-dirty") == std::string_view::npos;
}

/// The text after "<key> :" in a file of such lines; empty where it is not there.
std::string value_of(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, key.size(), key) != 0) continue;
    const std::size_t colon = line.find(':');
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    return colon == std::string::npos || begin == std::string::npos ? "" : line.substr(begin);
  }
  return "";
}

/// Kibibytes as in "65842904 kB".
std::uint64_t memory_bytes() {
  return std::strtoull(value_of("/proc/meminfo", "MemTotal").c_str(), nullptr, 10) * 1024;
}

std::string governor() {
  std::ifstream in("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  std::string name;
  in >> name;
  return name.empty() ? "unknown" : name;
}

std::string kernel() {
  utsname name{};
  uname(&name);
  return fmt::format("{} {}", name.sysname, name.release);
}

records::Json load_average() {
  std::array<double, 3> load{};
  const int known = getloadavg(load.data(), 3);
  records::Json json = records::Json::array();
  for (int i = 0; i < known; ++i) json.push_back(load[static_cast<std::size_t>(i)]);
  return json;
}

struct Use {
  ComponentKind kind;
  std::string name;
};

std::vector<Use> uses(const train::TrialSettings& s, const plugin::Registry& plugins) {
  std::vector<Use> list{{ComponentKind::optimizer, s.optimizer.name}};
  const auto& optimizer = *plugins.find(ComponentKind::optimizer, s.optimizer.name).component;
  for (auto& inner : plugin::inner_optimizers(optimizer, s.optimizer.options, plugins)) {
    list.push_back({ComponentKind::optimizer, std::move(inner)});
  }
  if (s.problem) list.push_back({ComponentKind::problem, s.problem->name});
  if (!s.problem && !train::is_own_network(s.network.name)) {
    list.push_back({ComponentKind::network, s.network.name});
  }
  if (!s.problem && plugins.contains(ComponentKind::data, s.data.set.name)) {
    list.push_back({ComponentKind::data, s.data.set.name});
  }
  for (const auto& r : s.regularizers) list.push_back({ComponentKind::regularizer, r.name});
  if (s.posterior && s.posterior->is_fitted()) {
    list.push_back({ComponentKind::posterior, s.posterior->posterior.name});
  }
  for (const auto& p : s.probes) list.push_back({ComponentKind::probe, p.probe.name});
  return list;
}

records::Json plugins_json(const train::TrialSettings& settings, const plugin::Registry& plugins) {
  records::Json json = records::Json::array();
  for (const Use& use : uses(settings, plugins)) {
    const plugin::Entry& entry = plugins.find(use.kind, use.name);
    json.push_back({{"kind", plugin::to_text(use.kind)},
                    {"name", use.name},
                    {"revision", entry.component->about.revision},
                    {"library", entry.library.filename().string()},
                    {"sha256", entry.library_sha256}});
  }
  return json;
}

records::Json machine_json() {
  records::Json json{{"cpu", value_of("/proc/cpuinfo", "model name")},
                     {"cores", std::thread::hardware_concurrency()},
                     {"memory_bytes", memory_bytes()},
                     {"kernel", kernel()},
                     {"governor", governor()},
                     {"load_average", load_average()}};
  if (const auto quota = cpu_quota()) json["cpu_quota"] = *quota;
  return json;
}

records::Json build_json() {
  return {{"version", GAPBENCH_VERSION},
          {"commit", GAPBENCH_COMMIT},
          {"program_sha256", hash_file(Digest::sha256, "/proc/self/exe")},
          {"headers", GAPBENCH_HEADER_HASH},
          {"compiler", "gcc " __VERSION__},
          {"build_type", GAPBENCH_BUILD_TYPE},
          {"flags", GAPBENCH_FLAGS},
          {"sanitizers", GAPBENCH_SANITIZERS}};
}

}  // namespace

std::string build_text() {
  std::string commit = GAPBENCH_COMMIT;
  if (!commit_says_all()) {
    commit += fmt::format("+{:.8}", hash_file(Digest::sha256, "/proc/self/exe"));
  }
  return fmt::format("gapbench {} {} {}, gcc {}.{}.{}, {} {}", GAPBENCH_VERSION, commit,
                     GAPBENCH_BUILD_TYPE, __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__,
                     nn::library_version(), nn::instruction_set());
}

std::map<std::string, std::string> plugin_hashes(const train::TrialSettings& settings,
                                                 const plugin::Registry& plugins) {
  std::map<std::string, std::string> hashes;
  for (const Use& use : uses(settings, plugins)) {
    const std::string key = std::string(plugin::to_text(use.kind)) + " " + use.name;
    hashes[key] = plugins.find(use.kind, use.name).library_sha256;
  }
  return hashes;
}

std::vector<fs::path> libraries_of(const train::TrialSettings& settings,
                                   const plugin::Registry& plugins) {
  std::set<fs::path> libraries;
  for (const Use& use : uses(settings, plugins)) {
    libraries.insert(plugins.find(use.kind, use.name).library);
  }
  return {libraries.begin(), libraries.end()};
}

records::Json environment_json(const train::TrialSettings& settings,
                               const plugin::Registry& plugins, bool shared_machine) {
  const char* command = std::getenv(command_variable);
  return {
      {"schema", records::record_schema},
      {"started", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
      {"command", command != nullptr ? command : anonymous_command_line(own_arguments())},
      {"gapbench", build_json()},
      {"plugins", plugins_json(settings, plugins)},
      {"data_checksum", settings.data.checksum},
      {"onednn", {{"version", nn::library_version()}, {"instruction_set", nn::instruction_set()}}},
      {"machine", machine_json()},
      {"threads", settings.threads},
      {"affinity", allowed_cores()},
      {"shared_machine", shared_machine}};
}

std::vector<std::string> own_arguments() {
  std::vector<std::string> arguments;
  std::string all;
  try {
    all = read_file("/proc/self/cmdline");
  } catch (const Error&) {
    return {"gapbench"};  // no /proc here: not worth a trial
  }
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find('\0', begin), all.size());
    arguments.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return arguments;
}

std::string shell_quoted(const std::string& argument) { return records::shell_quoted(argument); }

std::string anonymous_command_line(const std::vector<std::string>& arguments) {
  std::vector<std::string> words;
  for (std::string argument : arguments) {
    const std::size_t value = argument.compare(0, 2, "--") == 0 ? argument.find('=') + 1 : 0;
    const fs::path path = argument.substr(value);
    if (path.is_absolute()) {
      const fs::path name = path.has_filename() ? path.filename() : path.parent_path().filename();
      argument = argument.substr(0, value) + name.string();
    }
    words.push_back(shell_quoted(argument));
  }
  return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace gapbench::run

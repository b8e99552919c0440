#include <fmt/format.h>

#include <map>

#include "core/hash.h"
#include "suite/labels.h"
#include "suite/load.h"
#include "suite/trial_file.h"

namespace gapbench::suite {
namespace {

constexpr std::size_t longest_folder_name = 120;

std::string short_hash(const std::string& text) {
  return hash_bytes(Digest::sha256, text).substr(0, 8);
}

using DataKey = std::pair<std::string, OptionMap>;

/// Asks once for each data set; reports all that cannot be used together.
std::map<DataKey, std::string> checksums(const Suite& suite, const Checksum& checksum) {
  std::map<DataKey, std::string> found;
  std::vector<Error> errors;
  for (const Trial& trial : suite.trials) {
    const train::DataSettings& data = trial.settings.data;
    const DataKey key{data.set.name, data.set.options};
    if (trial.settings.problem || found.contains(key)) continue;
    found[key];
    try {
      found[key] = checksum(data);
    } catch (const Error& e) {
      errors.push_back(e);
    }
  }
  if (errors.size() == 1) throw errors[0];
  if (errors.empty()) return found;
  std::string text = fmt::format("{} data sets cannot be used", errors.size());
  for (const Error& e : errors) text += fmt::format("\n{}", e.what());
  throw Error(suite.source.string(), text);
}

/// A name as one folder; a long one is cut and told apart by a hash.
std::string folder_name(const std::string& name) {
  if (name.size() <= longest_folder_name) return name;
  return fmt::format("{}~{}", name.substr(0, longest_folder_name), short_hash(name));
}

/// "sgd[batch=64]" is "sgd@batch=64", which no shell interprets.
std::string method_folder(const std::string& method) {
  std::string name;
  for (const char c : method) {
    if (c != ']') name += c == '[' ? '@' : c;
  }
  return folder_name(name);
}

void require_distinct(const Suite& suite) {
  std::map<std::string, const Trial*> first;
  for (const Trial& trial : suite.trials) {
    const auto [at, is_new] = first.emplace(trial.identity, &trial);
    if (is_new) continue;
    throw Error(suite.source.string(),
                fmt::format("two trials are the same: {} and {}", at->second->folder.string(),
                            trial.folder.string()));
  }
}

}  // namespace

void seal(Suite& suite, const Checksum& checksum) {
  const auto found = checksums(suite, checksum);
  for (Trial& trial : suite.trials) {
    train::DataSettings& data = trial.settings.data;
    if (!trial.settings.problem) data.checksum = found.at({data.set.name, data.set.options});
    trial.identity = identity(trial.settings);
  }
  const std::vector<ProblemLabel> labels = problem_labels(suite);
  for (std::size_t i = 0; i < suite.trials.size(); ++i) {
    Trial& trial = suite.trials[i];
    constexpr std::size_t shown_hash = 8;
    trial.folder =
        std::filesystem::path(suite.name) / folder_name(labels[i].data) /
        folder_name(labels[i].network) / method_folder(trial.settings.method) /
        fmt::format("seed-{}-{}", trial.settings.seed, trial.identity.substr(0, shown_hash));
  }
  require_distinct(suite);
}

}  // namespace gapbench::suite

#include <fmt/format.h>

#include <map>
#include <optional>
#include <tuple>

#include "core/hash.h"
#include "suite/load.h"
#include "suite/trials/labels.h"
#include "suite/trials/trial_file.h"

namespace gapbench::suite {
namespace {

using DataKey = std::tuple<std::string, OptionMap, std::optional<double>>;

DataKey key_of(const train::DataSettings& data) {
  return {data.set.name, data.set.options, data.test_fraction};
}

/// Asks once for each data set; reports all that cannot be used together.
std::map<DataKey, std::string> checksums(const Suite& suite, const Checksum& checksum) {
  std::map<DataKey, std::string> found;
  std::vector<Error> errors;
  for (const Trial& trial : suite.trials) {
    const train::DataSettings& data = trial.settings.data;
    const DataKey key = key_of(data);
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

/// Identities and folders, those of a source before those of the trials that follow it.
class Sealer {
 public:
  Sealer(Suite& suite, std::vector<ProblemLabel> labels)
      : suite_(suite), labels_(std::move(labels)), sealed_(suite.trials.size()) {
    for (std::size_t i = 0; i < suite_.trials.size(); ++i) by_place_[place(i)] = i;
  }

  void seal_all() {
    for (std::size_t i = 0; i < suite_.trials.size(); ++i) seal(i);
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string, std::uint64_t>;

  Key place(std::size_t i) const {
    const train::TrialSettings& settings = suite_.trials[i].settings;
    return {labels_[i].data, labels_[i].network, settings.method, settings.seed};
  }

  /// "suite/cifar10/cnn3/sgd", or "suite/tuning/cifar10/cnn3/sgd@learning_rate=0.1".
  std::filesystem::path method_path(std::size_t i) const {
    const train::TrialSettings& settings = suite_.trials[i].settings;
    const std::filesystem::path head = suite_.name;
    return (settings.tuning ? head / "tuning" : head) / folder_name(labels_[i].data) /
           folder_name(labels_[i].network) / method_folder(settings.method);
  }

  /// A trial whose settings are still to be chosen, and all that follow it, stay without identity.
  void seal(std::size_t i) {
    if (sealed_[i]) return;
    sealed_[i] = true;
    Trial& trial = suite_.trials[i];
    trial.folder = method_path(i) / fmt::format("seed-{}", trial.settings.seed);
    bool open = trial.search.has_value();
    std::vector<std::size_t> followed;
    for (train::TrajectorySource& source : trial.settings.sources) {
      Key key = place(i);
      std::get<2>(key) = source.method;
      followed.push_back(by_place_.at(key));
      seal(followed.back());
      train::TrialSettings& there = suite_.trials[followed.back()].settings;
      (source.hands == train::Hands::steps ? there.record_steps : there.record_end) = true;
      source.identity = suite_.trials[followed.back()].identity;
      open = open || source.identity.empty();
    }
    if (open) return;
    trial.identity = identity(trial.settings);
    constexpr std::size_t shown_hash = 8;
    trial.folder += fmt::format("-{}", trial.identity.substr(0, shown_hash));
    for (std::size_t s = 0; s < followed.size(); ++s) {
      const auto& there = suite_.trials[followed[s]].folder;
      trial.settings.sources[s].folder = there.lexically_relative(trial.folder).string();
    }
  }

  Suite& suite_;
  std::vector<ProblemLabel> labels_;
  std::vector<bool> sealed_;
  std::map<Key, std::size_t> by_place_;
};

void require_distinct(const Suite& suite) {
  std::map<std::string, const Trial*> first;
  for (const Trial& trial : suite.trials) {
    if (trial.identity.empty()) continue;
    const auto [at, is_new] = first.emplace(trial.identity, &trial);
    if (is_new) continue;
    throw Error(suite.source.string(),
                fmt::format("two trials are the same: {} and {}", at->second->folder.string(),
                            trial.folder.string()));
  }
}

}  // namespace

void settle(Suite& suite) {
  Sealer(suite, problem_labels(suite)).seal_all();
  require_distinct(suite);
}

void seal(Suite& suite, const Checksum& checksum) {
  const auto found = checksums(suite, checksum);
  for (Trial& trial : suite.trials) {
    train::DataSettings& data = trial.settings.data;
    if (!trial.settings.problem) data.checksum = found.at(key_of(data));
  }
  settle(suite);
}

}  // namespace gapbench::suite

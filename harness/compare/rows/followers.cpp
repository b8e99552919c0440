#include "compare/rows/followers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "compare/rows/grouping.h"
#include "compare/rows/twins.h"
#include "gapbench/error.h"
#include "suite/trials/trial_file.h"

namespace gapbench::compare {
namespace {

using records::Record;

/// Followers of followers of ...: no suite makes a circle, but a damaged file may.
constexpr int deepest = 8;

/// Settings in which a method's name may stand for its trial; those of the problem cannot.
bool may_name_a_trial(const std::string& key) {
  return key == "start" || key.starts_with("optimizer.") || key.starts_with("regularizer.");
}

class Sources {
 public:
  explicit Sources(const std::vector<Record>& records) {
    for (const Record& record : records) {
      methods_.insert(record.method);
      known_.emplace(record.identity, &record);
    }
  }

  /// Whether trial.yaml may tell of a source.
  bool may_follow(const Record& record) const {
    return std::ranges::any_of(record.settings, [&](const auto& setting) {
      const auto* text = std::get_if<std::string>(&setting.second);
      return setting.first == "start" ||
             (text != nullptr && may_name_a_trial(setting.first) && methods_.contains(*text));
    });
  }

  /// What the trials that it followed were set to; what cannot be read is unknown.
  OptionMap followed(const Record& record, int depth = 0) const {
    OptionMap settings;
    std::vector<train::TrajectorySource> sources;
    try {
      sources = suite::read_trial(record.folder / "trial.yaml").sources;
    } catch (const Error&) {
      return settings;
    }
    for (const train::TrajectorySource& source : sources) {
      const std::string prefix = fmt::format("follows.{}", source.method);
      try {
        const auto found = known_.find(source.identity);
        const std::filesystem::path folder = (record.folder / source.folder).lexically_normal();
        const Record there = found != known_.end() ? *found->second : records::read_record(folder);
        if (there.identity != source.identity) throw Error(prefix, "is another trial");
        add(prefix, without_measuring(there.settings), settings);
        if (depth < deepest && may_follow(there)) add(prefix, followed(there, depth + 1), settings);
      } catch (const Error&) {
        settings[prefix] = std::string("a trial that is gone");
      }
    }
    return settings;
  }

 private:
  static void add(const std::string& prefix, const OptionMap& more, OptionMap& settings) {
    for (const auto& [key, value] : more) settings[fmt::format("{}.{}", prefix, key)] = value;
  }

  std::set<std::string> methods_;
  std::map<std::string, const Record*> known_;  ///< by identity
};

/// All that a row is told by.
std::string row_of(const Record& record) {
  std::string key = fmt::format("{}\n{}\n{}", record.dataset, record.network, record.method);
  for (const auto& [name, value] : record.settings) {
    if (!is_measuring(name)) key += fmt::format("\n{}={}", name, gapbench::to_text(value));
  }
  return key;
}

}  // namespace

void tell_followers_apart(records::Records& records) {
  const Sources sources(records.good);
  std::map<std::string, std::vector<std::pair<Record*, OptionMap>>> rows;
  for (Record& record : records.good) {
    if (sources.may_follow(record)) {
      rows[row_of(record)].emplace_back(&record, sources.followed(record));
    }
  }
  for (const auto& [key, followers] : rows) {
    std::vector<const OptionMap*> maps;
    for (const auto& [record, settings] : followers) maps.push_back(&settings);
    for (const std::string& differing : keys_that_differ(maps)) {
      for (const auto& [record, settings] : followers) {
        const auto found = settings.find(differing);
        if (found != settings.end()) record->settings[differing] = found->second;
      }
    }
  }
}

}  // namespace gapbench::compare

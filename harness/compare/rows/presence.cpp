#include "compare/rows/presence.h"

#include <algorithm>
#include <set>

#include "records/suite_note.h"

namespace gapbench::compare {
namespace {

namespace fs = std::filesystem;

/// Whether a record of the trial is begun there, be it asked for or not.
bool is_on_disk(const fs::path& folder) {
  std::error_code ignored;  // what cannot be looked at is not there
  return fs::exists(folder / "summary.json", ignored) || fs::exists(folder / "trial.yaml", ignored);
}

}  // namespace

std::vector<Presence> presence(const records::Records& records) {
  std::set<std::string> seen;
  for (const auto& record : records.good) seen.insert(records::trial_name(record.folder));
  for (const auto& broken : records.broken) seen.insert(records::trial_name(broken.folder));
  for (const auto& folder : records.unfinished) seen.insert(records::trial_name(folder));
  std::set<std::string> listed;  // by any suite.json: a tree may lie here twice
  for (const records::SuiteNote& suite : records.suites) {
    listed.insert(suite.trials.begin(), suite.trials.end());
  }
  std::vector<Presence> result;
  for (const records::SuiteNote& suite : records.suites) {
    if (suite.trials.empty()) continue;
    Presence of{suite.name, suite.trials.size(), {}, {}};
    for (const std::string& trial : suite.trials) {
      if (!seen.contains(trial) && !is_on_disk(suite.folder / trial)) of.missing.push_back(trial);
    }
    for (const auto& record : records.good) {
      if (record.suite == suite.name && !listed.contains(records::trial_name(record.folder))) {
        of.stale.push_back(record.folder.generic_string());
      }
    }
    if (!of.missing.empty() || !of.stale.empty()) result.push_back(std::move(of));
  }
  return result;
}

}  // namespace gapbench::compare

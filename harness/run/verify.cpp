#include "run/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/file.h"
#include "core/hash.h"
#include "gapbench/error.h"
#include "records/outcomes.h"
#include "records/record_json.h"
#include "records/trajectory.h"
#include "run/runner.h"
#include "suite/suite.h"
#include "suite/trials/trial_file.h"
#include "train/traces.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;
using train::Status;

using Numbers = nlohmann::json;  // the order of its keys does not count

/// The history as it was written: times stand in another file.
std::vector<Numbers> evaluations(const fs::path& record) {
  const fs::path file = record / "history.jsonl";
  std::vector<Numbers> all;
  for (const std::string& line : records::whole_lines(file)) {
    all.push_back(Numbers::parse(line, nullptr, false));
    if (all.back().is_discarded()) {
      throw Error(file.string(), fmt::format("line {} is not valid JSON", all.size()));
    }
  }
  return all;
}

/// "test/loss is 1.25, was 1.5". Gaps follow from other numbers: they are named if nothing else is.
std::string first_change(const Numbers& recorded, const Numbers& repeated) {
  const Numbers changes = Numbers::diff(recorded, repeated);
  const auto measured = std::find_if(changes.begin(), changes.end(), [](const Numbers& change) {
    return !change["path"].get<std::string>().starts_with("/gaps");
  });
  const Numbers& change = measured == changes.end() ? changes.front() : *measured;
  const Numbers::json_pointer place(change["path"].get<std::string>());
  const auto text = [&place](const Numbers& json) {
    return json.contains(place) ? json[place].dump() : std::string("not there");
  };
  return fmt::format("{} is {}, was {}", place.to_string().substr(1), text(repeated),
                     text(recorded));
}

/// <suite>/<dataset>/<network>/<method>/seed-..., wherever the tree lies.
fs::path place_in_tree(const fs::path& folder) {
  constexpr std::ptrdiff_t levels = 5;
  const fs::path whole = fs::absolute(folder).lexically_normal();
  fs::path place;
  for (auto part =
           std::prev(whole.end(), std::min(levels, std::distance(whole.begin(), whole.end())));
       part != whole.end(); ++part) {
    place /= *part;
  }
  return place;
}

/// Ended by its own numbers, as it would again.
bool is_repeatable(Status status) { return status == Status::ok || status == Status::diverged; }

/// Each trial once; those of a sample in an order that the draw and their identities decide.
std::vector<const records::Record*> chosen(const records::Records& records,
                                           const VerifyOptions& options) {
  std::map<std::string, const records::Record*> by_draw;
  std::set<std::string> seen;
  for (const records::Record& record : records.good) {
    if (!is_repeatable(record.outcome.status) || !seen.insert(record.identity).second) continue;
    const std::string key = fmt::format("{} {}", options.draw, record.identity);
    by_draw[hash_bytes(Digest::sha256, key)] = &record;
  }
  std::vector<const records::Record*> list;
  for (const auto& [key, record] : by_draw) {
    if (options.sample == 0 || list.size() < options.sample) list.push_back(record);
  }
  std::sort(list.begin(), list.end(), [](const records::Record* a, const records::Record* b) {
    return a->folder < b->folder;
  });
  return list;
}

/// The trials to run: those asked for that can be, and what they follow.
class Repetition {
 public:
  explicit Repetition(const records::Records& records) {
    for (const records::Record& record : records.good)
      by_identity_.emplace(record.identity, &record);
  }

  /// Why it cannot be run; empty where it can.
  std::string add(const records::Record& record) {
    const auto [known, is_new] = why_not_.emplace(record.identity, "");
    if (is_new) why_not_[record.identity] = try_add(record);
    return why_not_[record.identity];
  }

  suite::Suite suite;

 private:
  std::string try_add(const records::Record& record) {
    train::TrialSettings settings;
    try {
      settings = suite::read_trial(record.folder / "trial.yaml");
    } catch (const Error& e) {
      return e.what();
    }
    const std::string identity = suite::identity(settings);
    if (identity != record.identity) {
      return fmt::format("its trial.yaml has the identity {:.8} here, and the record {:.8}",
                         identity, record.identity);
    }
    for (const train::TrajectorySource& source : settings.sources) {
      const auto followed = by_identity_.find(source.identity);
      if (followed == by_identity_.end()) {
        return fmt::format("it follows {}, of which there is no record", source.method);
      }
      const std::string why = add(*followed->second);
      if (!why.empty()) return fmt::format("it follows {}: {}", source.method, why);
    }
    suite.trials.push_back({std::move(settings), identity, place_in_tree(record.folder)});
    return "";
  }

  std::map<std::string, const records::Record*> by_identity_;
  std::map<std::string, std::string> why_not_;
};

/// Records that are older than the numbers of a chain's mixing have none: these are not compared.
void leave_out_unrecorded_mixing(const Numbers& recorded, Numbers& repeated) {
  const Numbers::json_pointer place("/posterior/values");
  if (!recorded.contains(place) || !repeated.contains(place)) return;
  const auto is_mixing = [](const Numbers& value) {
    return value.value("probe", "") == train::mixing_name;
  };
  if (std::ranges::any_of(recorded[place], is_mixing)) return;
  Numbers& values = repeated[place];
  values.erase(std::remove_if(values.begin(), values.end(), is_mixing), values.end());
}

/// Nor were the bins of the calibration error kept from the beginning.
void leave_out_unrecorded_bins(const Numbers& recorded, Numbers& repeated) {
  for (const auto& [name, part] : train::predicted_parts) {
    const Numbers::json_pointer place(fmt::format("/predictive/{}", name));
    if (!recorded.contains(place) || !repeated.contains(place)) continue;
    if (!recorded[place].contains("bins")) repeated[place].erase("bins");
  }
}

void leave_out_unrecorded(const Numbers& recorded, Numbers& repeated) {
  leave_out_unrecorded_mixing(recorded, repeated);
  leave_out_unrecorded_bins(recorded, repeated);
}

/// Of what the tables read: summary.json has the last evaluation once more.
std::string summary_difference(const train::Outcome& then, const train::Outcome& now) {
  const auto numbers = [](const train::Outcome& outcome) {
    return outcome.final ? Numbers(records::history_json(*outcome.final)) : Numbers::object();
  };
  const Numbers recorded = numbers(then);
  Numbers repeated = numbers(now);
  leave_out_unrecorded(recorded, repeated);
  return recorded == repeated ? "" : "summary.json: " + first_change(recorded, repeated);
}

/// Of what others follow: steps.f32, where the trial has recorded its steps.
std::string steps_difference(const records::Record& recorded, const fs::path& repeated_in) {
  if (!is_there(recorded.folder / records::steps_file)) {
    return recorded.steps_sha256.empty() ? "" : "steps.f32 is missing";
  }
  const std::vector<float> then = records::read_steps(recorded.folder);
  const std::string& due = recorded.steps_sha256;
  if (!due.empty() && records::steps_hash(then) != due) {
    return "steps.f32 is not what summary.json has the hash of";
  }
  if (!is_there(repeated_in / records::steps_file)) return "";  // nobody follows it there
  const std::vector<float> now = records::read_steps(repeated_in);
  const auto [a, b] = std::ranges::mismatch(then, now);
  if (a == then.end() && b == now.end()) return "";
  const auto step = a - then.begin();
  if (a == then.end() || b == now.end()) {
    return fmt::format("steps.f32 has {} steps, was {}", now.size(), then.size());
  }
  return fmt::format("steps.f32: the length of step {} is {}, was {}", step, *b, *a);
}

/// "example 12 is predicted as 3, was 5"; empty where that is not what differs.
std::string outcome_difference(const records::Record& then, const records::Record& now) {
  const records::Outcomes recorded = records::read_outcomes(then);
  const records::Outcomes repeated = records::read_outcomes(now);
  for (std::size_t i = 0; i < std::min(recorded.size(), repeated.size()); ++i) {
    if (recorded[i].predicted == repeated[i].predicted) continue;
    return fmt::format("example {} is predicted as {}, was {}", i, repeated[i].predicted,
                       recorded[i].predicted);
  }
  return "has other bits";
}

/// Of the files kept beside the numbers: each must be the one of its summary, and come again.
std::string files_difference(const records::Record& then, const records::Record& now) {
  for (const auto& [name, hash] : then.files) {
    if (!is_there(then.folder / name)) return name + " is missing";
    if (hash_file(Digest::sha256, then.folder / name) != hash) {
      return name + " is not the one that summary.json was written with";
    }
    const auto again = now.files.find(name);
    const bool outcomes = name == records::outcomes_file;
    if (again == now.files.end() && !outcomes) continue;  // nobody starts from it there
    if (again == now.files.end()) return name + " is not there";
    if (again->second == hash) continue;
    return name + ": " + (outcomes ? outcome_difference(then, now) : "has other bits");
  }
  return "";
}

Verified compared(const records::Record& recorded, const fs::path& repeated_in) {
  const train::Outcome& then = recorded.outcome;
  const records::Record repeated = records::read_record(repeated_in);
  const train::Outcome& now = repeated.outcome;
  if (now.status != then.status || now.step != then.step) {
    return {recorded, is_repeatable(now.status) ? Repeated::differs : Repeated::not_repeated,
            fmt::format("{} at step {}{}{}, was {} at step {}", train::to_text(now.status),
                        now.step, now.reason.empty() ? "" : ": ", now.reason,
                        train::to_text(then.status), then.step)};
  }
  std::string difference = history_difference(recorded.folder, repeated_in);
  if (difference.empty()) difference = summary_difference(then, now);
  if (difference.empty()) difference = steps_difference(recorded, repeated_in);
  if (difference.empty()) difference = files_difference(recorded, repeated);
  return {recorded, difference.empty() ? Repeated::same : Repeated::differs, difference};
}

}  // namespace

std::string history_difference(const fs::path& recorded, const fs::path& repeated) {
  const std::vector<Numbers> then = evaluations(recorded);
  std::vector<Numbers> now = evaluations(repeated);
  for (std::size_t i = 0; i < std::min(then.size(), now.size()); ++i) {
    leave_out_unrecorded(then[i], now[i]);
    if (then[i] == now[i]) continue;
    return fmt::format("step {}: {}", then[i].value("step", std::uint64_t{0}),
                       first_change(then[i], now[i]));
  }
  if (then.size() == now.size()) return "";
  return fmt::format("{} evaluations, were {}", now.size(), then.size());
}

Verification verify(const records::Records& records, const VerifyOptions& options) {
  Verification result;
  result.left_out = static_cast<std::size_t>(
      std::count_if(records.good.begin(), records.good.end(),
                    [](const records::Record& r) { return !is_repeatable(r.outcome.status); }));
  const std::vector<const records::Record*> asked = chosen(records, options);
  if (asked.empty())
    throw Error("records", "no trial that ended ok or diverged: nothing to verify");
  for (const records::Record* record : asked) {
    std::error_code absent;
    if (fs::equivalent(options.run.results / place_in_tree(record->folder), record->folder,
                       absent)) {
      throw Error(options.run.results.string(),
                  "holds the records themselves: give another folder");
    }
  }
  Repetition again(records);
  again.suite.name = "verify";
  std::vector<std::string> why;
  for (const records::Record* record : asked) why.push_back(again.add(*record));
  if (!again.suite.trials.empty() && run_suite(again.suite, options.run) == exit_interrupted) {
    result.interrupted = true;
    return result;
  }
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Verified verified{*asked[i], Repeated::not_repeated, why[i]};
    try {
      if (why[i].empty()) {
        verified = compared(*asked[i], options.run.results / place_in_tree(asked[i]->folder));
      }
    } catch (const Error& e) {
      verified.why = e.what();
    }
    result.trials.push_back(std::move(verified));
  }
  return result;
}

}  // namespace gapbench::run

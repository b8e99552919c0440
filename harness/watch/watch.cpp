#include "watch/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "gapbench/error.h"
#include "records/checkpoint.h"
#include "records/durations.h"
#include "records/suite_note.h"
#include "records/text.h"
#include "suite/trials/trial_file.h"

namespace gapbench::watch {
namespace {

namespace fs = std::filesystem;

std::string group_of(const std::string& name) { return name.substr(0, name.rfind('/')); }

/// A folder of a suite that has not begun any trial yet is no mistake here.
records::Records read(const std::vector<fs::path>& roots) {
  records::Records all;
  for (const fs::path& root : roots) {
    if (!fs::is_directory(root)) throw Error(root.string(), "no such folder of records");
  }
  try {
    return records::read_records(roots);
  } catch (const Error&) {
    for (const fs::path& root : roots) {
      std::error_code code;
      if (!fs::exists(root / "suite.json", code)) continue;
      try {
        all.suites.push_back(records::read_suite_note(root / "suite.json"));
      } catch (const Error& e) {
        all.broken.push_back({root / "suite.json", e.what()});
      }
    }
    if (all.suites.empty() && all.broken.empty()) throw;
  }
  return all;
}

/// Whether one of the roots holds this trial of the suite: a root may be a part of a suite.
bool is_asked_for(const std::string& trial, const fs::path& suite,
                  const std::vector<fs::path>& roots) {
  return std::any_of(roots.begin(), roots.end(), [&](const fs::path& root) {
    const std::string part = root.lexically_relative(suite).generic_string();
    return part.empty() || part == "." || part.starts_with("..") || trial == part ||
           trial.starts_with(part + "/");
  });
}

std::set<std::string> planned(const records::Records& records, const std::vector<fs::path>& roots) {
  std::vector<fs::path> places;
  std::error_code ignored;
  for (const fs::path& root : roots) places.push_back(fs::weakly_canonical(root, ignored));
  std::set<std::string> names;
  for (const records::SuiteNote& note : records.suites) {
    const fs::path suite = fs::weakly_canonical(note.folder, ignored);
    for (const std::string& trial : note.trials) {
      if (is_asked_for(trial, suite, places)) names.insert(trial);
    }
  }
  return names;
}

double quiet_seconds(const fs::path& folder) {
  auto newest = fs::file_time_type::min();
  for (const char* name : {"trial.yaml", "history.jsonl", "timing.jsonl", "log.txt", "lease",
                           records::checkpoint_file}) {
    std::error_code code;
    const auto time = fs::last_write_time(folder / name, code);
    if (!code) newest = std::max(newest, time);
  }
  if (newest == fs::file_time_type::min()) return 0;
  const std::chrono::duration<double> age = fs::file_time_type::clock::now() - newest;
  return std::max(0.0, age.count());  // a cluster's clocks need not agree
}

std::optional<double> share_done(const fs::path& folder, const train::Evaluation& last) {
  const train::TrialSettings settings = suite::read_trial(folder / "trial.yaml");
  if (!(settings.budget.count > 0)) return std::nullopt;
  const bool epochs = settings.budget.unit == train::Length::Unit::epochs;
  const double spent = epochs ? last.epoch : static_cast<double>(last.step);
  return std::clamp(spent / settings.budget.count, 0.0, 1.0);
}

Begun begun(const fs::path& folder) {
  Begun trial;
  trial.name = records::trial_name(folder);
  trial.quiet_seconds = quiet_seconds(folder);
  std::error_code code;
  if (!fs::exists(folder / "timing.jsonl", code)) return trial;  // before the first evaluation
  const records::History history = records::read_history(folder);
  trial.broken = history.broken;
  if (history.evaluations.empty()) return trial;
  trial.last = history.evaluations.back();
  try {
    trial.done = share_done(folder, *trial.last);
  } catch (const Error& e) {
    trial.broken = e.what();
  }
  double spent = trial.last->cost.total.wall_seconds;
  const auto checkpoint = records::peek_checkpoint(folder);
  if (checkpoint && checkpoint->step <= checkpoint->steps && checkpoint->step > trial.last->step) {
    trial.done = static_cast<double>(checkpoint->step) / static_cast<double>(checkpoint->steps);
    spent = std::max(spent, checkpoint->seconds);
  }
  if (trial.done && *trial.done > 0) {
    // What came before the first step does not come again.
    const train::Evaluation& first = history.evaluations.front();
    const double before = first.step == 0 ? first.cost.total.wall_seconds : 0;
    trial.spent_seconds = spent;
    trial.remaining_seconds =
        std::max(0.0, (spent - before) * (1 - *trial.done) / *trial.done - trial.quiet_seconds);
  }
  return trial;
}

/// Of the finished trials of one method, and of all: a trial that waits has no settings yet, only the
/// name of its folder.
records::Durations durations_of(const records::Records& records) {
  records::Durations durations;
  for (const records::Record& r : records.good) {
    if (r.outcome.status != train::Status::ok) continue;
    for (const std::string& name : {group_of(records::trial_name(r.folder)), std::string()}) {
      durations.add(name, r.outcome.cost.total.wall_seconds);
    }
  }
  return durations;
}

std::optional<double> usual(const records::Durations& durations, const std::string& name) {
  const auto own = durations.of(group_of(name));
  return own ? own : durations.of("");
}

/// Nothing where the length of a single trial is unknown.
std::optional<double> seconds_left(const SuiteProgress& progress,
                                   const records::Durations& durations,
                                   const std::vector<std::string>& waiting) {
  double sum = 0;
  double known = 0;
  for (const Begun& trial : progress.begun) {
    const auto like = usual(durations, trial.name);
    if (trial.remaining_seconds < 0 && !like) return std::nullopt;
    sum += trial.remaining_seconds >= 0 ? trial.remaining_seconds
                                        : std::max(0.0, *like - trial.quiet_seconds);
    if (trial.done && *trial.done > 0) known = trial.spent_seconds / *trial.done;
  }
  for (const std::string& name : waiting) {
    const auto like = usual(durations, name);
    if (!like && known == 0) return std::nullopt;
    sum += like ? *like : known;
  }
  return sum / static_cast<double>(std::max<std::size_t>(1, progress.begun.size()));
}

std::string why(const train::Outcome& outcome) {
  const std::string reason = outcome.reason.empty() ? "" : ": " + outcome.reason;
  return fmt::format("{} at step {}{}", train::to_text(outcome.status), outcome.step, reason);
}

bool is_of_tuning(const fs::path& folder) {
  return std::any_of(folder.begin(), folder.end(),
                     [](const fs::path& part) { return part == "tuning"; });
}

std::string head_text(const SuiteProgress& p) {
  std::vector<std::string> statuses;
  for (const auto& [status, count] : p.done) {
    statuses.push_back(fmt::format("{} {}", count, train::to_text(status)));
  }
  std::string text =
      fmt::format("{}: {} of {} done", fmt::join(p.suites, ", "), p.finished(), p.total);
  if (!statuses.empty()) text += fmt::format(" ({})", fmt::join(statuses, ", "));
  text += fmt::format(", {} begun, {} waiting", p.begun.size(), p.waiting);
  if (p.tuning > 0 || (p.tuned > 0 && p.waiting == p.total)) {
    text += fmt::format("; tuning: {} finished, {} begun", p.tuned, p.tuning);
  }
  if (p.is_finished()) return text + "; finished";
  return p.seconds_left
             ? text + fmt::format("; about {} left", records::duration_text(*p.seconds_left))
             : text;
}

std::string line(const Begun& trial) {
  std::string text = fmt::format("  begun   {}", trial.name);
  if (trial.done) text += fmt::format("  {:.0f} %", 100 * *trial.done);
  if (trial.last) {
    text +=
        fmt::format("  epoch {:.4g}  train loss {:.4g}", trial.last->epoch, trial.last->train.loss);
    if (trial.last->test) text += fmt::format("  test loss {:.4g}", trial.last->test->loss);
  }
  text += fmt::format("  last sign {} ago", records::duration_text(trial.quiet_seconds));
  return trial.broken.empty() ? text : text + fmt::format("  (unreadable: {})", trial.broken);
}

std::string line(const Failed& trial) {
  return fmt::format("  failed  {}  {}", trial.name, trial.why);
}

std::string line(const records::BrokenRecord& record) {
  return fmt::format("  broken  {}: {}", record.folder.generic_string(), record.reason);
}

template <class T>
std::string lines(const std::vector<T>& list, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(most, list.size()); ++i)
    text += records::plain(line(list[i])) + "\n";
  if (list.size() > most) text += fmt::format("          and {} more\n", list.size() - most);
  return text;
}

}  // namespace

std::size_t SuiteProgress::finished() const {
  std::size_t count = 0;
  for (const auto& [status, trials] : done) count += trials;
  return count;
}

SuiteProgress look(const std::vector<fs::path>& roots) {
  const records::Records records = read(roots);
  SuiteProgress progress;
  std::set<std::string> names;
  for (const records::SuiteNote& note : records.suites) names.insert(note.name);
  for (const records::Record& record : records.good) names.insert(record.suite);
  progress.suites.assign(names.begin(), names.end());
  std::set<std::string> waiting = planned(records, roots);
  const bool is_planned = !waiting.empty();
  std::set<std::string> seen;
  for (const records::Record& record : records.good) {
    const std::string name = records::trial_name(record.folder);
    // A record of settings that the suite no longer has is none of its trials.
    if (is_planned && !waiting.contains(name)) continue;
    if (record.outcome.status == train::Status::interrupted) continue;  // will be repeated
    if (!seen.insert(name).second) continue;
    ++progress.done[record.outcome.status];
    if (record.outcome.status != train::Status::ok) {
      progress.failed.push_back({name, why(record.outcome)});
    }
  }
  for (const records::Record& record : records.tuning) {
    progress.tuned += record.outcome.status == train::Status::interrupted ? 0 : 1;
  }
  for (const fs::path& folder : records.unfinished) {
    if (is_of_tuning(folder)) {
      ++progress.tuning;
      continue;
    }
    const std::string name = records::trial_name(folder);
    if (is_planned && !waiting.contains(name)) continue;
    if (seen.insert(name).second) progress.begun.push_back(begun(folder));
  }
  for (const std::string& name : seen) waiting.erase(name);
  progress.broken = records.broken;
  progress.waiting = waiting.size();
  progress.total = seen.size() + waiting.size();
  progress.seconds_left =
      seconds_left(progress, durations_of(records), {waiting.begin(), waiting.end()});
  return progress;
}

std::string to_text(const SuiteProgress& progress, std::size_t most) {
  return records::plain(head_text(progress)) + "\n" + lines(progress.begun, most) +
         lines(progress.failed, most) + lines(progress.broken, most);
}

}  // namespace gapbench::watch

#include "run/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/attempts.h"
#include "records/checkpoint.h"
#include "records/record.h"
#include "records/suite_note.h"
#include "records/text.h"
#include "run/lease.h"
#include "run/options.h"
#include "run/process.h"
#include "run/slurm/queue.h"
#include "run/slurm/submission.h"
#include "suite/trials/trial_file.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

/// The order in which states are told: what is done, what is on its way, what is not.
constexpr const char* states[] = {"ok",        "diverged", "timeout",     "out_of_memory",
                                  "crashed",   "error",    "skipped",     "running",
                                  "starting",  "queued",   "interrupted", "cut_off",
                                  "no_record", "broken",   "open"};

/// The places of the trials that have a folder of their own.
std::set<std::string> begun_places(const fs::path& folder) {
  std::set<std::string> places;
  std::error_code code;
  for (fs::recursive_directory_iterator at(folder, code), end; at != end; at.increment(code)) {
    if (records::is_kept_attempt(at->path()) || at->path() == folder / slurm::slurm_folder) {
      at.disable_recursion_pending();
      continue;
    }
    const fs::path name = at->path().filename();
    if (name != "trial.yaml" && name != "summary.json") continue;
    places.insert(at->path().parent_path().lexically_relative(folder).generic_string());
  }
  if (code) throw Error(folder.string(), "cannot be read: " + code.message());
  return places;
}

/// A suite's trials: those that it names, those that were submitted, and those that lie there.
class Places {
 public:
  void add(const std::string& place) {
    if (seen_.insert(place).second) all_.push_back(place);
  }

  /// Without those whose settings were not chosen where the chosen ones are known.
  std::vector<std::string> take() {
    std::set<std::string> chosen;
    for (const std::string& place : all_) {
      const std::string unchosen = slurm::unchosen_place(place);
      if (unchosen != place) chosen.insert(unchosen);
    }
    std::erase_if(all_, [&](const std::string& place) { return chosen.contains(place); });
    return std::move(all_);
  }

 private:
  std::set<std::string> seen_;
  std::vector<std::string> all_;
};

struct Submitted {
  std::vector<slurm::Submission> all;
  slurm::Queue queue;
  std::string note;
};

Submitted submitted(const fs::path& folder) {
  Submitted found{slurm::submissions(folder), {}, ""};
  try {
    found.queue = slurm::queue(found.all);
  } catch (const Error& e) {
    found.note = fmt::format("Slurm cannot be asked ({}): from records and leases alone", e.what());
  }
  return found;
}

/// The log of the last task that Slurm has started for the place; empty where none was.
fs::path last_log(const Submitted& slurm, const std::string& place) {
  fs::path last;
  for (const slurm::Submission& submission : slurm.all) {
    for (const slurm::Array& array : submission.arrays) {
      for (std::size_t t = 0; t < array.tasks.size(); ++t) {
        const std::string& own = array.tasks[t].place;
        if (own != place && own != slurm::unchosen_place(place)) continue;
        const fs::path log = submission.folder / "log" / fmt::format("{}_{}.txt", array.job, t);
        if (is_there(log)) last = log;
      }
    }
  }
  return last;
}

/// What the trial's folder says; nothing where it was not begun.
std::optional<TrialState> state_of_record(const fs::path& folder, const std::string& place) {
  if (is_there(folder / "summary.json")) {
    try {
      const records::Record record = records::read_record(folder);
      const train::Outcome& o = record.outcome;
      if (o.status == train::Status::ok) return TrialState{place, "ok"};
      if (o.status != train::Status::interrupted) {
        return TrialState{place, train::to_text(o.status),
                          fmt::format("at step {} of {}: {}", o.step, o.steps, o.reason)};
      }
    } catch (const Error& e) {
      return TrialState{place, "broken", e.what()};
    }
  }
  if (const auto checkpoint = records::peek_checkpoint(folder)) {
    return TrialState{place, "interrupted",
                      fmt::format("at step {} of {}", checkpoint->step, checkpoint->steps)};
  }
  if (is_there(folder / "trial.yaml")) return TrialState{place, "cut_off"};
  return std::nullopt;
}

bool has_ended(const TrialState& state) {
  return state.state != "interrupted" && state.state != "cut_off" && state.state != "broken";
}

const char* words(Holder holder) {
  return holder == Holder::here ? "on this machine" : "on another machine";
}

TrialState state_of(const fs::path& suite, const std::string& place, const Submitted& slurm) {
  const fs::path folder = suite / place;
  const auto recorded = state_of_record(folder, place);
  const slurm::Live* live = find(slurm.queue, place);
  const std::string job = live == nullptr ? "" : live->job;
  const std::string detail = recorded ? recorded->detail : "";
  const Holder holder = holder_of(folder, RunOptions().lease_seconds);
  if (holder != Holder::nobody) return {place, "running", words(holder), job};
  if (recorded && has_ended(*recorded)) return *recorded;
  if (live != nullptr) {
    const std::string separator = live->reason.empty() || detail.empty() ? "" : "; ";
    return {place, live->is_queued ? "queued" : "starting", live->reason + separator + detail, job};
  }
  if (recorded) return *recorded;
  const fs::path log = slurm.note.empty() ? last_log(slurm, place) : fs::path();
  if (log.empty()) return {place, "open"};
  return {place, "no_record", fmt::format("{}: {}", log.string(), last_line(log))};
}

}  // namespace

std::map<std::string, std::size_t> Status::counts() const {
  std::map<std::string, std::size_t> counts;
  for (const TrialState& trial : trials) ++counts[trial.state];
  return counts;
}

Status status(const fs::path& folder) {
  if (!is_there(folder / "suite.json")) {
    throw Error(folder.string(), "is no suite's folder in the results: it has no suite.json");
  }
  const records::SuiteNote note = records::read_suite_note(folder / "suite.json");
  const Submitted slurm = submitted(folder);
  Places places;
  for (const std::string& place : note.trials) places.add(place);
  for (const slurm::Submission& submission : slurm.all) {
    for (const slurm::Array& array : submission.arrays) {
      for (const slurm::Task& task : array.tasks) places.add(task.place);
    }
  }
  for (const std::string& place : begun_places(folder)) places.add(place);
  Status result{note.name, {}, slurm.note};
  for (const std::string& place : places.take()) {
    result.trials.push_back(state_of(folder, place, slurm));
  }
  return result;
}

std::string to_text(const Status& status, bool trials) {
  std::string text;
  if (!status.note.empty()) text += fmt::format("note: {}\n", records::plain(status.note));
  if (trials) {
    for (const TrialState& t : status.trials) {
      text += records::plain(fmt::format("{:<13}  {}{}{}{}{}", t.state, t.place,
                                         t.job.empty() ? "" : "  job ", t.job,
                                         t.detail.empty() ? "" : "  ", t.detail)) +
              "\n";
    }
  }
  const std::size_t all = status.trials.size();
  text += fmt::format("{}: {} trial{}\n", status.suite, all, all == 1 ? "" : "s");
  const auto counts = status.counts();
  for (const char* state : states) {
    const auto found = counts.find(state);
    if (found != counts.end()) text += fmt::format("{:>7} {}\n", found->second, state);
  }
  return text;
}

records::Json to_json(const Status& status) {
  const auto counts = status.counts();
  records::Json json{{"suite", status.suite}, {"counts", records::Json::object()}};
  for (const char* state : states) {
    const auto found = counts.find(state);
    if (found != counts.end()) json["counts"][state] = found->second;
  }
  if (!status.note.empty()) json["note"] = status.note;
  records::Json trials = records::Json::array();
  for (const TrialState& t : status.trials) {
    records::Json trial{{"trial", t.place}, {"state", t.state}};
    if (!t.detail.empty()) trial["detail"] = t.detail;
    if (!t.job.empty()) trial["job"] = t.job;
    trials.push_back(std::move(trial));
  }
  json["trials"] = std::move(trials);
  return json;
}

}  // namespace gapbench::run

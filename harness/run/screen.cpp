#include "run/screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "core/isolated.h"
#include "records/text.h"
#include "run/environment.h"
#include "run/say.h"

namespace gapbench::run {
namespace {

using train::Status;

/// "6 ok, 1 diverged, 1 crashed", the statuses in their own order.
std::string counts_text(const std::map<Status, std::size_t>& counts) {
  std::string text;
  for (const auto& [status, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, train::to_text(status));
  }
  return text;
}

/// Nothing of it is in a table.
bool is_tuning(const suite::Suite& suite) {
  return std::ranges::all_of(suite.trials,
                             [](const suite::Trial& trial) { return trial.settings.tuning; });
}

void print_failures(const RunEnd& end) {
  for (const records::Record& record : end.failures) {
    const train::Outcome& o = record.outcome;
    say("\n{}: {} at step {} of {}: {}\n  log:    {}\n  repeat: {}\n", records::trial_text(record),
        train::to_text(o.status), o.step, o.steps, records::plain(o.reason),
        (record.folder / "log.txt").string(), end.repeat_command(record));
  }
  std::size_t failures = 0;
  for (const auto& [status, count] : end.counts) failures += status == Status::ok ? 0 : count;
  if (failures > end.failures.size()) {
    say("\nand {} more that are not ok\n", failures - end.failures.size());
  }
}

}  // namespace

void print_plan(const suite::Suite& suite, const Plan& plan, const RunOptions& options) {
  for (const std::string& warning : plan.warnings) {
    std::fputs(fmt::format("warning: {}\n", warning).c_str(), stderr);
  }
  for (const auto& [plugin, count] : plan.of_another_build) {
    say("{} finished trial{} by another build of {}; --redo changed runs {} again\n", count,
        count == 1 ? " was made" : "s were made", plugin, count == 1 ? "it" : "them");
  }
  std::size_t not_here = 0;
  for (const auto& [why, count] : plan.not_here) {
    say("{} trial{} cannot run on this machine: {}\n", count, count == 1 ? "" : "s", why);
    not_here += count;
  }
  const std::size_t all = suite.trials.size();
  const std::string head = fmt::format("{} trial{}: ", all, all == 1 ? "" : "s");
  if (plan.tasks.empty()) {
    say("{}{} finished already, nothing to do{}\n", head, all - not_here,
        not_here > 0 ? " here" : "");
    for (const auto& [status, count] : plan.finished_before) {
      if (status == train::Status::ok) continue;
      say("{} of them {}; --retry {} runs {} again\n", count, train::to_text(status),
          train::to_text(status), count == 1 ? "it" : "them");
    }
    return;
  }
  if (options.quiet) return;
  const std::size_t before = all - plan.tasks.size() - not_here;
  say("{}{}{} to run, {} at a time, {} thread{} each\n", head,
      before > 0 ? fmt::format("{} finished already, ", before) : "", plan.tasks.size(),
      plan.slots.size(), plan.records.front().threads,
      plan.records.front().threads == 1 ? "" : "s");
  constexpr std::size_t shown = 10;
  std::size_t again = 0;
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    if (plan.why[i].empty() || ++again > shown) continue;
    say("again: {}: {}\n", records::trial_text(plan.records[i]), plan.why[i]);
  }
  if (again > shown) say("again: and {} more\n", again - shown);
}

int print_end(const suite::Suite& suite, const Plan& plan, const RunEnd& end) {
  std::map<Status, std::size_t> counts = plan.finished_before;
  for (const auto& [status, count] : end.counts) counts[status] += count;
  std::size_t known = 0;
  for (const auto& [status, count] : counts) known += count;
  std::string text = counts_text(counts);
  const std::size_t open = suite.trials.size() - known;
  if (open > 0) text += fmt::format("{}{} not run", text.empty() ? "" : ", ", open);
  const std::string where = end.folder.string();
  say("{} trial{}: {} in {}{}\n", suite.trials.size(), suite.trials.size() == 1 ? "" : "s", text,
      records::duration_text(end.seconds), where.empty() ? "" : "; records in " + where);
  if (end.signal == 0) print_failures(end);
  if (end.signal == 0 && !where.empty() && counts[Status::ok] > 0 && !is_tuning(suite)) {
    say("next: gapbench compare {}\n", shell_quoted(where));
  }
  if (end.signal != 0) {
    say("stopped by {}{}\n", signal_name(end.signal),
        where.empty() ? "" : "; the same command goes on with what is left");
  }
  if (end.signal != 0) return exit_interrupted;
  return counts[Status::ok] == suite.trials.size() ? 0 : 2;
}

}  // namespace gapbench::run

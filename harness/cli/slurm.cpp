// The flags of Slurm, and gapbench cancel
#include "cli/slurm.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <memory>
#include <set>
#include <string_view>

#include "cli/commands.h"
#include "core/quantities.h"
#include "gapbench/error.h"
#include "run/slurm/queue.h"
#include "run/slurm/submission.h"

namespace gapbench::cli {

void OnSlurm::add(CLI::App& command) {
  const char* group = "On a cluster";
  command.add_option("--on", on, "Submit one array with a task a trial: slurm")
      ->check(CLI::IsMember({"slurm"}))
      ->option_text("slurm")
      ->group(group);
  command.add_option("--partition", partition, "Slurm's partition, or several joined by commas")
      ->group(group);
  command.add_option("--time", time, "Time limit of a task, 3m at least: 30m, 12h")
      ->type_name("TIME")
      ->group(group);
  command.add_option("--at-once", at_once, "Most tasks at work at the same time")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command.add_option("--sbatch", sbatch, "A further option of sbatch, as in --sbatch=--account=x")
      ->allow_extra_args(false)
      ->type_name("OPTION")
      ->group(group);
  command.add_flag("--wait", wait, "Until all have ended; then the next look, where there is one")
      ->group(group);
}

void OnSlurm::require_asked() const {
  if (is_asked()) return;
  for (const auto& [flag, is_given] :
       {std::pair("--partition", !partition.empty()), std::pair("--time", !time.empty()),
        std::pair("--at-once", at_once > 0), std::pair("--sbatch", !sbatch.empty()),
        std::pair("--wait", wait)}) {
    if (is_given) throw Error(flag, "has a meaning with --on slurm only");
  }
}

suite::SlurmSettings OnSlurm::over(suite::SlurmSettings settings) const {
  if (!partition.empty()) settings.partition = partition;
  if (!time.empty()) settings.seconds = seconds_of("--time", time);
  if (settings.seconds && *settings.seconds < suite::shortest_slurm_seconds) {
    throw Error("--time",
                "must be 3m at least: a task is told a minute before its end, and Slurm "
                "may tell it a minute earlier");
  }
  if (at_once > 0) settings.at_once = at_once;
  settings.sbatch.insert(settings.sbatch.end(), sbatch.begin(), sbatch.end());
  if (!partition.empty()) {
    if (const auto wrong = suite::mistake_in_partition(partition); !wrong.empty()) {
      throw Error("--partition", wrong);
    }
  }
  for (const std::string& option : sbatch) {
    if (const auto wrong = suite::mistake_in_sbatch(option); !wrong.empty()) {
      throw Error("--sbatch", wrong);
    }
  }
  return settings;
}

bool has_whole_machine() {
  const char* given = std::getenv("SLURM_CPUS_ON_NODE");  // of this job
  if (given == nullptr) return false;
  const std::string_view text = given;
  long cpus = 0;
  std::from_chars(text.data(), text.data() + text.size(), cpus);
  return cpus >= sysconf(_SC_NPROCESSORS_ONLN);
}

namespace {

int cancel(const std::filesystem::path& folder) {
  const auto all = run::slurm::submissions(folder);
  if (all.empty()) throw Error(folder.string(), "nothing of it was submitted to Slurm");
  std::set<std::string> jobs;
  std::size_t queued = 0;
  std::size_t at_work = 0;
  for (const auto& [place, live] : run::slurm::queue(all)) {
    jobs.insert(live.array);
    ++(live.is_queued ? queued : at_work);
  }
  if (jobs.empty()) {
    fmt::print("Slurm has nothing of {}\n", folder.string());
    return all_ok;
  }
  run::slurm::cancel({jobs.begin(), jobs.end()});
  fmt::print("cancelled: job{} {}, {} at work (they write a checkpoint), {} queued\n",
             jobs.size() == 1 ? "" : "s", fmt::join(jobs, ", "), at_work, queued);
  return all_ok;
}

}  // namespace

void add_cancel(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("cancel", "End what Slurm has of a suite");
  command->footer(
      "Example: gapbench cancel results/suite\n"
      "Trials at work write a checkpoint; `gapbench run SUITE --on slurm` goes on with them.");
  auto folder = std::make_shared<std::string>();
  command->add_option("results", *folder, "The suite's folder in the results")->required();
  command->callback([folder, &action] { action = [folder] { return cancel(*folder); }; });
}

}  // namespace gapbench::cli

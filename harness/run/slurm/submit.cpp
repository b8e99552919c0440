#include "run/slurm/submit.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/suite_note.h"
#include "run/folder.h"
#include "run/lease.h"
#include "run/say.h"
#include "run/slurm/arrays.h"
#include "run/slurm/wait.h"
#include "run/tuned.h"

namespace gapbench::run::slurm {
namespace {

namespace fs = std::filesystem;

const char* plural(std::size_t count) { return count == 1 ? "" : "s"; }

struct Counts {
  std::size_t finished = 0;
  std::size_t at_work = 0;
  std::size_t queued = 0;
  std::size_t open = 0;  ///< neither: to be submitted
};

Counts count(const Standing& now, const Queue& queue) {
  Counts counts;
  counts.finished = now.finished;
  for (const Open& trial : now.open) {
    const Live* live = find(queue, trial.task.place);
    ++(live == nullptr ? counts.open : live->is_queued ? counts.queued : counts.at_work);
  }
  return counts;
}

std::string to_text(const Counts& c) {
  const std::size_t all = c.finished + c.at_work + c.queued + c.open;
  return fmt::format("{} trial{}: {} finished, {} at work in Slurm, {} queued, {} to submit", all,
                     plural(all), c.finished, c.at_work, c.queued, c.open);
}

/// The trials that count have their folders only where their settings are chosen.
void note_suite(const fs::path& folder, const suite::Suite& part, const RunOptions& options) {
  if (!part.searches.empty()) {
    const Tuned left = tuned(part, options);
    if (left.is_whole && left.may_choose(options)) {
      const auto chosen = suite::final_stage(part, suite::choices(part, left.tried));
      return records::write_suite_note(folder, chosen);
    }
  }
  records::write_suite_note(folder, part);
}

/// What makes a job's name this submission's alone.
std::string token() { return fmt::format("{:08x}", std::random_device{}()); }

std::string indices(const Group& group) {
  std::string text;
  for (const Task& task : group.tasks) text += fmt::format("{}\n", task.index);
  return text;
}

/// The options of sbatch that the script cannot hold.
std::vector<std::string> sbatch_options(const Submission& submission, const Group& group,
                                        std::size_t k, const Order& order) {
  const Array& array = submission.arrays[k];
  const std::string at_once =
      order.settings.at_once ? fmt::format("%{}", *order.settings.at_once) : "";
  std::vector<std::string> after = group.after_jobs;
  for (const std::size_t g : group.after_groups) after.push_back(submission.arrays[g].job);
  std::vector<std::string> options{
      "--job-name=" + array.name, fmt::format("--array=0-{}{}", group.tasks.size() - 1, at_once),
      "--chdir=" + submission.folder.string(), "--output=log/%A_%a.txt"};
  if (!after.empty()) {
    options.push_back(fmt::format("--dependency=afterany:{}", fmt::join(after, ":")));
  }
  options.push_back((submission.folder / "batch.sh").string());
  options.push_back(std::to_string(k));
  return options;
}

/// Writes down what is about to be handed over before it is, so that nothing is ever unknown.
Submission prepare(const std::vector<Group>& groups, const std::string& suite,
                   const fs::path& suite_folder, const Order& order) {
  Submission submission{next_folder(suite_folder), {}};
  write_file_atomically(submission.folder / "suite.yaml", read_file(order.suite_file));
  write_file_atomically(submission.folder / "batch.sh",
                        batch_script(order, suite, submission.folder));
  for (std::size_t k = 0; k < groups.size(); ++k) {
    write_file_atomically(submission.folder / fmt::format("array-{}", k), indices(groups[k]));
    submission.arrays.push_back(
        {fmt::format("{}.{}.{}.{}", suite, submission.folder.filename().string(), k, token()), "",
         groups[k].tasks});
  }
  write_jobs(submission);
  return submission;
}

Submission hand_over(const std::vector<Group>& groups, const std::string& suite,
                     const fs::path& suite_folder, const Order& order) {
  Submission submission = prepare(groups, suite, suite_folder, order);
  for (std::size_t k = 0; k < groups.size(); ++k) {
    try {
      submission.arrays[k].job = submit(sbatch_options(submission, groups[k], k, order));
    } catch (const Error& e) {
      if (k == 0) remove_folder(submission.folder);
      if (k == 0) throw;
      throw Error("sbatch", fmt::format("{}; {} of {} arrays were submitted, the same command "
                                        "submits the rest",
                                        e.what(), k, groups.size()));
    }
    write_jobs(submission);
  }
  return submission;
}

std::string jobs_text(const Submission& submission) {
  std::vector<std::string> jobs;
  for (const Array& array : submission.arrays) jobs.push_back(array.job);
  return fmt::format("{}", fmt::join(jobs, ", "));
}

/// What a run would do, in words.
void show(const std::vector<Group>& groups, const Counts& counts, const suite::Suite& suite,
          const fs::path& suite_folder, const Order& order) {
  say("{}", batch_script(order, suite.name, suite_folder / slurm_folder / "N"));
  for (std::size_t k = 0; k < groups.size(); ++k) {
    const std::size_t after = groups[k].after_groups.size() + groups[k].after_jobs.size();
    say("# array {}: {} trial{}{}\n", k, groups[k].tasks.size(), plural(groups[k].tasks.size()),
        after > 0 ? ", when those have ended that it waits for" : "");
  }
  say("# {}\n", to_text(counts));
}

/// 0 or 2 where there is nothing to submit and nothing on its way.
std::optional<int> submit_open(const suite::Suite& whole, const suite::Suite& part,
                               const RunOptions& options, const Order& order,
                               const fs::path& folder) {
  constexpr double longest_submission = 600;  // seconds; a lease is not renewed here
  const auto lease =
      order.dry_run ? std::nullopt : Lease::take(folder / slurm_folder, longest_submission);
  if (!order.dry_run && !lease) {
    throw Error((folder / slurm_folder).string(),
                "another command is submitting this suite; wait for its end");
  }
  const Standing now = standing(whole, part, options);
  const Queue live = queue(submissions(folder));
  const Counts counts = count(now, live);
  const auto all = groups(now.open, live, largest_array(), order.settings.at_once.has_value());
  if (order.dry_run) {
    show(all, counts, part, folder, order);
    return 0;
  }
  say("{}{}\n", now.text, to_text(counts));
  if (counts.at_work + counts.queued + counts.open == 0) return now.is_ok ? 0 : 2;
  if (counts.open == 0) return std::nullopt;
  const Submission submission = hand_over(all, part.name, folder, order);
  say("submitted as job{} {}; script and logs in {}\n", plural(submission.arrays.size()),
      jobs_text(submission), submission.folder.string());
  return std::nullopt;
}

}  // namespace

std::optional<int> run_on_slurm(const suite::Suite& whole, const suite::Suite& part,
                                const RunOptions& options, const Order& order) {
  if (whole.trials.empty()) throw Error(whole.source.string(), "the suite has no trials");
  if (!whole.tune.ties.empty()) {
    throw Error("tune.ties",
                "Slurm's arrays know their trials before any has run; give the seeds as "
                "tune.seeds, or run on this machine");
  }
  // Tasks start elsewhere in the tree of files.
  const fs::path folder = fs::absolute(records::suite_folder(options.results, whole));
  if (!order.dry_run) {
    require_writable(folder / slurm_folder);
    note_suite(folder, part, options);
  }
  const auto code = submit_open(whole, part, options, order, folder);
  if (code || !order.wait) {
    if (!code) say("gapbench status {} tells how far they are\n", folder.string());
    return code;
  }
  if (!wait_for_end(folder)) return exit_interrupted;
  const Standing now = standing(whole, part, options);
  say("{}{} trial{} finished, {} left\n", now.text, now.finished, plural(now.finished),
      now.open.size());
  return now.is_ok ? 0 : 2;
}

}  // namespace gapbench::run::slurm

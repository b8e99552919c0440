// What was handed to Slurm, and what it was: files below <suite>/slurm/<number>/.
//
//   suite.yaml   the suite file as it was submitted; overrides stand in the script as flags
//   batch.sh     the script of every task
//   jobs.json    the arrays: their names and job numbers, and which task is which trial
//   array-<k>    of array k, for the script: line t + 1 is the index of task t's trial in the suite
//   log/         what the tasks said, <job>_<task>.txt
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gapbench::run::slurm {

/// One task of an array.
struct Task {
  std::size_t index = 0;  ///< of its trial in the sealed suite: those of tuning first
  std::string place;  ///< of its record in the suite's folder; without the hash where not chosen
};

struct Array {
  std::string name;  ///< the job's, its alone: the array is found by it whatever its number is
  std::string job;   ///< Slurm's number; empty until it is known
  std::vector<Task> tasks;
};

struct Submission {
  std::filesystem::path folder;
  std::vector<Array> arrays;
};

inline constexpr const char* slurm_folder = "slurm";
inline constexpr const char* jobs_file = "jobs.json";

/// "d/n/sgd/seed-1" for "d/n/sgd/seed-1-0a1b2c3d"; the same where there is no hash.
std::string unchosen_place(const std::string& place);

/// Writes jobs.json, atomically. Throws Error.
void write_jobs(const Submission& submission);

/// All submissions of a suite, the oldest first; none where there is none. Throws Error for one that
/// cannot be read.
std::vector<Submission> submissions(const std::filesystem::path& suite_folder);

/// Makes the folder of the next submission. Throws Error.
std::filesystem::path next_folder(const std::filesystem::path& suite_folder);

}  // namespace gapbench::run::slurm

// How the trials of a suite are to run where Slurm has the machines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gapbench::suite {

struct Node;
class Mistakes;

/// What Slurm is asked for, for each trial; no part of any trial's identity. Nothing: as the site
/// has it.
struct SlurmSettings {
  std::string partition{};
  std::optional<double> seconds{};              ///< time limit of a task
  std::optional<std::uint64_t> memory_bytes{};  ///< most private memory of a trial
  std::optional<std::size_t> at_once{};         ///< tasks at work at the same time
  std::vector<std::string> sbatch{};            ///< further options of sbatch: "--account=theory"

  bool operator==(const SlurmSettings&) const = default;
};

/// slurm: {partition: short, time: 2h, memory: 4G, at_once: 50, sbatch: [--account=theory]}
SlurmSettings read_slurm(const Node& node, Mistakes& mistakes);

/// What is wrong with a partition, or with an option of sbatch, that is to stand in a batch script;
/// empty where nothing is.
std::string mistake_in_partition(const std::string& partition);
std::string mistake_in_sbatch(const std::string& option);

/// A task is asked to stop so long before its time limit, and Slurm may ask as much earlier.
inline constexpr double slurm_notice_seconds = 60;
inline constexpr double shortest_slurm_seconds = 3 * slurm_notice_seconds;

}  // namespace gapbench::suite

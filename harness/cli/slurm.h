// What `run` and its companions ask of Slurm.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "run/slurm/script.h"
#include "suite/suite.h"

namespace gapbench::cli {

/// The flags of `gapbench run` that have to do with Slurm.
struct OnSlurm {
  std::string on;  ///< empty: here
  std::string partition;
  std::string time;
  std::size_t at_once = 0;
  std::vector<std::string> sbatch;
  bool wait = false;

  void add(CLI::App& command);
  bool is_asked() const { return !on.empty(); }
  /// Throws Error for flags that make no sense without --on slurm.
  void require_asked() const;
  /// What the suite asks for, and in its place what was given here. Throws Error.
  suite::SlurmSettings over(suite::SlurmSettings settings) const;
};

/// Whether a task of Slurm that runs this process has its machine for itself.
bool has_whole_machine();

}  // namespace gapbench::cli

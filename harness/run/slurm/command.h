// Another program, run to its end.
#pragma once

#include <string>
#include <vector>

namespace gapbench::run::slurm {

struct Answer {
  int code = 0;  ///< its exit code; 128 + n for signal n
  std::string output;
  std::string error;  ///< what it wrote to standard error
};

/// Runs words[0], found in PATH, without input. Throws Error that names `who` where there is no such
/// program, or the system refuses a process.
Answer call(const char* who, const std::vector<std::string>& words);

}  // namespace gapbench::run::slurm

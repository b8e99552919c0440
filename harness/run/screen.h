// What a run says on standard output before and after its trials.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "records/record.h"
#include "run/options.h"
#include "run/plan.h"
#include "suite/suite.h"

namespace gapbench::run {

/// "8 trials: 2 finished already, 6 to run, 2 side by side", warnings, and why trials run again.
void print_plan(const suite::Suite& suite, const Plan& plan, const RunOptions& options);

/// So many failed trials are told one by one.
inline constexpr std::size_t failures_shown = 10;

/// How the trials of a run ended. It does not grow with their number.
struct RunEnd {
  std::map<train::Status, std::size_t> counts;
  std::span<const records::Record> failures;  ///< the first failures_shown that are not ok
  std::function<std::string(const records::Record&)> repeat_command;
  std::filesystem::path folder;  ///< empty where it is nobody's
  int signal = 0;                ///< that stopped the run
  double seconds = 0;
};

/// Prints the closing lines, every trial that is not ok among them, and returns the exit code.
int print_end(const suite::Suite& suite, const Plan& plan, const RunEnd& end);

}  // namespace gapbench::run

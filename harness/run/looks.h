// Seeds until decided: a suite run look by look.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "run/options.h"
#include "suite/suite.h"

namespace gapbench::run {

/// What is known after a look.
struct Standing {
  bool taken = false;          ///< all that the look takes is there
  std::set<std::string> open;  ///< problems with a claim that is not decided
  std::string text;            ///< lines that say what became of each claim
};

/// Which problem a trial is on, in the words of Standing::open.
using ProblemOf = std::function<std::string(const train::TrialSettings&)>;

/// What will be run in any case: all tuning trials, and the seeds of the first look.
suite::Suite first_look(const suite::Suite& suite);

/// Runs a part of the suite; the exit code of run_suite(), or nothing where its trials have not ended
/// when it returns.
using RunPart = std::function<std::optional<int>(const suite::Suite& part)>;

/// Runs a suite with looks: the seeds of the first look; then, of problems with a
/// claim that is not decided, those of the next. All rows of a problem get them, since they are
/// compared with each other. Ends where all claims are decided, where the looks are spent, and where
/// a look cannot be taken since another share has its trials, or they have not ended. The highest exit
/// code of the looks.
int run_looks(const suite::Suite& suite, const RunPart& run_part, const ProblemOf& problem_of,
              const std::function<Standing(std::size_t look)>& stand);

}  // namespace gapbench::run

#include "run/looks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "run/say.h"

namespace gapbench::run {
namespace {

/// Tuning trials, and of those that count the first `seeds_of(trial)`. Searches point at tuning trials,
/// which stand before all others and stay where they are.
suite::Suite part_of(const suite::Suite& suite,
                     const std::function<std::size_t(const suite::Trial&)>& seeds_of) {
  suite::Suite part = suite;
  std::erase_if(part.trials, [&](const suite::Trial& trial) {
    return !trial.settings.tuning && trial.settings.seed - suite.looks.first >= seeds_of(trial);
  });
  return part;
}

}  // namespace

suite::Suite first_look(const suite::Suite& suite) {
  return part_of(suite, [&](const suite::Trial&) { return suite.looks.at.front(); });
}

int run_looks(const suite::Suite& suite, const RunPart& run_part, const ProblemOf& problem_of,
              const std::function<Standing(std::size_t)>& stand) {
  const std::vector<std::size_t>& looks = suite.looks.at;
  std::map<std::string, std::size_t> seeds;  // by problem
  for (const suite::Trial& trial : suite.trials) {
    if (!trial.settings.tuning) seeds[problem_of(trial.settings)] = looks.front();
  }
  int code = 0;
  for (std::size_t look = 0; look < looks.size(); ++look) {
    const suite::Suite part = part_of(
        suite, [&](const suite::Trial& trial) { return seeds.at(problem_of(trial.settings)); });
    const auto ended = run_part(part);
    if (!ended) {
      say("look {} of {} is taken when its trials have ended: run again then\n", look + 1,
          looks.size());
      return code;
    }
    code = std::max(code, *ended);
    if (code == exit_interrupted) return code;
    const Standing standing = stand(look);
    say("{}", standing.text);
    if (!standing.taken) {
      say("look {} of {} is not taken: trials of it are not there; run again when they are\n",
          look + 1, looks.size());
      return code;
    }
    if (standing.open.empty()) {
      say("look {} of {}: every claim is decided\n", look + 1, looks.size());
      return code;
    }
    if (look + 1 == looks.size()) {
      say("look {} of {}, the last: what is open stays not decided\n", look + 1, looks.size());
      return code;
    }
    for (auto& [problem, count] : seeds) {
      if (standing.open.contains(problem)) count = looks[look + 1];
    }
    say("look {} of {}: {} of {} problems go on to {} seeds\n", look + 1, looks.size(),
        standing.open.size(), seeds.size(), looks[look + 1]);
  }
  return code;
}

}  // namespace gapbench::run

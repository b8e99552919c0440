// Further tuning seeds for candidates that the first ones do not tell apart.
#include <algorithm>
#include <utility>

#include "suite/load.h"

namespace gapbench::suite {
namespace {

Trial with_seed(const Trial& trial, std::uint64_t seed) {
  Trial other = trial;
  other.settings.seed = seed;
  other.identity.clear();
  return other;
}

/// Adds the candidate's further trials behind `trials`.
void add_trials(Candidate& candidate, const TuneSettings& tune, std::vector<Trial>& trials) {
  const Trial first = trials[candidate.trials.front()];
  for (const std::uint64_t seed : tune.ties) {
    candidate.trials.push_back(trials.size());
    trials.push_back(with_seed(first, seed));
  }
}

void add_effort(Search& search, std::size_t trials) {
  for (Candidate& candidate : search.candidates) candidate.settings.effort.trials += trials;
}

}  // namespace

Suite raced(const Suite& suite, const std::vector<Choice>& choices) {
  Suite race = suite;
  const auto counting = std::ranges::stable_partition(
      race.trials, [](const Trial& trial) { return trial.settings.tuning; });
  std::vector<Trial> rest(counting.begin(), counting.end());
  race.trials.erase(counting.begin(), counting.end());
  for (std::size_t s = 0; s < race.searches.size(); ++s) {
    const Choice& choice = choices.at(s);
    Search& search = race.searches[s];
    if (choice.tied.empty()) continue;
    add_effort(search, suite.tune.ties.size() * (1 + choice.tied.size()));
    if (!search.as.empty()) continue;
    add_trials(search.candidates[choice.best], race.tune, race.trials);
    for (const std::size_t c : choice.tied) {
      add_trials(search.candidates[c], race.tune, race.trials);
    }
  }
  race.trials.insert(race.trials.end(), std::make_move_iterator(rest.begin()),
                     std::make_move_iterator(rest.end()));
  settle(race);
  return race;
}

}  // namespace gapbench::suite

// From the results of tuning to the trials that count.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "suite/load.h"

namespace gapbench::suite {
namespace {

/// The mean over the seeds, or nothing when one of them has no score.
std::optional<double> mean_score(const std::vector<std::size_t>& trials,
                                 const std::vector<std::optional<double>>& scores) {
  double sum = 0;
  for (const std::size_t trial : trials) {
    if (!scores.at(trial)) return std::nullopt;
    sum += *scores[trial];
  }
  return sum / static_cast<double>(trials.size());
}

}  // namespace

Suite tuning_stage(const Suite& suite) {
  Suite stage = suite;
  std::erase_if(stage.trials, [](const Trial& trial) { return !trial.settings.tuning; });
  stage.searches.clear();
  return stage;
}

std::vector<Choice> choices(const Suite& suite, const std::vector<std::optional<double>>& scores) {
  std::vector<Choice> made;
  for (const Search& search : suite.searches) {
    Choice choice;
    for (const Candidate& candidate : search.candidates) {
      if (!search.as.empty()) break;
      choice.scores.push_back(mean_score(candidate.trials, scores));
      const auto& score = choice.scores.back();
      const std::size_t here = choice.scores.size() - 1;
      if (score && (!choice.any_finished || *score < *choice.scores[choice.best])) {
        choice.best = here;
        choice.any_finished = true;
      }
    }
    made.push_back(std::move(choice));
  }
  for (std::size_t s = 0; s < made.size(); ++s) {
    const Search& search = suite.searches[s];
    if (!search.as.empty()) made[s] = made[search.as_search];
  }
  return made;
}

Suite final_stage(const Suite& suite, const std::vector<Choice>& choices) {
  assert(choices.size() == suite.searches.size());
  Suite stage = suite;
  std::erase_if(stage.trials, [](const Trial& trial) { return trial.settings.tuning; });
  for (Trial& trial : stage.trials) {
    trial.identity.clear();
    if (!trial.search) continue;
    const Search& search = suite.searches[*trial.search];
    const std::uint64_t seed = trial.settings.seed;
    std::string checksum = std::move(trial.settings.data.checksum);
    trial.settings = search.candidates[choices[*trial.search].best].settings;
    trial.settings.seed = seed;
    trial.settings.data.checksum = std::move(checksum);
    trial.search.reset();
  }
  stage.searches.clear();
  settle(stage);
  return stage;
}

}  // namespace gapbench::suite

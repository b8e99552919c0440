// From the results of tuning to the trials that count.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "suite/load.h"

namespace gapbench::suite {
namespace {

/// Of all the candidate's trials, or nothing when one of them has no score.
std::optional<Score> candidate_score(const std::vector<std::size_t>& trials,
                                     const std::vector<Tried>& tried) {
  double sum = 0;
  Score all;
  for (const std::size_t trial : trials) {
    const auto& score = tried.at(trial).score;
    if (!score) return std::nullopt;
    sum += score->value;
    if (!score->train_accuracy) continue;
    all.train_accuracy =
        std::min(all.train_accuracy.value_or(*score->train_accuracy), *score->train_accuracy);
  }
  all.value = sum / static_cast<double>(trials.size());
  return all;
}

/// What decides between candidates, the lower the better.
std::pair<bool, double> rank(const TuneSettings& tune, const Score& score) {
  return {!has_fitted(tune, score), score.value};
}

/// Tuning trials of the candidates that can win.
std::size_t most_trials(const Search& search) {
  std::size_t most = 0;
  for (const Candidate& candidate : search.candidates) {
    most = std::max(most, candidate.trials.size());
  }
  return most;
}

/// Whether the best is ahead, by seed, by no more than one deviation of the differences.
bool is_tie(const Candidate& other, const Candidate& best, const std::vector<Tried>& tried) {
  std::vector<double> behind;
  double mean = 0;
  for (std::size_t i = 0; i < best.trials.size(); ++i) {
    behind.push_back(tried.at(other.trials[i]).score->value -
                     tried.at(best.trials[i]).score->value);
    mean += behind.back();
  }
  if (behind.size() < 2) return false;
  mean /= static_cast<double>(behind.size());
  double squares = 0;
  for (const double b : behind) squares += (b - mean) * (b - mean);
  return mean <= std::sqrt(squares / static_cast<double>(behind.size() - 1));
}

void count_ties(const Search& search, const TuneSettings& tune, const std::vector<Tried>& tried,
                Choice& choice) {
  if (!choice.any_finished) return;
  const bool fitted = has_fitted(tune, *choice.scores[choice.best]);
  const Candidate& best = search.candidates[choice.best];
  for (std::size_t c = 0; c < search.candidates.size(); ++c) {
    const auto& score = choice.scores[c];
    const Candidate& other = search.candidates[c];
    const bool in_race = c != choice.best && other.trials.size() == best.trials.size();
    if (!in_race || !score || has_fitted(tune, *score) != fitted) continue;
    if (is_tie(other, best, tried)) choice.tied.push_back(c);
  }
}

Choice choose(const Search& search, const TuneSettings& tune, const std::vector<Tried>& tried) {
  Choice choice;
  const std::size_t most = most_trials(search);
  for (const Candidate& candidate : search.candidates) {
    const std::size_t here = choice.scores.size();
    choice.scores.push_back(candidate_score(candidate.trials, tried));
    choice.failed += std::ranges::any_of(
        candidate.trials, [&tried](std::size_t trial) { return !tried.at(trial).failed.empty(); });
    const auto& score = choice.scores[here];
    if (!score) continue;
    choice.fitted += has_fitted(tune, *score) ? 1 : 0;
    if (candidate.trials.size() < most) continue;
    if (!choice.any_finished || rank(tune, *score) < rank(tune, *choice.scores[choice.best])) {
      choice.best = here;
    }
    choice.any_finished = true;
  }
  count_ties(search, tune, tried, choice);
  return choice;
}

}  // namespace

Suite tuning_stage(const Suite& suite) {
  Suite stage = suite;
  std::erase_if(stage.trials, [](const Trial& trial) { return !trial.settings.tuning; });
  stage.searches.clear();
  return stage;
}

bool has_fitted(const TuneSettings& tune, const Score& score) {
  return !tune.fitted || (score.train_accuracy && *score.train_accuracy >= *tune.fitted);
}

std::vector<Choice> choices(const Suite& suite, const std::vector<Tried>& tried) {
  std::vector<Choice> made;
  for (const Search& search : suite.searches) {
    made.push_back(search.as.empty() ? choose(search, suite.tune, tried) : Choice{});
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
    const Choice& choice = choices[*trial.search];
    trial.settings = search.candidates[choice.best].settings;
    trial.settings.effort.failed = choice.failed;
    trial.settings.effort.tied = choice.tied.size();
    trial.settings.seed = seed;
    trial.settings.data.checksum = std::move(checksum);
    trial.search.reset();
  }
  stage.searches.clear();
  settle(stage);
  return stage;
}

}  // namespace gapbench::suite

#include "train/predictor.h"

#include <array>
#include <utility>

#include "gapbench/error.h"
#include "train/schedule.h"

namespace gapbench::train {
namespace {

constexpr const char* names[] = {"network", "linearized", "noisy", "local"};

}  // namespace

Predictor::Predictor(const TrialSettings& settings, const Problem& problem, Optimizer& optimizer,
                     std::unique_ptr<Posterior> fitted, const std::vector<Penalty>& penalties,
                     std::size_t steps_per_epoch)
    : settings_(settings),
      problem_(problem),
      penalties_(penalties),
      fitted_(std::move(fitted)),
      posterior_(fitted_ ? fitted_.get() : optimizer.posterior()) {
  if (settings.posterior && posterior_ == nullptr) {
    throw Error("posterior",
                settings.optimizer.name +
                    " keeps none; name one that is fitted, as in posterior: mc_dropout");
  }
  if (settings.tuning) posterior_ = nullptr;  // tuning goes by the point
  predicts_ = !settings.tuning && (posterior_ != nullptr || settings.predictive);
  if (posterior_ == nullptr) return;
  require_predictable(plan().is_own() ? settings.optimizer.name : plan().posterior.name,
                      *posterior_, penalties);
  if (plan().every) every_ = to_steps(*plan().every, steps_per_epoch);
}

bool Predictor::is_due(std::uint64_t step, bool last) const {
  return predicts_ && (last || (every_ > 0 && step > 0 && step % every_ == 0));
}

PassCounts Predictor::fit(Team& team, const Stand& stand, CostMeter& meter,
                          PassCounts& train_passes) {
  if (!fitted_) return {};
  const Booked booked(meter, stand.last ? &Cost::train : &Cost::evaluate);
  const PassCounts before = team.counts();
  TrialSnapshot snapshot(problem_, team, stand.moment);
  fitted_->fit(snapshot);
  PassCounts passes = team.counts() - before;
  passes.flops = flops_of(passes, problem_.flops());
  if (stand.last) train_passes = train_passes + passes;
  return passes;
}

std::optional<Predictive> Predictor::predict(Team& team, const Stand& stand, CostMeter& meter,
                                             PassCounts& train_passes) {
  const PassCounts fit_passes = fit(team, stand, meter, train_passes);
  if (posterior_ != nullptr && !posterior_->is_ready()) return std::nullopt;
  const Booked booked(meter, &Cost::evaluate);
  const PredictionPlan plan{.posterior = posterior_,
                            .draws = this->plan().draws,
                            .train_examples = this->plan().train_examples,
                            .random = Random(settings_.seed),
                            .penalties = &penalties_,
                            .parameters = stand.moment.parameters,
                            .running_statistics = stand.moment.running_statistics,
                            .micro_batch = stand.micro_batch};
  constexpr std::array parts{Part::train, Part::validation, Part::test};
  const auto asked = std::span(parts).first(settings_.tuning ? 2 : 3);
  auto scores = train::predict(problem_, team, plan, asked);
  Predictive predictive;
  for (std::size_t p = 0; p < scores.size(); ++p) {
    predictive.*predicted_parts[p].part = std::move(scores[p]);
  }
  if (posterior_ != nullptr) predictive.posterior = numbers(draws_of(plan), fit_passes);
  return predictive;
}

PosteriorNumbers Predictor::numbers(std::size_t draws, const PassCounts& fit_passes) const {
  PosteriorNumbers numbers;
  numbers.name = plan().posterior.name;
  numbers.prediction = names[static_cast<std::size_t>(posterior_->prediction())];
  numbers.draws = draws;
  if (const auto divergence = posterior_->divergence()) {
    numbers.kl_nats = divergence->nats;
    numbers.choice_nats = divergence->choice;
  }
  numbers.log_evidence_nats = posterior_->log_evidence();
  numbers.fit_passes = fit_passes;
  ProbeMetrics metrics(numbers.name, numbers.values);
  posterior_->report(metrics);
  return numbers;
}

double Predictor::forward_samples(std::uint64_t steps) const {
  if (!predicts_) return 0;
  const std::size_t all = problem_.examples(Part::train);
  const std::size_t most = plan().train_examples;
  double examples = static_cast<double>(most > 0 ? std::min(most, all) : all) +
                    static_cast<double>(problem_.examples(Part::validation)) +
                    static_cast<double>(problem_.examples(Part::test));
  if (posterior_ == nullptr) return examples;
  const bool measures = posterior_->prediction() == Posterior::Prediction::network;
  if (measures && !problem_.buffers().empty()) examples += static_cast<double>(all);
  const std::uint64_t times = every_ > 0 && steps > 0 ? 1 + (steps - 1) / every_ : 1;
  return examples * static_cast<double>(plan().draws) * static_cast<double>(times);
}

}  // namespace gapbench::train

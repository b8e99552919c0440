#include "train/predictor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "gapbench/error.h"
#include "train/network_problem.h"
#include "train/schedule.h"
#include "train/traces.h"

namespace gapbench::train {
namespace {

constexpr const char* names[] = {"network", "linearized", "noisy", "local"};
constexpr std::size_t rehearsed_examples = default_micro_batch;

}  // namespace

// Tuning goes by the point.
Posterior* Predictor::chosen(const TrialSettings& settings, Optimizer& optimizer,
                             Posterior* fitted) {
  if (settings.tuning) return nullptr;
  if (!settings.posterior) return settings.predictive ? optimizer.posterior() : nullptr;
  if (settings.posterior->is_none()) return nullptr;
  Posterior* posterior = settings.posterior->is_own() ? optimizer.posterior() : fitted;
  if (posterior != nullptr) return posterior;
  throw Error("posterior", settings.optimizer.name +
                               " keeps none; name one that is fitted after training, as in "
                               "posterior: mc_dropout");
}

Predictor::Predictor(const TrialSettings& settings, const Problem& problem, Optimizer& optimizer,
                     std::unique_ptr<Posterior> fitted, const std::vector<Penalty>& penalties,
                     const Course& course)
    : settings_(settings),
      problem_(problem),
      penalties_(penalties),
      fitted_(std::move(fitted)),
      posterior_(chosen(settings, optimizer, fitted_.get())),
      predicts_(posterior_ != nullptr || (settings.predictive && !settings.tuning)),
      course_(course) {
  if (!predicts_) return;
  require_possible();
  shifts_ = shifts_asked();
}

std::vector<std::uint32_t> Predictor::shifts_asked() const {
  std::vector<std::uint32_t> shifts;
  const auto known = problem_.shifts();
  for (const std::string& kind : settings_.shifts) {
    const std::size_t before = shifts.size();
    for (std::size_t s = 0; s < known.size(); ++s) {
      if (known[s].starts_with(kind + "-")) shifts.push_back(static_cast<std::uint32_t>(s + 1));
    }
    if (shifts.size() > before) continue;
    throw Error("evaluate.shift", fmt::format("{} is of images, and this problem has none", kind));
  }
  return shifts;
}

const std::string& Predictor::name() const {
  if (fitted_) return settings_.posterior->posterior.name;
  static const std::string point = "evaluate.predictive";
  return posterior_ != nullptr ? settings_.optimizer.name : point;
}

void Predictor::require_possible() const {
  if (!fitted_) require_likelihood(name(), problem_, posterior_);  // else known once it is fitted
  if (posterior_ == nullptr) return;
  require_predictable(name(), *posterior_, penalties_);
  const std::uint64_t first = posterior_->ready_after();
  if (first <= course_.steps) return;
  throw Error(name(), fmt::format("has draws after {} steps, and the trial makes {}; give it a "
                                  "longer budget or a shorter burn_in",
                                  first, course_.steps));
}

bool Predictor::is_due(std::uint64_t step, bool last) const {
  return predicts_ &&
         (last || (plan().every && step > 0 && course_.calendar.is_multiple(step, *plan().every)));
}

PassCounts Predictor::since(const PassCounts& before, const Team& team) const {
  PassCounts passes = team.counts() - before;
  passes.flops = flops_of(passes, problem_.flops());
  return passes;
}

PassCounts Predictor::fit(Team& team, const Stand& stand, CostMeter& meter,
                          PassCounts& train_passes) {
  if (!fitted_) return {};
  const Booked booked(meter, stand.last ? &Cost::train : &Cost::evaluate);
  const PassCounts before = team.counts();
  TrialSnapshot snapshot(problem_, team, stand.moment);
  fitted_->fit(snapshot);
  const PassCounts passes = since(before, team);
  if (stand.last) train_passes = train_passes + passes;
  return passes;
}

PredictionPlan Predictor::plan_at(const Stand& stand) const {
  return {.posterior = posterior_,
          .draws = plan().draws,
          .train_examples = plan().train_examples,
          .random = Random(settings_.seed),
          .penalties = &penalties_,
          .parameters = stand.moment.parameters,
          .running_statistics = stand.moment.running_statistics,
          .micro_batch = stand.micro_batch,
          .unseen = unseen()};
}

std::size_t Predictor::unseen() const {
  const auto* network = dynamic_cast<const NetworkProblem*>(&problem_);
  return network != nullptr ? network->unseen() : 0;
}

std::optional<Predictive> Predictor::predict(Team& team, const Stand& stand, CostMeter& meter,
                                             PassCounts& train_passes) {
  const PassCounts fit_passes = fit(team, stand, meter, train_passes);
  if (posterior_ != nullptr && !posterior_->is_ready()) {
    if (stand.last) throw Error(name(), "has no draws at the end");
    return std::nullopt;
  }
  const Booked booked(meter, &Cost::evaluate);
  const PassCounts before = team.counts();
  PredictionPlan plan = plan_at(stand);
  Traces traces;
  const bool is_chain = posterior_ != nullptr && posterior_->size() > 0;
  if (is_chain) plan.traces = &traces;
  if (stand.last) plan.shifts = shifts_;
  if (stand.last && keeps_) plan.averaged = &probabilities_;
  constexpr std::array parts{Part::train, Part::validation, Part::test};
  auto scores = train::predict(problem_, team, plan, parts);
  Predictive predictive;
  if (plan.unseen > 0) {  // what is right of them is nothing that was to be learnt
    const PartPrediction& all = *scores.back();
    PartPrediction& kept = predictive.unseen.emplace();
    kept.examples = all.examples;
    kept.draws = all.draws;
    kept.entropy = all.entropy;
    kept.mutual_information = all.mutual_information;
  }
  for (std::size_t p = 0; p < parts.size(); ++p) {
    predictive.*predicted_parts[p].part = std::move(scores[p]);
  }
  for (std::size_t s = 0; s < plan.shifts.size(); ++s) {
    auto& shifted = scores[parts.size() + s];
    if (!shifted) continue;
    shifted->bins.clear();  // of so many parts they would be most of a record
    predictive.shifted.push_back({problem_.shifts()[plan.shifts[s] - 1], std::move(*shifted)});
  }
  if (posterior_ == nullptr) return predictive;
  predictive.posterior = numbers(draws_of(plan));
  if (is_chain) traces.report(predictive.posterior->values);
  predictive.posterior->fit_passes = fit_passes;
  predictive.posterior->prediction_passes = since(before, team);
  return predictive;
}

double Predictor::rehearse(Team& team, Stand stand) {
  if (!predicts_) return 0;
  double left_out = 0;
  if (fitted_) {
    stand.moment.most_micro_batches = rehearsed_micro_batches;
    TrialSnapshot snapshot(problem_, team, stand.moment);
    fitted_->fit(snapshot);
    require_likelihood(name(), problem_, posterior_);
    left_out = snapshot.seconds_left_out();
  }
  if (posterior_ != nullptr && !posterior_->is_ready()) return left_out;
  PredictionPlan plan = plan_at(stand);
  plan.draws = 1;
  plan.train_examples = rehearsed_examples;
  plan.unseen = 0;
  constexpr std::array parts{Part::train};
  train::predict(problem_, team, plan, parts);
  return left_out;
}

PosteriorNumbers Predictor::numbers(std::size_t draws) const {
  PosteriorNumbers numbers;
  numbers.name = plan().posterior.name;
  numbers.prediction = names[static_cast<std::size_t>(posterior_->prediction())];
  numbers.draws = draws;
  if (const auto divergence = posterior_->divergence()) {
    numbers.kl_nats = divergence->nats;
    numbers.choice_nats = divergence->choice;
  }
  numbers.log_evidence_nats = posterior_->log_evidence();
  ProbeMetrics metrics(numbers.name, numbers.values);
  posterior_->report(metrics);
  return numbers;
}

std::uint64_t Predictor::times() const {
  if (!predicts_) return 0;
  if (!plan().every || course_.steps == 0) return 1;
  return 1 + course_.calendar.multiples(course_.steps - 1, *plan().every);
}

double Predictor::forward_samples() const {
  if (!predicts_) return 0;
  const std::size_t all = problem_.examples(Part::train);
  const std::size_t most = plan().train_examples;
  double examples = static_cast<double>(most > 0 ? std::min(most, all) : all) +
                    static_cast<double>(problem_.examples(Part::validation)) +
                    static_cast<double>(problem_.examples(Part::test)) +
                    static_cast<double>(unseen());
  const double shifted =
      static_cast<double>(shifts_.size()) * static_cast<double>(problem_.examples(Part::test));
  if (posterior_ == nullptr) return examples + shifted;
  const bool measures = posterior_->prediction() == Posterior::Prediction::network;
  if (measures && !problem_.buffers().empty()) examples += static_cast<double>(all);
  double passes = static_cast<double>(plan().draws);
  const PassFlops flops = problem_.flops();
  if (posterior_->prediction() == Posterior::Prediction::linearized && flops.forward > 0) {
    passes *= 1 + flops.tangent_forward / flops.forward;
  }
  return (examples * static_cast<double>(times()) + shifted) * passes;
}

}  // namespace gapbench::train

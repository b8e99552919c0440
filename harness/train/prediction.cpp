#include "train/prediction.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/aligned.h"
#include "gapbench/at.h"
#include "gapbench/error.h"
#include "gapbench/parameters.h"
#include "train/outcome.h"
#include "train/part_sums.h"
#include "train/statistics.h"
#include "train/traces.h"

namespace gapbench::train {
namespace {

using Prediction = Posterior::Prediction;

/// Which draws: all that are asked for, or of a longer chain equally spaced ones.
std::size_t number_of(std::size_t k, const PredictionPlan& plan, std::size_t draws) {
  const std::size_t there = plan.posterior->size();
  return there == 0 ? k : (k + 1) * there / draws - 1;
}

Prediction kind_of(const PredictionPlan& plan) {
  return plan.posterior == nullptr ? Prediction::network : plan.posterior->prediction();
}

/// Goes from draw to draw.
class Places {
 public:
  Places(const Problem& problem, Team& team, const PredictionPlan& plan)
      : problem_(problem),
        team_(team),
        plan_(plan),
        w_(plan.parameters.size()),
        point_(problem.make_point()) {
    if (kind_of(plan) == Prediction::linearized) begin_at_center();
  }

  PartSums::Draw at(std::size_t k) {
    if (plan_.posterior == nullptr) {
      std::ranges::copy(plan_.parameters, w_.begin());
    } else {
      plan_.posterior->draw(k, plan_.random.at("predict"), w_);
    }
    if (!std::ranges::all_of(w_, [](float x) { return std::isfinite(x); })) {
      throw Error("posterior", fmt::format("draw {} is not finite", k));
    }
    if (direction_ != nullptr) {
      for (std::size_t i = 0; i < w_.size(); ++i) w_[i] -= center_[i];
      direction_->assign(w_);
      return {*point_, nullptr, direction_.get()};
    }
    point_->assign(w_);
    const bool is_other = plan_.posterior != nullptr && kind_of(plan_) == Prediction::network;
    assign_statistics(is_other);
    return {*point_};
  }

  /// The last draw; less the center where predictions are linearized.
  std::span<const float> drawn() const { return w_; }

 private:
  void begin_at_center() {
    const auto given = plan_.posterior->center();
    center_ = given.empty() ? plan_.parameters : given;
    direction_ = problem_.make_point();
    point_->assign(center_);
    assign_statistics(!std::ranges::equal(center_, plan_.parameters));
  }

  void assign_statistics(bool is_other) {
    if (is_other) {
      point_->assign_buffers(measure_statistics(problem_, team_, *point_, plan_.micro_batch));
    } else {
      point_->assign_buffers(plan_.running_statistics);
    }
  }

  const Problem& problem_;
  Team& team_;
  const PredictionPlan& plan_;
  AlignedVector<float> w_;
  std::unique_ptr<Point> point_;
  std::unique_ptr<Point> direction_;  ///< w - center; only where predictions are linearized
  std::span<const float> center_;
};

}  // namespace

std::size_t draws_of(const PredictionPlan& plan) {
  if (plan.posterior == nullptr) return 1;
  const std::size_t there = plan.posterior->size();
  return there == 0 ? plan.draws : std::min(there, plan.draws);
}

Likelihood::Likelihood(const Problem& problem, const Posterior* posterior) {
  const auto deviation = posterior == nullptr ? std::nullopt : posterior->noise_deviation();
  if (deviation) {
    head_ = &own_.emplace(*deviation);
  } else if (problem.loss().is_likelihood()) {
    head_ = &problem.loss();
  }
}

void require_likelihood(const std::string& name, const Problem& problem,
                        const Posterior* posterior) {
  if (Likelihood(problem, posterior).head() != nullptr) return;
  throw Error(name,
              "scores predictions by their likelihood, and this problem's loss is none; of a data "
              "set give the deviation of the targets' noise, as in datasets: [{name: csv:yacht, "
              "deviation: 0.3}]");
}

std::vector<std::optional<PartPrediction>> predict(const Problem& problem, Team& team,
                                                   const PredictionPlan& plan,
                                                   std::span<const Part> parts) {
  const Likelihood likelihood(problem, plan.posterior);
  std::vector<std::optional<PartSums>> sums;
  std::vector<StepNoise> noises;
  const auto add = [&](Part part, std::size_t examples, std::uint32_t shift, std::uint32_t first) {
    if (part == Part::train && plan.train_examples > 0) {
      examples = std::min(examples, plan.train_examples);
    }
    auto& of_part = sums.emplace_back();
    if (examples > 0) of_part.emplace(problem, likelihood.head(), part, examples, shift, first);
    static const std::vector<Penalty> nobody;
    noises.emplace_back(problem.noise_sites(), plan.penalties != nullptr ? *plan.penalties : nobody,
                        plan.random.at("predict noise", static_cast<std::uint64_t>(part)));
    noises.back().leave_inputs();
  };
  const std::size_t test = problem.examples(Part::test);
  for (const Part part : parts) add(part, problem.examples(part), 0, 0);
  for (const std::uint32_t shift : plan.shifts) add(Part::test, test, shift, 0);
  if (plan.unseen > 0) add(Part::test, plan.unseen, 0, static_cast<std::uint32_t>(test));
  Places places(problem, team, plan);
  const std::size_t draws = draws_of(plan);
  const bool is_noisy = kind_of(plan) == Prediction::noisy;
  for (std::size_t j = 0; j < draws; ++j) {
    const std::size_t k = plan.posterior == nullptr ? 0 : number_of(j, plan, draws);
    PartSums::Draw draw = places.at(k);
    for (std::size_t p = 0; p < sums.size(); ++p) {
      draw.noise = is_noisy ? noises[p].at(0, k) : nullptr;
      if (sums[p]) sums[p]->add(team, draw);
    }
    if (plan.traces != nullptr) plan.traces->add(places.drawn(), sums);
  }
  std::vector<std::optional<PartPrediction>> results;
  for (std::size_t p = 0; p < sums.size(); ++p) {
    results.push_back(sums[p] ? std::optional(sums[p]->result()) : std::nullopt);
    const bool keeps = p < parts.size() && parts[p] == Part::test && plan.averaged != nullptr;
    if (keeps && sums[p]) *plan.averaged = sums[p]->probabilities();
  }
  return results;
}

void require_predictable(const std::string& name, const Posterior& posterior,
                         const std::vector<Penalty>& penalties) {
  switch (posterior.prediction()) {
    case Prediction::network:
    case Prediction::linearized:
      return;
    case Prediction::noisy:
      if (std::ranges::any_of(penalties,
                              [](const Penalty& p) { return (p.hooks & hook_noise) != 0; })) {
        return;
      }
      throw Error(name,
                  "averages over the noise of the method, which has none; add a regularizer "
                  "that makes some, as in regularizers: [{name: dropout, rate: 0.5}]");
    case Prediction::local:
      throw Error(name,
                  "predicts by the local reparameterization; this gapbench predicts by the network "
                  "at each draw, by its linearization and under the method's noise");
  }
}

}  // namespace gapbench::train

// When a trial predicts, and with what.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "gapbench/optimizer.h"
#include "gapbench/posterior.h"
#include "gapbench/problem.h"
#include "train/cost_meter.h"
#include "train/prediction.h"
#include "train/settings.h"
#include "train/snapshot.h"
#include "train/team.h"

namespace gapbench::train {

/// The predictive evaluations of one trial: by the posterior that its optimizer keeps, by one that is
/// fitted, by the point alone where the suite asks for scores, or none.
class Predictor {
 public:
  /// `fitted`: made by a plugin, null for the optimizer's own. Throws Error where the optimizer is to
  /// have one and has not, and as require_predictable.
  Predictor(const TrialSettings& settings, const Problem& problem, Optimizer& optimizer,
            std::unique_ptr<Posterior> fitted, const std::vector<Penalty>& penalties,
            std::size_t steps_per_epoch);

  bool is_due(std::uint64_t step, bool last) const;

  /// Where a trial stands when it predicts.
  struct Stand {
    bool last = false;
    std::size_t micro_batch = 0;  ///< of training
    TrialSnapshot::Moment moment{};
  };
  /// Fits what is to be fitted and predicts every part (the test part never while tuning). The last
  /// fit is booked as training, its passes added to `train_passes`; all else as evaluation. Nothing
  /// where the posterior has no draws yet.
  std::optional<Predictive> predict(Team& team, const Stand& stand, CostMeter& meter,
                                    PassCounts& train_passes);

  /// Of the evaluation that was predicted last; for probes.
  const Posterior* posterior() const noexcept { return posterior_; }

  /// Forward examples of all predictions of a trial of so many steps, with draws that are all there.
  double forward_samples(std::uint64_t steps) const;

 private:
  PosteriorSettings plan() const { return settings_.posterior.value_or(PosteriorSettings{}); }
  PassCounts fit(Team& team, const Stand& stand, CostMeter& meter, PassCounts& train_passes);
  PosteriorNumbers numbers(std::size_t draws, const PassCounts& fit_passes) const;

  const TrialSettings& settings_;
  const Problem& problem_;
  const std::vector<Penalty>& penalties_;
  std::unique_ptr<Posterior> fitted_;
  Posterior* posterior_ = nullptr;
  bool predicts_ = false;
  std::uint64_t every_ = 0;  ///< steps; 0: at the end only
};

}  // namespace gapbench::train

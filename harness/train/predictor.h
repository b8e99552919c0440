// When a trial predicts, and with what.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "gapbench/optimizer.h"
#include "gapbench/posterior.h"
#include "gapbench/problem.h"
#include "train/calendar.h"
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
  /// How long the trial is. The calendar must outlive the predictor.
  struct Course {
    std::uint64_t steps;
    const Calendar& calendar;
  };
  /// `fitted`: made by a plugin, null for the optimizer's own. Throws Error where the optimizer is to
  /// have one and has not, where it has no draw by the end, where nothing gives a likelihood, and as
  /// require_predictable.
  Predictor(const TrialSettings& settings, const Problem& problem, Optimizer& optimizer,
            std::unique_ptr<Posterior> fitted, const std::vector<Penalty>& penalties,
            const Course& course);

  bool is_due(std::uint64_t step, bool last) const;

  /// Where a trial stands when it predicts.
  struct Stand {
    bool last = false;
    std::size_t micro_batch = 0;  ///< of training
    TrialSnapshot::Moment moment{};
  };
  /// Fits what is to be fitted and predicts every part (the test part never while tuning). The last
  /// fit is booked as training, its passes added to `train_passes`; all else as evaluation. The last
  /// time the test part is predicted under the shifts that are asked for, too. Throws
  /// Error where a draw or a score is not finite; nothing where there are no draws yet.
  std::optional<Predictive> predict(Team& team, const Stand& stand, CostMeter& meter,
                                    PassCounts& train_passes);

  /// Before the first step, so that what cannot be is not found after the last: fits what is to be
  /// fitted, to a few micro-batches, and predicts a few training examples by one draw. Nothing of it is
  /// kept. Returns about the seconds that fitting to all would have taken more.
  double rehearse(Team& team, Stand stand);

  /// Of the evaluation that was predicted last; for probes.
  const Posterior* posterior() const noexcept { return posterior_; }

  /// From now on the last prediction keeps its probabilities of the test part.
  void keep_probabilities() noexcept { keeps_ = true; }
  /// [examples, classes]; empty before the last prediction, and without cross-entropy.
  std::span<const float> probabilities() const noexcept { return probabilities_; }

  /// Forward examples of all predictions, with draws that are all there; a tangent pass counts as
  /// the forward passes that take as many operations.
  double forward_samples() const;
  std::uint64_t times() const;  ///< that it predicts in the whole trial

 private:
  static Posterior* chosen(const TrialSettings& settings, Optimizer& optimizer, Posterior* fitted);
  PosteriorSettings plan() const { return settings_.posterior.value_or(PosteriorSettings{}); }
  const std::string& name() const;
  void require_possible() const;
  std::vector<std::uint32_t> shifts_asked() const;
  std::size_t unseen() const;
  PredictionPlan plan_at(const Stand& stand) const;
  PassCounts fit(Team& team, const Stand& stand, CostMeter& meter, PassCounts& train_passes);
  PassCounts since(const PassCounts& before, const Team& team) const;
  PosteriorNumbers numbers(std::size_t draws) const;

  const TrialSettings& settings_;
  const Problem& problem_;
  const std::vector<Penalty>& penalties_;
  std::unique_ptr<Posterior> fitted_;
  Posterior* posterior_ = nullptr;
  bool predicts_ = false;
  bool keeps_ = false;
  std::vector<float> probabilities_;
  std::vector<std::uint32_t> shifts_;  ///< numbers of Problem::shifts(), from 1; at the end only
  Course course_;
};

}  // namespace gapbench::train

// The training loop.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/aligned.h"
#include "gapbench/error.h"
#include "gapbench/optimizer.h"
#include "gapbench/probe.h"
#include "train/batches.h"
#include "train/calendar.h"
#include "train/cost_meter.h"
#include "train/evaluation_times.h"
#include "train/objective.h"
#include "train/penalty_watch.h"
#include "train/predictor.h"
#include "train/schedule.h"
#include "train/settings.h"
#include "train/team.h"
#include "train/trial.h"

namespace gapbench::train {

/// A probe and when to ask it.
struct PlannedProbe {
  std::string name;  ///< "<name>#2" for the second of a name
  std::unique_ptr<Probe> probe;
  std::optional<Length> every;  ///< nothing: at the end only
  /// Another one like it, asked once before the first step so that a mistake is not found after the
  /// last; it never sees more. May be null.
  std::unique_ptr<Probe> rehearsal{};
};

/// What a method is made of, constructed.
struct Method {
  std::unique_ptr<Optimizer> optimizer;
  /// Of the penalties; declared before them, which it outlives.
  std::unique_ptr<PenaltyWatch> watch = std::make_unique<PenaltyWatch>();
  std::vector<Penalty> penalties;
  std::vector<PlannedProbe> probes;
  std::unique_ptr<Posterior> posterior{};  ///< fitted after training; null: none of a plugin
};

/// Runs one trial: steps, evaluations, probes, divergence, interruption.
/// Evaluation happens before the first step, after every `evaluate_every`, where EvaluationTimes asks
/// for it, and after the last one, at the point that the optimizer stands for (Optimizer::evaluated) where that is not the trial's; batch
/// normalization's statistics are then measured there, whatever the settings say of them.
class Trainer {
 public:
  Trainer(const TrialSettings& settings, const Problem& problem, Method method, CostMeter& meter,
          const Observer& observer);

  /// Starts where another trial ended, parameters and then running statistics, in place of the
  /// problem's own start point; before go_on and run. Throws Error for another length.
  void start_from(std::span<const float> end);

  /// Takes up where a checkpoint was made; before run(). Throws Error for a state that is damaged
  /// or of another trial.
  void go_on(Continuation from);

  /// Throws Error when a plugin does something wrong (asks nothing in a step, reports twice).
  Outcome run();

  std::uint64_t steps() const noexcept { return steps_; }  ///< of the whole trial

  /// Makes a few steps, times them and scales up to the whole trial. Call it instead of run().
  Estimate estimate();

 private:
  void step();
  std::uint64_t evaluations() const;
  bool is_evaluation_due() const;
  bool is_multiple(const std::optional<Length>& every) const;
  std::size_t micro_batch_now() const;
  void evaluate(bool last);
  std::span<const float> point() const;
  bool measures_statistics() const;
  std::vector<float> statistics();
  std::optional<Predictive> predict(bool last);
  Predictor::Stand stand(bool last) const;
  TrialSnapshot::Moment moment(const std::string& who) const;
  std::vector<ProbeValue> measure(bool last);
  struct Answer {
    std::optional<Error> refused;
    double seconds_left_out = 0;
  };
  Answer ask(const PlannedProbe& planned, Probe& probe, std::vector<ProbeValue>& values,
             std::size_t most_micro_batches = 0);
  void rehearse();
  double rehearsed_seconds();
  Cost cost();
  void archive(State& state, Cost& cost);
  void save();
  void end(Status status, std::string reason);
  void diverge(std::string reason);

  const TrialSettings& settings_;
  const Problem& problem_;
  Method method_;
  CostMeter& meter_;
  const Observer& observer_;
  Random random_;
  Calendar calendar_;
  Batches batches_;
  std::uint64_t steps_;
  EvaluationTimes times_;
  Schedule schedule_;
  AlignedVector<float> parameters_;
  AlignedVector<float> initial_;
  AlignedVector<float> previous_;  ///< parameters before this step, where lengths are asked for
  Team team_;
  Objective objective_;
  std::unique_ptr<Point> evaluation_point_;
  std::vector<float> running_statistics_;  ///< of evaluation_point_
  Predictor predictor_;
  const Posterior* drawn_ = nullptr;  ///< at an evaluation that it was asked at
  PassCounts train_passes_;
  PassCounts probe_passes_;
  std::uint64_t done_ = 0;
  double objective_sum_ = 0;  ///< since the last evaluation
  std::uint64_t objective_count_ = 0;
  Outcome outcome_;
};

/// The parameters a problem has.
std::size_t dimension_of(const Problem& problem);

}  // namespace gapbench::train

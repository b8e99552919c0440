// When a trial is evaluated because of how far it has come.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/state.h"
#include "train/calendar.h"
#include "train/settings.h"

namespace gapbench::train {

/// Follows the mean loss of each epoch's mini-batches, penalties left out: what the steps' first
/// gradients returned while the parameters moved (with augmentation and noise, where there are any). At the end of an epoch whose mean has come down to a level that none had come
/// down to before, an evaluation is due (`evaluate: {train_loss: [...]}`), and at each whose mean is
/// at most the loss to stop at (`until`), where the evaluation then decides. Costs no passes.
class EvaluationTimes {
 public:
  /// The calendar must outlive it.
  EvaluationTimes(const TrialSettings& settings, const Calendar& calendar);

  /// After step `done` (the first is 1), with the loss of its first gradient, if there was one.
  void took(std::uint64_t done, std::optional<double> loss);
  /// Whether an evaluation is due after the step last told.
  bool is_due() const noexcept { return due_; }
  /// Whether a trial that was evaluated to this train loss is to end.
  bool ends_at(double train_loss) const noexcept { return until_ && train_loss <= *until_; }
  /// Evaluations that the levels can ask for, at most.
  std::uint64_t most() const noexcept { return levels_.size() + (until_ ? 1 : 0); }

  /// Nothing where nothing is asked for: such a checkpoint is as it always was.
  void archive(State& state);

 private:
  void end_epoch();

  std::vector<double> levels_;  ///< descending
  std::optional<double> until_;
  const Calendar& calendar_;
  std::uint64_t passed_ = 0;  ///< levels that an epoch has come down to
  double sum_ = 0;            ///< of this epoch
  std::uint64_t count_ = 0;
  bool due_ = false;
};

}  // namespace gapbench::train

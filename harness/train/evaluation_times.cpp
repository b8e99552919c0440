#include "train/evaluation_times.h"

namespace gapbench::train {

EvaluationTimes::EvaluationTimes(const TrialSettings& settings, const Calendar& calendar)
    : levels_(settings.evaluate_losses), until_(settings.until_loss), calendar_(calendar) {}

void EvaluationTimes::took(std::uint64_t done, std::optional<double> loss) {
  due_ = false;
  sum_ += loss.value_or(0);
  count_ += loss ? 1 : 0;
  if (calendar_.ends_epoch(done)) end_epoch();
}

void EvaluationTimes::end_epoch() {
  if (count_ > 0) {
    const double mean = sum_ / static_cast<double>(count_);
    const std::uint64_t before = passed_;
    while (passed_ < levels_.size() && mean <= levels_[passed_]) ++passed_;
    due_ = passed_ > before || ends_at(mean);
  }
  sum_ = 0;
  count_ = 0;
}

void EvaluationTimes::archive(State& state) {
  if (levels_.empty() && !until_) return;
  state.field("levels_passed", passed_);
  state.field("epoch_loss_sum", sum_);
  state.field("epoch_loss_count", count_);
}

}  // namespace gapbench::train

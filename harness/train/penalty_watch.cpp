#include "train/penalty_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/float_mode.h"
#include "gapbench/error.h"

namespace gapbench::train {
namespace {

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float x) { return std::isfinite(x); });
}

class Watched final : public Regularizer {
 public:
  Watched(std::unique_ptr<const Regularizer> regularizer, PenaltyWatch::Term& term,
          const std::atomic<bool>& looks_at_gradients)
      : regularizer_(std::move(regularizer)),
        term_(term),
        looks_at_gradients_(looks_at_gradients) {}

  double penalize_micro_batch(MicroBatch& m, std::span<float> gradient) const override {
    return watch(gradient, [&] { return regularizer_->penalize_micro_batch(m, gradient); });
  }
  std::size_t micro_batch() const noexcept override { return regularizer_->micro_batch(); }
  double penalize_mini_batch(MiniBatch& m, std::span<float> gradient) const override {
    return watch(gradient, [&] { return regularizer_->penalize_mini_batch(m, gradient); });
  }
  double penalize_parameters(const Parameters& p, std::span<float> gradient) const override {
    return watch(gradient, [&] { return regularizer_->penalize_parameters(p, gradient); });
  }
  void multiply_noise(const NoiseSite& site, Random random, std::span<float> f) const override {
    FloatModeGuard mode;
    regularizer_->multiply_noise(site, random, f);
    mode.require_unchanged(term_.name);
  }
  void change_input(Shape shape, Random random, std::span<float> input) const override {
    FloatModeGuard mode;
    regularizer_->change_input(shape, random, input);
    mode.require_unchanged(term_.name);
  }
  double mix_input(Shape shape, Random random, std::span<const float> other,
                   std::span<float> input) const override {
    FloatModeGuard mode;
    const double share = regularizer_->mix_input(shape, random, other, input);
    mode.require_unchanged(term_.name);
    if (share >= 0 && share <= 1) return share;
    throw Error(term_.name, fmt::format("gives a label a share of {}, must be from 0 to 1", share));
  }
  bool disturbs(const NoiseSite& site) const override { return regularizer_->disturbs(site); }
  std::unique_ptr<const Head> replace_loss(const Head& loss) const override {
    return regularizer_->replace_loss(loss);
  }

 private:
  template <class Ask>
  double watch(std::span<const float> gradient, Ask ask) const {
    const bool looks = looks_at_gradients_ && all_finite(gradient);
    FloatModeGuard mode;
    const double value = ask();
    mode.require_unchanged(term_.name);
    if (!std::isfinite(value)) term_.value = true;
    if (looks && !all_finite(gradient)) term_.gradient = true;
    return value;
  }

  std::unique_ptr<const Regularizer> regularizer_;
  PenaltyWatch::Term& term_;
  const std::atomic<bool>& looks_at_gradients_;
};

}  // namespace

Penalty PenaltyWatch::watched(std::string name, Penalty penalty) {
  Term& term = terms_.emplace_back();
  term.name = std::move(name);
  return {
      std::make_unique<const Watched>(std::move(penalty.regularizer), term, looks_at_gradients_),
      penalty.hooks};
}

std::string PenaltyWatch::spoiler() const {
  for (const Term& term : terms_) {
    if (term.value) return "the value of " + term.name + " is not finite";
    if (term.gradient) return "the gradient of " + term.name + " is not finite";
  }
  return terms_.empty() ? "" : "the loss";
}

}  // namespace gapbench::train

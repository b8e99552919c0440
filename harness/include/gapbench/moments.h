// What optimizers keep of past gradients: velocities and decaying means.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gapbench/numeric.h"
#include "gapbench/options.h"
#include "gapbench/parameters.h"
#include "gapbench/state.h"

namespace gapbench {

/// All of them together.
inline std::size_t dimension_of(std::span<const TensorInfo> tensors) {
  std::size_t dimension = 0;
  for (const TensorInfo& tensor : tensors) dimension += tensor.size;
  return dimension;
}

/// Momentum: v <- momentum v + g, v = 0 at the start; the direction of the step is v, or g + momentum v
/// with `nesterov`. With momentum 0 nothing is kept and the direction is g. f32.
/// Source: Polyak 1964, "Some methods of speeding up the convergence of iteration methods"; Sutskever,
/// Martens, Dahl, Hinton 2013, "On the importance of initialization and momentum" (the rate multiplies v
/// here, not g, as in PyTorch: the two differ as soon as it changes).
class Velocity {
 public:
  Velocity(double momentum, bool nesterov, std::size_t dimension)
      : momentum_(static_cast<float>(momentum)), nesterov_(nesterov) {
    if (momentum_ > 0) velocity_.resize(dimension);
  }

  /// Takes in g and moves w by -rate times the direction; all [dimension].
  void descend(std::span<const float> g, float rate, std::span<float> w) {
    if (velocity_.empty()) {
      for (std::size_t i = 0; i < w.size(); ++i) w[i] -= rate * g[i];
      return;
    }
    const float momentum = momentum_;
    const bool nesterov = nesterov_;
    const std::span<float> v(velocity_);
    for (std::size_t i = 0; i < w.size(); ++i) {
      v[i] = normal_or_zero(momentum * v[i] + g[i]);
      const float direction = nesterov ? g[i] + momentum * v[i] : v[i];
      w[i] -= rate * direction;
    }
  }

  /// Takes in g and writes the direction over it.
  void direct(std::span<float> g) {
    for (std::size_t i = 0; i < velocity_.size(); ++i) {
      velocity_[i] = normal_or_zero(momentum_ * velocity_[i] + g[i]);
      g[i] = nesterov_ ? g[i] + momentum_ * velocity_[i] : velocity_[i];
    }
  }

  void archive(State& state) { state.field("velocity", velocity_); }

 private:
  float momentum_;
  bool nesterov_;
  std::vector<float> velocity_;
};

/// m <- decay m + (1 - decay) x, in f32; begun at 0 its weights sum to 1 - decay^t after t steps.
/// A value: copy it in front of a loop.
class DecayingMean {
 public:
  explicit DecayingMean(double decay)
      : decay_(decay), keep_(static_cast<float>(decay)), take_(static_cast<float>(1 - decay)) {}

  float with(float mean, float x) const noexcept {
    return normal_or_zero(keep_ * mean + take_ * x);
  }
  float with_square(float mean, float x) const noexcept {
    return normal_or_zero(keep_ * mean + take_ * x * x);
  }
  double weight(std::uint64_t steps) const {
    return 1 - std::pow(decay_, static_cast<double>(steps));
  }

 private:
  double decay_;
  float keep_;
  float take_;
};

/// Adam's two: m, the mean of x with decay beta1, and v, that of y^2 with beta2.
/// Source: Kingma, Ba 2015, "Adam: a method for stochastic optimization".
class Moments {
 public:
  static constexpr std::array options{
      option::real("beta1", "decay of the mean of gradients").at_least(0).below(1).by_default(0.9),
      option::real("beta2", "decay of the mean of squares").at_least(0).below(1).by_default(0.999),
  };
  /// Reads beta1 and beta2, whatever their defaults are.
  Moments(const Options& o, std::size_t dimension)
      : by_beta1_(o.real("beta1")),
        by_beta2_(o.real("beta2")),
        mean_(dimension),
        square_(dimension) {}

  /// One step: takes in x and y [dimension], which may be the same, and calls f(i, m_i, v_i).
  template <class F>
  void take(std::span<const float> x, std::span<const float> y, F&& f) {
    const DecayingMean beta1 = by_beta1_;
    const DecayingMean beta2 = by_beta2_;
    const std::span<float> m(mean_);
    const std::span<float> v(square_);
    for (std::size_t i = 0; i < m.size(); ++i) {
      m[i] = beta1.with(m[i], x[i]);
      v[i] = beta2.with_square(v[i], y[i]);
      f(i, m[i], v[i]);
    }
  }
  /// What m and v have to be divided by in step t = 1, 2, ... so that they have no bias; call begin()
  /// before take().
  void begin() { ++steps_; }
  double mean_weight() const { return by_beta1_.weight(steps_); }
  double square_weight() const { return by_beta2_.weight(steps_); }

  void archive(State& state) {
    state.field("mean", mean_);
    state.field("square", square_);
    state.field("steps", steps_);
  }

 private:
  DecayingMean by_beta1_;
  DecayingMean by_beta2_;
  std::uint64_t steps_ = 0;
  std::vector<float> mean_;
  std::vector<float> square_;
};

}  // namespace gapbench

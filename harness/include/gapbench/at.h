// Where a question is asked: at which parameters, and under which draw of the noise.
#pragma once

#include <cstdint>
#include <span>

namespace gapbench {

/// The place of a question. At{} is the current parameters under the step's own noise.
/// Spans are [dimension], f32, and must stay valid and unchanged during the call.
///
///   step.gradient({.parameters = w}, out);               // elsewhere
///   step.gradient({.draw = 3}, out);                      // here, under other noise
///   step.gradient({.draw = At::no_noise}, out);           // here, without
struct At {
  std::span<const float> parameters{};  ///< empty: the current ones
  /// Empty: none. Else weights are N(parameter, variance), drawn for each example by itself where
  /// they are used (local reparameterization):
  ///
  ///   y = P(x, W) + b + e sqrt(P(x^2, S) + s_b),   e ~ N(0, 1) for each example and output
  ///
  /// with variances S of W and s_b of b, >= 0, and 0 for tensors of no such layer. In a linear
  /// layer that is exactly a network of its own for each example; in a convolution it is right for
  /// each output alone, not for two pixels together. Cost: two passes for each one.
  /// Throws Error unless Problem::takes_variances(), for all questions but values and gradients, and
  /// where a regularizer penalizes micro-batches or the mini-batch. Source: Kingma, Salimans, Welling 2015, "Variational dropout and
  /// the local reparameterization trick", section 2.3.
  std::span<const float> variances{};
  /// Which draw of the noise (the factors of regularizers; e above). Other numbers are independent
  /// draws; the same number is the same draw, whatever is asked and however the batch is cut. 0 is
  /// the step's own, the one that a question without At sees.
  std::uint64_t draw = 0;
  /// All factors are 1.
  static constexpr std::uint64_t no_noise = ~std::uint64_t{0};
};

}  // namespace gapbench

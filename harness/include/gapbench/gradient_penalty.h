// Squared gradient norms as penalties: what the regularizers on micro-batch gradients share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "gapbench/export.h"
#include "gapbench/micro_batch.h"
#include "gapbench/options.h"

namespace gapbench {

/// R_M = c |g_M|^2 with g_M the gradient of a head on micro-batch M, H_M its Hessian:
/// grad R_M = 2 c H_M g_M. The norm is over all parameters.
///
/// c = factor x (the schedule's factor, with `schedule: learning_rate`) x (the number of
/// micro-batches, with `every: sampled`), and by `convention`
///
///   novack    factor = lambda        lambda |g|^2         Novack et al. 2023
///   smith     factor = lambda / 4    (alpha/4) |g|^2      Barrett & Dherin 2021; Smith et al. 2021
///   geiping   factor = lambda / 8    (alpha tau/8) |g|^2  Geiping et al. 2022; lambda = alpha tau,
///                                    and tau follows the learning rate: schedule: learning_rate
///
/// `hessian` says where H g comes from; e = `step`, g_0 = g / |g|:
///
///   exact                 tangent passes
///   forward_difference    |g| (g(w + e g_0) - g(w)) / e                error O(e)
///   central_difference    |g| (g(w + e g_0 / 2) - g(w - e g_0 / 2)) / e    error O(e^2)
///
/// These are Geiping's differences (v = alpha g, eps_n = eps / |v|, eps = 1e-2), where alpha falls
/// out. The value is exact in each mode. Where rectifiers switch, g jumps: a difference counts the
/// switches along its way, the exact product none of them, and the two are apart by noise that
/// grows as e^(-1/2) and falls with the size of the micro-batch.
///
/// `every: sampled` penalizes one micro-batch of each mini-batch, drawn uniformly by a key of the
/// step: times their number its expectation is the penalty on all, whatever their sizes.
///
/// State: none; const and thread-safe. Cost on a penalized micro-batch, beside its loss gradient:
/// 1 backward (none for the head just asked: the loss) and exact: 1 tangent-forward + 1
/// tangent-backward; forward_difference: 1 forward + 1 backward; central_difference: 2 forward + 2
/// backward.
class GAPBENCH_API GradientPenalty {
 public:
  /// What a plugin declares; the constructor reads them all.
  static constexpr std::array options{
      option::real("lambda", "strength, see convention").at_least(0),
      option::choice("convention", "novack|smith|geiping",
                     "lambda |g|^2, (lambda/4) |g|^2 or (lambda/8) |g|^2")
          .by_default("novack"),
      option::choice("schedule", "constant|learning_rate",
                     "lambda stays, or follows the schedule of the learning rate")
          .by_default("constant"),
      option::choice("hessian", "exact|forward_difference|central_difference",
                     "how Hessian-vector products are made")
          .by_default("exact"),
      option::real("step", "length of the difference in parameter space").above(0).by_default(1e-2),
      option::choice("every", "all|sampled", "penalize all micro-batches, or one drawn each step")
          .by_default("all"),
      option::integer("micro_batch", "size of a penalized micro-batch; 0: the trial's")
          .at_least(0)
          .in_unit("examples")
          .by_default(0.0),
  };

  explicit GradientPenalty(const Options& o);

  /// For Regularizer::micro_batch.
  std::size_t micro_batch() const noexcept { return micro_batch_; }
  /// The penalty is on another micro-batch of this step: add would give 0.
  bool skips(const MicroBatch& micro_batch) const;
  /// For Regularizer::penalize_micro_batch, with the head whose gradient is penalized.
  double add(MicroBatch& micro_batch, const Head& head, std::span<float> gradient) const;

 private:
  enum class Hessian : std::uint8_t { exact, forward_difference, central_difference };
  double coefficient(const MicroBatch& micro_batch) const;

  double factor_;
  bool scheduled_;
  Hessian hessian_;
  double step_;
  bool sampled_;
  std::size_t micro_batch_;
};

/// c |g|^2 with exact products: adds 2 c H g to `gradient` unless empty.
GAPBENCH_API double add_gradient_penalty(MicroBatch& micro_batch, const Head& head, double c,
                                         std::span<float> gradient);

}  // namespace gapbench

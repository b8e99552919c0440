// The Fisher information in Kronecker factors, as a method keeps it while it trains (K-FAC).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gapbench/curvature.h"
#include "gapbench/export.h"
#include "gapbench/optimizer.h"
#include "gapbench/options.h"
#include "gapbench/state.h"

namespace gapbench {

/// A moving mean of the factors A and G (gapbench/kronecker.h) of each linear layer and convolution,
/// and the basis in which F = A (x) G is diagonal:
///
///   A <- c A + (1 - c) A_batch,  G likewise,  c = min(1 - 1/t, factor_decay) at their t-th measurement
///
/// measured at every `statistics_every`-th step, the eigenvectors found again at every
/// `basis_every`-th; both also at steps 0, 1, 3, 7, ... before that, where one batch is all there is
/// to know. Up to the first F is 0. Other parameters (of normalizations, and of layers with a factor
/// of more than `largest` rows) are in no block. A is a sum over a convolution's positions: nothing is
/// divided by their number.
///
/// Source: Martens, Grosse 2015, "Optimizing neural networks with Kronecker-factored approximate
/// curvature"; damped exactly, in the eigenbasis, not factor by factor.
/// Cost, of n x m layers: to measure, 1 forward an example and for each column (see Fisher) a
/// backward and the factors' sums; a basis 10 (n^3 + m^3); a precondition or a draw 2 n m (n + m).
/// Memory: the factors and their eigenvectors, and while measuring min(micro-batches, 16) x the
/// factors. State: factors, eigenvectors, eigenvalues.
/// Thread rule: one thread at a time.
class GAPBENCH_API KroneckerFisher {
 public:
  static constexpr std::array options{
      option::fisher,
      option::real("factor_decay", "of the means of the factors")
          .at_least(0)
          .below(1)
          .by_default(0.95),
      option::integer("statistics_every", "steps from one measurement of the factors to the next")
          .at_least(1)
          .in_unit("steps")
          .by_default(10),
      option::integer("basis_every", "steps from one eigenbasis to the next")
          .at_least(1)
          .in_unit("steps")
          .by_default(100),
      option::largest_factor,
  };

  /// Reads the options above. `what` begins the words where the loss is no likelihood: see
  /// require_fisher. Throws Error where no layer is left.
  KroneckerFisher(const Options& o, std::span<const TensorInfo> tensors, std::string what);

  /// Once a step: measures and finds the basis where it is time to.
  void learn(Step& step, const At& at);
  std::uint64_t measurements() const noexcept { return measurements_; }

  /// Of the last basis, disjoint.
  std::span<const CurvatureBlock> blocks() const noexcept { return blocks_; }
  std::size_t parameters() const noexcept;  ///< in blocks
  /// g <- (F + damping I)^-1 g in the blocks; all else stays. g [dimension]
  void precondition(double damping, std::span<float> g) const;
  /// w += (F + damping I)^(-1/2) e sqrt(scale) in the blocks, e ~ N(0, I) of `random`.
  void add_draw(double scale, double damping, Random random, std::span<float> w) const;

  void archive(State& state);

 private:
  void require_layers(Step& step) const;
  void measure(Step& step, const At& at);
  void find_basis();

  std::string name_;
  std::string what_;
  Fisher fisher_;
  double decay_;
  std::uint64_t statistics_every_;
  std::uint64_t basis_every_;
  std::vector<TensorInfo> tensors_;
  std::vector<KroneckerLayer> layers_;  ///< of the problem, as its tensors say
  std::vector<std::size_t> kept_;       ///< those with blocks
  std::vector<float> factors_;          ///< A, G of each
  std::vector<float> measured_;
  std::vector<CurvatureBlock> blocks_;
  std::uint64_t steps_ = 0;
  std::uint64_t measurements_ = 0;
};

/// |g|'s length in the metric of what it became: min(1, sqrt(limit / (rate^2 g . d))), d = F^-1 g. The
/// step rate x d then moves the model by at most limit / 2 nats where F is its Fisher information.
/// `limit` 0: 1. Source: Ba, Grosse, Martens 2017, "Distributed second-order optimization using
/// Kronecker-factored approximations".
GAPBENCH_API double divergence_clip(double limit, double rate, std::span<const float> g,
                                    std::span<const float> d);

}  // namespace gapbench

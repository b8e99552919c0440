// Posteriors: draws of the parameters in place of one vector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "gapbench/export.h"
#include "gapbench/random.h"

namespace gapbench {

class Metrics;
class Snapshot;

/// KL(q || p) from the prior p to the posterior q, and what choosing p among countably many took:
/// -log of p's share of them. Both in nats; their sum / log 2 is the description length of the
/// parameters in bits (Hinton, van Camp 1993, "Keeping the neural networks simple by minimizing the
/// description length of the weights"). p must not depend on the training set.
struct Divergence {
  double nats = 0;
  double choice = 0;
};

/// What a trial ends with where that is more than one vector. An optimizer offers its own
/// (Optimizer::posterior), or a plugin fits one after training; the latter is constructed as
/// T(const Options&, std::span<const TensorInfo> tensors). A *draw* is one parameter vector; an
/// *averaged* prediction is the mean over draws of what each predicts, a *Gibbs* loss the mean over
/// draws of what each loses.
/// Thread rule: one thread at a time.
class GAPBENCH_API Posterior {
 public:
  /// How a draw w is turned into outputs, and what that costs an example:
  ///
  ///   network      z(w)                                                         1 forward
  ///   linearized   z(c) + J(c) (w - c), c the center         1 forward + 1 tangent-forward
  ///   noisy        z(w) under draw k of the method's own noise, the statistics of evaluation
  ///                (dropout as a posterior)                                     1 forward
  ///   local        w is N(center, variances) for each example by itself, see At::variances; as
  ///                `network` where a layer has several positions                2 forward
  enum class Prediction : std::uint8_t { network, linearized, noisy, local };

  virtual ~Posterior();

  /// A posterior that is fitted after training learns what it needs at the snapshot's parameters:
  /// before every evaluation that draws are asked for, and nothing of an earlier call may be left.
  /// Its passes are counted and its time is booked as training, since a method that fits pays for
  /// it. A method's own posterior knows all already: nothing to override.
  virtual void fit(Snapshot& /*snapshot*/) {}

  /// Writes draw k to w [dimension]: the same one for one k and one key, whatever was asked before;
  /// for other k independent draws, or a chain's states in their order. `random` is the same for
  /// all k: derive from it by k. Throws Error where size() > 0 and k >= size().
  virtual void draw(std::size_t k, Random random, std::span<float> w) const = 0;
  /// Draws that there are, in a chain's order; 0: any number.
  virtual std::size_t size() const noexcept { return 0; }
  /// Whether there are draws at all yet: a chain has none before its burn-in ends.
  virtual bool is_ready() const noexcept { return true; }
  /// Steps of training after which there are draws, as far as its options tell: a trial of fewer is
  /// refused before its first. Asked of a method's own posterior, before any step.
  virtual std::uint64_t ready_after() const noexcept { return 0; }

  virtual Prediction prediction() const noexcept { return Prediction::network; }
  /// c, [dimension]; empty: the point that the trial is evaluated at.
  virtual std::span<const float> center() const noexcept { return {}; }
  /// Where not empty, [dimension]: the posterior is exactly N(center, diag(variances)).
  virtual std::span<const float> variances() const noexcept { return {}; }

  virtual std::optional<Divergence> divergence() const { return std::nullopt; }
  /// log p(D) in nats, an approximation; of the whole training set.
  virtual std::optional<double> log_evidence() const { return std::nullopt; }
  /// Of a Gaussian likelihood, in the targets' units as trained, where the posterior chose it.
  virtual std::optional<double> noise_deviation() const { return std::nullopt; }
  /// Numbers of its own: an acceptance rate, a step size, a prior precision ...
  virtual void report(Metrics& /*metrics*/) const {}
};

}  // namespace gapbench

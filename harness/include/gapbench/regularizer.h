// Regularizers: terms added to the objective.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "gapbench/export.h"
#include "gapbench/head.h"
#include "gapbench/micro_batch.h"
#include "gapbench/mini_batch.h"
#include "gapbench/parameters.h"
#include "gapbench/problem.h"
#include "gapbench/random.h"
#include "gapbench/shape.h"

namespace gapbench {

/// Adds R to the objective, noise to the network, or changes the data or the loss. Override one hook or more; the harness finds
/// out at compile time which ones, and a trial whose problem cannot call one of them is refused.
/// Penalties never enter a reported train or test loss.
/// Thread rule: hooks are const and called from several threads at once. Constructed as
/// T(const Options&).
class GAPBENCH_API Regularizer {
 public:
  virtual ~Regularizer();

  /// A penalty on each micro-batch M. Adds grad R_M to `gradient` (which holds the micro-batch's
  /// gradient so far) and returns R_M. The objective gets the mean of R_M over micro-batches,
  /// weighted by their sizes. An empty `gradient` asks for the value only.
  virtual double penalize_micro_batch(MicroBatch& micro_batch, std::span<float> gradient) const;
  /// Examples of the micro-batches that penalize_micro_batch is given; 0: the trial's own, whose
  /// activations it then shares. For what other sizes can be had, see MiniBatch::mean_over.
  virtual std::size_t micro_batch() const noexcept { return 0; }

  /// A penalty on the whole mini-batch, once each time the objective is asked. Adds
  /// grad R to `gradient`, returns R. An empty `gradient` asks for the value only.
  virtual double penalize_mini_batch(MiniBatch& mini_batch, std::span<float> gradient) const;

  /// A penalty on the parameters alone, once a step. Adds grad R to `gradient`, returns R.
  /// An empty `gradient` asks for the value only.
  virtual double penalize_parameters(const Parameters& parameters, std::span<float> gradient) const;

  /// Noise: multiplies `factors` [site.size], those of one example at one site of the network, by
  /// this regularizer's own. What flows through the site in training is multiplied by them, entry
  /// by entry, in every question of the step: loss, penalties, products. Evaluation sees none, nor
  /// does a probe that does not ask for some. `random` is keyed by (seed, step, draw, site, example),
  /// so that the factors do not depend on how a batch is cut; several regularizers have keys of their
  /// own, and their factors multiply.
  virtual void multiply_noise(const NoiseSite& site, Random random, std::span<float> factors) const;
  /// Whether multiply_noise does anything at this site. A trial whose network has no such site is
  /// refused.
  virtual bool disturbs(const NoiseSite& /*site*/) const { return true; }

  /// Changes the data: what training sees of one example in place of its input, [shape], row by row,
  /// pixel by pixel, channel by channel, normalized (0 is the channel's mean) and already augmented.
  /// In every question of the step, as noise is; never in evaluation. `random` is keyed by (seed,
  /// step, draw, example); several regularizers have keys of their own, and change one after the
  /// other. Called once with zeros before the training: there throw Error where the shape does not
  /// fit. A trial whose problem has no inputs is refused.
  virtual void change_input(Shape shape, Random random, std::span<float> input) const;

  /// Mixes examples: changes `input`, as change_input has it, by that of another example j of the
  /// mini-batch, `other`, and returns the share, from 0 to 1, that the example's own label keeps. Its
  /// loss is then
  ///
  ///   share s(z, label) + (1 - share) s(z, label of j)
  ///
  /// s the loss that is trained with, whichever regularizers made it; of no likelihood then. j is drawn
  /// uniformly from the whole mini-batch, the example itself not left out, with a key of its own and
  /// the numbers of `random`'s; both inputs are as the regularizers before this one left them. In every
  /// question of a step; no probe and no evaluation sees mixed examples. Called once with zeros before
  /// the training. A trial with two regularizers that mix, or whose problem has no inputs or no
  /// classes, is refused.
  virtual double mix_input(Shape shape, Random random, std::span<const float> other,
                           std::span<float> input) const;

  /// A head to train on in place of `loss` (label smoothing, a confidence penalty), which outlives
  /// it: the problem's own, or the head of the regularizer before this one. No pass is added. Losses
  /// of tables stay those of the problem's own. Called once, before the training. Throws Error where
  /// it does not fit `loss`.
  virtual std::unique_ptr<const Head> replace_loss(const Head& loss) const;
};

/// Which hooks a regularizer overrides, as bits.
enum RegularizerHook : std::uint32_t {
  hook_micro_batch = 1,
  hook_parameters = 2,
  hook_mini_batch = 4,
  hook_noise = 8,
  hook_loss = 16,
  hook_inputs = 32,
  hook_mixing = 64
};

}  // namespace gapbench

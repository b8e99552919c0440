// Independent Gaussians over the parameters, fitted by another optimizer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gapbench/export.h"
#include "gapbench/optimizer.h"
#include "gapbench/options.h"
#include "gapbench/posterior.h"
#include "gapbench/state.h"

namespace gapbench {

/// What methods share that learn a Gaussian over every parameter:
///
///   q = N(mu, diag sigma^2),  sigma = exp(rho);   the inner optimizer sees v = (mu, rho, further numbers) and
///   L(v) = loss_weight E_q[ F(w) ] + penalty(v)
///
/// with F the objective on the mini-batch. The mean is taken over `draws` draws of e ~ N(0, I), the same ones
/// for all that is asked in a step, and its derivatives under the same numbers:
///
///   estimate: weights   w = mu + sigma e, one for the mini-batch;   d/dmu = g(w), d/drho = g(w) sigma e
///   estimate: local     w drawn for each example by itself, in the outputs of each layer (see At::variances);
///                       d/drho = 2 sigma^2 dF / d sigma^2. Networks that take variances alone
///
/// The variance of a mini-batch's gradient falls with its size under `local` only: under `weights` all
/// examples share one draw. The point that is trained and evaluated is mu; where the inner optimizer stands for
/// another (an average), q does, too.
///
/// Source: Blundell, Cornebise, Kavukcuoglu, Wierstra 2015, "Weight uncertainty in neural networks"; Kingma,
/// Salimans, Welling 2015, "Variational dropout and the local reparameterization trick".
/// State: v, and what the inner optimizer keeps of as many numbers. Cost per gradient that it asks: `draws`
/// gradients, twice that under `local`; under `weights` `draws` normals a parameter.
/// Thread rule: as Optimizer and Posterior.
class GAPBENCH_API GaussianWeights : public Optimizer, public Posterior {
 public:
  static constexpr std::array options{
      option::optimizer("inner", "fits means and deviations"),
      option::integer("draws", "of the weights for each gradient").at_least(1).by_default(1),
      option::choice("estimate", "weights|local", "what is drawn").by_default("weights"),
  };

  void step(Step& step) final;
  /// Of a derived class with state of its own: this, and its fields.
  void archive(State& state) override;
  Posterior* posterior() noexcept final { return this; }
  std::span<const float> evaluated() const noexcept final;

  void draw(std::size_t k, Random random, std::span<float> w) const final;
  bool is_ready() const noexcept final { return steps_ > 0; }
  std::uint64_t ready_after() const noexcept final { return 1; }
  std::span<const float> center() const noexcept final { return q().first(dimension_); }
  std::span<const float> variances() const noexcept final { return variances_; }
  /// `deviation`: the root of the mean variance.
  void report(Metrics& metrics) const override;

 protected:
  /// Reads the options above. `name` keys its random numbers; `further`: names of the numbers behind mu
  /// and rho.
  GaussianWeights(std::string name, const Options& o, std::span<const TensorInfo> tensors,
                  std::span<const std::string> further);

  /// Writes v where training begins: before the first step at its parameters, and once more at
  /// step.initial_parameters(), as those of v.
  virtual void begin_at(std::span<const float> w, std::span<float> v) const = 0;
  /// What the method needs to know of a step before the inner optimizer asks.
  virtual void prepare(Step& /*step*/) {}
  virtual double loss_weight() const noexcept { return 1; }
  /// Writes its derivatives by v to `slope` unless that is empty; returns the penalty. `e` [dimension] are the
  /// draw's, 0 under `local`.
  virtual double penalty(std::span<const float> v, std::span<const float> e,
                         std::span<double> slope) const = 0;
  /// Where v must not be after a step.
  virtual void confine(std::span<float> /*v*/) const {}

  std::size_t dimension() const noexcept { return dimension_; }  ///< D
  /// v that the method stands for; before the first step 0.
  std::span<const float> q() const noexcept;
  double examples() const noexcept { return examples_; }  ///< N, of the step that is being done
  bool is_local() const noexcept { return local_; }

 private:
  friend class GaussianWeightsStep;
  void refresh();

  std::string name_;
  std::size_t draws_;
  bool local_;
  std::size_t dimension_ = 0;
  std::vector<TensorInfo> tensors_;  ///< of v
  std::unique_ptr<Optimizer> inner_;
  std::vector<float> v_;
  std::vector<float> initial_;  ///< where they began; empty before this object's first step
  std::vector<float> variances_;
  std::vector<float> normals_;
  std::vector<float> drawn_;  ///< w; under local the variances asked at
  std::vector<float> term_;   ///< g(w)
  std::vector<float> by_variance_;
  std::vector<double> slope_;  ///< of the penalty
  std::uint64_t steps_ = 0;
  double examples_ = 0;
};

}  // namespace gapbench

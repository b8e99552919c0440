// Laplace approximations: a Gaussian around the point where training ended.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gapbench/curvature.h"
#include "gapbench/export.h"
#include "gapbench/head.h"
#include "gapbench/micro_batch.h"
#include "gapbench/options.h"
#include "gapbench/posterior.h"
#include "gapbench/probe.h"

namespace gapbench {

/// What Laplace approximations share. With N training examples, F the mean Fisher information over
/// them at the point w* (by blocks, as the derived class has it) and p = 1 / prior_variance:
///
///   q = N(w*, P^-1),   P = N F + p I
///   log p(D) ~ -sum_i s_i(w*) - (1/2) [ log det(P / p) + p |w*|^2 ]
///
/// over the parameters of the blocks; all others stay at w*, and are no part of either. s must be a
/// likelihood: cross-entropy, or a regression's with its deviation. Exact where s is quadratic and
/// w* its minimum under the prior: Bayesian linear regression.
///
///   fisher      exact|sampled|empirical   see Fisher
///   prior       evidence   p where log p(D) is highest for this w*: MacKay's p |w*|^2 = gamma,
///                          gamma = sum_k h_k / (h_k + p) over the eigenvalues h of N F; p within
///                          1e-10 ... 1e10. w* stays, whatever penalty it was trained with
///   noise       evidence   of a regression's deviation r, likewise: r^2 = residual / (N width -
///                          gamma), r within 1e-6 ... 1e6. Both maxima are of one concave function
///                          of (log p, log r), found by nested bisection
///   prediction  linearized z(w*) + J (w - w*): the model that the Gaussian is the posterior of
///               network    z(w)
///
/// The prior is the one place of a prior: with l2 in the half convention w* belongs to it where
/// lambda = 1 / (N prior_variance). Statistics of normalizations are those of evaluation. A
/// divergence is given where the prior is fixed and the blocks cover all parameters.
///
/// Source: MacKay 1992, "A practical Bayesian framework for backpropagation networks"; Immer,
/// Korzepa, Bauer 2021, "Improving predictions of Bayesian neural nets via local linearization";
/// Daxberger et al. 2021, "Laplace redux - effortless Bayesian deep learning".
/// Thread rule: as Posterior. Memory: what the blocks hold.
class GAPBENCH_API Laplace : public Posterior {
 public:
  static constexpr std::array options{
      option::fisher,
      option::choice("prior", "fixed|evidence", "of prior_variance, or of the highest evidence")
          .by_default("fixed"),
      option::real("prior_variance", "of each parameter around 0, where the prior is fixed")
          .above(0)
          .by_default(1),
      option::choice("noise", "fixed|evidence",
                     "deviation of a regression's targets as given, or of the highest evidence")
          .by_default("fixed"),
      option::choice("prediction", "linearized|network",
                     "by the network's linearization around the point, or by itself")
          .by_default("linearized"),
  };

  void fit(Snapshot& snapshot) final;
  void draw(std::size_t k, Random random, std::span<float> w) const final;
  bool is_ready() const noexcept final { return !blocks_.empty(); }
  Prediction prediction() const noexcept final { return prediction_; }
  std::span<const float> center() const noexcept final { return center_; }
  std::span<const float> variances() const noexcept final { return variances_; }
  std::optional<Divergence> divergence() const final;
  std::optional<double> log_evidence() const final;
  std::optional<double> noise_deviation() const final;
  /// prior_variance, effective_parameters (gamma), parameters, parameters_left_out.
  void report(Metrics& metrics) const final;

 protected:
  /// Reads the options above.
  Laplace(const Options& o, std::span<const TensorInfo> tensors);

  /// The blocks at the snapshot's parameters; disjoint, at least one.
  virtual std::vector<CurvatureBlock> curvature(Snapshot& snapshot) const = 0;

  /// The Fisher of parameters [first, first + size) in full. Cost: 1 forward an example and a
  /// backward for each of its columns (exact: the outputs' width, else 1), one example at a time;
  /// size^2 / 2 multiply-adds each; 10 size^3 for the eigenvalues. Memory: 8 size^2 floats while it
  /// is fitted.
  CurvatureBlock full(Snapshot& snapshot, std::size_t first, std::size_t size) const;
  /// A (x) G of one layer. Cost: 1 forward an example, a backward for each column, and as often the
  /// factors' sums; 10 n^3 for the eigenvalues.
  CurvatureBlock kronecker(Snapshot& snapshot, std::size_t layer) const;
  /// The diagonal of all parameters. Cost: 1 forward an example, two backwards for each column.
  CurvatureBlock diagonal(Snapshot& snapshot) const;

  std::size_t dimension() const noexcept { return dimension_; }
  const std::string& name() const noexcept { return name_; }
  std::span<const TensorInfo> tensors() const noexcept { return tensors_; }

 private:
  void require_possible(const Head& loss) const;
  double effective_parameters(double precision, double deviation) const;
  double best_precision(double deviation) const;
  void choose_by_evidence();
  double scale(double deviation) const;  ///< of N F for another deviation of the noise
  double residual() const;
  double negative_log_likelihood(double deviation) const;
  void finish_variances();

  std::string name_;
  std::vector<TensorInfo> tensors_;
  std::size_t dimension_ = 0;
  Fisher fisher_;
  bool prior_by_evidence_;
  bool noise_by_evidence_;
  double fixed_precision_;
  Prediction prediction_;

  // Of the last fit.
  std::vector<float> center_;
  std::vector<CurvatureBlock> blocks_;
  std::vector<float> variances_;
  double examples_ = 0;      ///< N
  double loss_ = 0;          ///< sum_i s_i
  double targets_ = 0;       ///< N width
  double given_ = 0;         ///< the loss's own deviation; 0: it is no Gaussian
  double squared_norm_ = 0;  ///< of w* in the blocks
  double precision_ = 1;     ///< p
  double deviation_ = 0;     ///< r
};

}  // namespace gapbench

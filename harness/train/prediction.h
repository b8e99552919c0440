// Predictions of one point or averaged over draws, and how good they are.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gapbench/head.h"
#include "gapbench/posterior.h"
#include "gapbench/problem.h"
#include "train/noise.h"
#include "train/team.h"

namespace gapbench::train {

struct PartPrediction;
class Traces;

/// What is predicted with.
struct PredictionPlan {
  const Posterior* posterior = nullptr;             ///< null: the point itself, as the only draw
  std::size_t draws = 1;                            ///< asked for; a chain gives as many as it has
  std::size_t train_examples = 0;                   ///< the first of the training part; 0: all
  Random random{0};                                 ///< of the trial
  const std::vector<Penalty>* penalties = nullptr;  ///< whose noise a `noisy` prediction has
  std::span<const float> parameters{};              ///< the point
  std::span<const float> running_statistics{};      ///< of the point
  /// Examples in a training pass where the statistics of a draw are measured, see measure_statistics.
  std::size_t micro_batch = 0;
  Traces* traces = nullptr;  ///< gets each draw; null: nobody
  /// Numbers from 1 of Problem::shifts(): the test part is predicted under each of them, too.
  std::span<const std::uint32_t> shifts{};
  std::size_t unseen = 0;  ///< examples of unseen classes behind those of the test part
  /// Gets p of the test part as it is, [examples, classes]; empty without cross-entropy. Null: nobody.
  std::vector<float>* averaged = nullptr;
};

/// What the log likelihood of a target is taken from: a Gaussian of the deviation that the posterior
/// chose, else the problem's loss where it is one, else nothing.
class Likelihood {
 public:
  /// `problem` must outlive it; posterior: may be null.
  Likelihood(const Problem& problem, const Posterior* posterior);
  Likelihood(const Likelihood&) = delete;
  Likelihood& operator=(const Likelihood&) = delete;
  const Head* head() const noexcept { return head_; }  ///< null: there is none

 private:
  std::optional<Gaussian> own_;
  const Head* head_ = nullptr;
};

/// Throws Error(name, ...) where there is none.
void require_likelihood(const std::string& name, const Problem& problem,
                        const Posterior* posterior);

/// Draws that `plan` comes to. Those of a chain of more are as far apart as can be and end with its
/// last.
std::size_t draws_of(const PredictionPlan& plan);

/// Predictions of S draws w_k of one part, p_k = softmax(z(w_k)) for a classification by
/// cross-entropy:
///
///   averaged    p = (1/S) sum_k p_k; without cross-entropy z = (1/S) sum_k z_k
///   nll         -(1/n) sum_i log (1/S) sum_k exp(-s_i(w_k)), where the loss s is a likelihood, or
///               the posterior knows the deviation of one; of a regression in the targets' own units
///   accuracy    of argmax p, ties to the lower class
///   brier       (1/n) sum_i |p_i - onehot_i|^2                     Brier 1950
///   ece         sum_b (n_b / n) |accuracy_b - confidence_b| over 15 equally wide bins ((b-1)/15,
///               b/15] of max p, kept as `bins`       Naeini, Cooper, Hauskrecht 2015; Guo et al. 2017
///   entropy     (1/n) sum_i H(p_i), nats
///   mutual_information   that less the mean of H(p_k,i): what the draws disagree about, nats
///   gibbs_loss, gibbs_error   the problem's loss and error of one draw, averaged over draws
///   rmse        root of the mean over examples and outputs of (z - target)^2, in own units
///
/// One for each part, one of the test part under each shift of the plan, then where there are some one of
/// the unseen classes. Draws one after another,
/// each on all parts; the batch-normalization statistics of a draw that is
/// another parameter vector are measured anew, linearized draws have those of their center. Draw k is
/// keyed by (seed, "predict", k), its noise by the part, too. In double, in order: the same bits on
/// any number of threads. Throws Error where a draw is not finite or `local` is asked for.
/// Cost: 1 forward an example and draw; linearized 1 tangent-forward more; with batch normalization
/// and another vector a draw also 1 forward a training example. Memory: examples x (width + 5)
/// doubles.
std::vector<std::optional<PartPrediction>> predict(const Problem& problem, Team& team,
                                                   const PredictionPlan& plan,
                                                   std::span<const Part> parts);

/// Throws Error(name, ...) for ways to predict that are not there, and for noise that nobody makes.
void require_predictable(const std::string& name, const Posterior& posterior,
                         const std::vector<Penalty>& penalties);

}  // namespace gapbench::train

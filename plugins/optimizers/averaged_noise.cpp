// Averaged noise: every question of another optimizer's step is answered by the mean over k draws of
// the method's noise (dropout, say), and the noise that the mean has lost can be knocked in again.
//
//   F(w) = (1/k) sum_(j < k) F_j(w),   F_j the objective under draw j
//   knock_in:  F(w) + sqrt(1 - 1/k) (F_k - F_(k+1)) / sqrt 2,   two further draws
//
// for values, gradients and Hessian-vector products. The mean keeps dropout's explicit
// regularization, which is in the expectation, and divides the covariance of the gradient's noise by
// k, which takes the implicit one away; the term that is knocked in has mean 0 and gives back the
// covariance of k = 1 exactly. So the two effects can be told apart: `dropout` against k = 8 shows
// the implicit one, k = 8 against no dropout the explicit one.
//
// Questions about micro-batches (Kronecker factors, means over them) go to the step as they are.
// Without a regularizer that makes noise all draws are equal, and this is the inner optimizer at k
// times its cost.
//
// Source: Wei, Kakade, Ma 2020, "The implicit and explicit regularization effects of dropout",
// sections 2 and 4.2 (there DROPOUT_k).
// State: what the inner optimizer keeps; besides, two vectors. Cost per step: k times the inner one's
// questions, with knock-in k + 2 times.

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include <gapbench/plugin.h>
#include <gapbench/stand_in_step.h>

namespace {

using gapbench::At;
using gapbench::OptionSpec;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::optimizer("inner", "makes the steps"),
    option::integer("k", "draws that are averaged").at_least(1),
    option::flag("knock_in", "gives the gradient the noise of one draw again").by_default(false),
};

struct Weighted {
  std::uint64_t draw;
  double weight;
};

class AveragedStep final : public gapbench::StandInStep {
 public:
  AveragedStep(gapbench::Step& step, std::span<const Weighted> draws, std::vector<float>& term,
               std::vector<float>& variance_term)
      : StandInStep(step), draws_(draws), term_(term), variance_term_(variance_term) {}

  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override {
    if (is_plain(at)) return step().gradient(at, out, by_variance);
    variance_term_.resize(by_variance.size());
    double value = 0;
    for (const Weighted& d : draws_) {
      value += d.weight * step().gradient(under(at, d), term_, variance_term_);
      add(d, term_, out);
      add(d, variance_term_, by_variance);
    }
    return value;
  }

  double value(const At& at) override {
    if (is_plain(at)) return step().value(at);
    double value = 0;
    for (const Weighted& d : draws_) value += d.weight * step().value(under(at, d));
    return value;
  }

  void hessian_vector(const At& at, std::span<const float> v, std::span<float> out) override {
    if (is_plain(at)) return step().hessian_vector(at, v, out);
    for (const Weighted& d : draws_) {
      step().hessian_vector(under(at, d), v, term_);
      add(d, term_, out);
    }
  }

 private:
  bool is_plain(const At& at) const { return at.draw == At::no_noise || draws_.size() == 1; }

  /// Draw 0 is among those of the inner optimizer's draw 0; others have numbers of their own.
  At under(At at, const Weighted& d) const {
    at.draw = at.draw * draws_.size() + d.draw;
    return at;
  }

  static void add(const Weighted& d, std::span<const float> term, std::span<float> out) {
    const auto weight = static_cast<float>(d.weight);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = d.draw == 0 ? weight * term[i] : out[i] + weight * term[i];
    }
  }

  std::span<const Weighted> draws_;
  std::vector<float>& term_;
  std::vector<float>& variance_term_;
};

class AveragedNoise final : public gapbench::Optimizer {
 public:
  AveragedNoise(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : inner_(o.optimizer("inner", tensors)) {
    const std::size_t k = o.count("k");
    const auto count = static_cast<double>(k);
    for (std::size_t j = 0; j < k; ++j) draws_.push_back({j, 1 / count});
    if (o.flag("knock_in") && k > 1) {
      const double weight = std::sqrt((1 - 1 / count) / 2);
      draws_.push_back({k, weight});
      draws_.push_back({k + 1, -weight});
    }
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) dimension += tensor.size;
    term_.resize(dimension);
  }

  void step(gapbench::Step& step) override {
    AveragedStep averaged(step, draws_, term_, variance_term_);
    inner_->step(averaged);
  }

  void archive(gapbench::State& state) override {
    gapbench::PrefixedState inner(state, "inner.");
    inner_->archive(inner);
  }

  gapbench::Posterior* posterior() noexcept override { return inner_->posterior(); }
  std::span<const float> evaluated() const noexcept override { return inner_->evaluated(); }

 private:
  std::unique_ptr<gapbench::Optimizer> inner_;
  std::vector<Weighted> draws_;
  std::vector<float> term_;
  std::vector<float> variance_term_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<AveragedNoise>(
    {.name = "averaged_noise",
     .summary = "averages an optimizer's questions over draws of the noise; Wei, Kakade, Ma 2020",
     .example = "inner=sgd k=2 knock_in=true"},
    options));

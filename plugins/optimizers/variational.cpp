// Variational inference: another optimizer fits the mean and the deviation of a Gaussian over every
// parameter, so that the evidence bound is highest. The deviations, and what they cost in bits, are
// learned with the weights.
//
//   q = N(mu, diag sigma^2),  sigma = exp(rho);   the inner optimizer sees the 2 D parameters (mu, rho) and
//   F(mu, rho) = E_q[ F(w) ] + (kl_weight / N) KL(q || p),   w = mu + sigma e,  e ~ N(0, I)
//   dF/dmu = g(w) + (kl_weight / N) dKL/dmu,   dF/drho = g(w) sigma e + (kl_weight / N) dKL/drho
//
// averaged over `draws` of e, the same ones for all that is asked in a step. F(w) is the objective on the
// mini-batch, N the number of training examples; with kl_weight 1, -N F is the evidence lower bound.
//
//   prior: gaussian       p = N(0, prior_variance)
//     KL = sum (sigma^2 + mu^2) / (2 prior_variance) - 1/2 - log(sigma^2 / prior_variance) / 2
//   prior: scale_mixture  p = wide_share N(0, prior_variance) + (1 - wide_share) N(0, narrow_variance)
//     KL = sum E[-log p(w)] - rho - 1/2 - log(2 pi) / 2, in training at the drawn w, and for the record by
//     the trapezoid rule over e in [-8, 8], step 0.1
//
// A regularizer beside it, or the inner optimizer's weight decay, is a second prior. The source has
// sigma = log(1 + exp(rho)). The point that is trained and evaluated is mu; where the inner optimizer
// stands for another (an average), q does, too. estimate: weights is the source's: one w for the whole
// mini-batch.
//
// Source: Blundell, Cornebise, Kavukcuoglu, Wierstra 2015, "Weight uncertainty in neural networks".
// State: mu and rho, 2 floats a parameter, and what the inner optimizer keeps of as many.
// Cost per step: `draws` gradients and normals a parameter for each gradient that it asks.

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include <gapbench/plugin.h>
#include <gapbench/stand_in_step.h>

namespace {

using gapbench::At;
using gapbench::OptionSpec;
using gapbench::TensorInfo;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::optimizer("inner", "fits means and deviations"),
    option::real("prior_variance", "of the Gaussian prior of each parameter, centered at 0")
        .above(0),
    option::choice("prior", "gaussian|scale_mixture", "one Gaussian, or a wide and a narrow one")
        .by_default("gaussian"),
    option::real("wide_share", "weight of the wide one in a mixture")
        .above(0)
        .below(1)
        .by_default(0.5),
    option::real("narrow_variance", "of the other one in a mixture").above(0).by_default(1e-4),
    option::real("start_deviation", "sigma at the start").above(0).by_default(0.02),
    option::real("kl_weight", "of the divergence in the objective").at_least(0).by_default(1.0),
    option::integer("draws", "of the weights for each gradient").at_least(1).by_default(1),
    option::choice("estimate", "weights|local", "what is drawn").by_default("weights"),
};

double log_normal(double w, double variance) {
  return -(w * w / variance + std::log(2 * std::numbers::pi * variance)) / 2;
}

/// E[-log q] of one parameter is this + rho.
const double half_entropy = (1 + std::log(2 * std::numbers::pi)) / 2;

/// Of one parameter.
struct Prior {
  double variance;
  double narrow;
  bool is_mixture;
  double share;  // of the wide one

  struct Divergence {
    double nats;
    double by_mu;
    double by_rho;
  };
  Divergence closed_form(double mu, double rho) const {
    const double s = std::exp(2 * rho);
    return {((s + mu * mu) / variance - 1 + std::log(variance)) / 2 - rho, mu / variance,
            s / variance - 1};
  }

  /// An estimate of it from w = mu + sigma e alone.
  Divergence at_draw(double mu, double rho, double e) const {
    const double sigma = std::exp(rho);
    const Density p = density(mu + sigma * e);
    return {-rho - half_entropy - p.log, -p.slope, -p.slope * sigma * e - 1};
  }

  double integrated(double mu, double rho) const {
    constexpr int half = 80;
    constexpr double width = 0.1;
    double log_p = 0;
    for (int j = -half; j <= half; ++j) {
      const double e = width * j;
      log_p += width * std::exp(log_normal(e, 1)) * density(mu + std::exp(rho) * e).log;
    }
    return -rho - half_entropy - log_p;
  }

 private:
  struct Density {
    double log;
    double slope;
  };
  Density density(double w) const {
    const double a = std::log(share) + log_normal(w, variance);
    const double b = std::log1p(-share) + log_normal(w, narrow);
    const double top = std::max(a, b);
    const double log = top + std::log(std::exp(a - top) + std::exp(b - top));
    const double r = std::exp(a - log);
    return {log, -w * (r / variance + (1 - r) / narrow)};
  }
};

class Variational final : public gapbench::Optimizer, public gapbench::Posterior {
 public:
  Variational(const gapbench::Options& o, std::span<const TensorInfo> tensors);

  void step(gapbench::Step& step) override;
  void archive(gapbench::State& state) override;
  gapbench::Posterior* posterior() noexcept override { return this; }
  std::span<const float> evaluated() const noexcept override {
    const auto averaged = inner_->evaluated();
    return averaged.empty() ? averaged : averaged.first(dimension_);
  }

  void draw(std::size_t k, gapbench::Random random, std::span<float> w) const override {
    random.at("draw", k).normals(w);
    for (std::size_t i = 0; i < w.size(); ++i) {
      w[i] = q()[i] + static_cast<float>(std::sqrt(variances_[i])) * w[i];
    }
  }
  bool is_ready() const noexcept override { return steps_ > 0; }
  std::uint64_t ready_after() const noexcept override { return 1; }
  std::span<const float> center() const noexcept override { return q().first(dimension_); }
  std::span<const float> variances() const noexcept override { return variances_; }
  std::optional<gapbench::Divergence> divergence() const override;
  void report(gapbench::Metrics& metrics) const override {
    double squares = 0;
    for (const float s : variances_) squares += s;
    const auto d = static_cast<double>(dimension_);
    metrics.add("deviation", std::sqrt(squares / d), "");  // root of the mean variance
  }

 private:
  friend class BoundStep;

  /// Those that the method stands for; before the first step 0.
  std::span<const float> q() const noexcept {
    const auto averaged = inner_->evaluated();
    return averaged.empty() ? std::span<const float>(both_) : averaged;
  }
  void begin_at(std::span<const float> w, std::span<float> both) const {
    std::ranges::copy(w, both.begin());
    std::fill(both.begin() + static_cast<std::ptrdiff_t>(dimension_), both.end(),
              static_cast<float>(std::log(start_deviation_)));
  }
  void refresh() {
    for (std::size_t i = 0; i < dimension_; ++i) {
      variances_[i] = static_cast<float>(std::exp(2.0 * q()[dimension_ + i]));
    }
  }

  std::unique_ptr<gapbench::Optimizer> inner_;
  Prior prior_;
  double start_deviation_;
  double kl_weight_;
  std::size_t draws_;
  std::size_t dimension_ = 0;
  std::vector<TensorInfo> tensors_;  // of both
  std::vector<float> both_;          // mu, rho
  std::vector<float> initial_;       // where they began
  std::vector<float> variances_;
  std::vector<float> normals_;
  std::vector<float> drawn_;  // w
  std::vector<float> term_;   // g(w)
  std::uint64_t steps_ = 0;
};

/// The evidence bound as an objective of (mu, rho).
class BoundStep final : public gapbench::StandInStep {
 public:
  BoundStep(gapbench::Step& step, Variational& owner) : StandInStep(step), q_(owner) {}

  std::size_t dimension() const noexcept override { return q_.both_.size(); }
  std::span<const TensorInfo> tensors() const noexcept override { return q_.tensors_; }
  std::span<float> parameters() noexcept override { return q_.both_; }
  std::span<const float> initial_parameters() const noexcept override { return q_.initial_; }

  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override {
    if (!at.variances.empty() || !by_variance.empty()) refuse("gradients by variances");
    std::ranges::fill(out, 0.0F);
    double value = 0;
    for (std::size_t k = 0; k < q_.draws_; ++k) {
      const At there = draw(at, k);
      value += step().gradient(there, q_.term_);
      value += add(place(at), out);
    }
    return value / static_cast<double>(q_.draws_);
  }

  double value(const At& at) override {
    double value = 0;
    for (std::size_t k = 0; k < q_.draws_; ++k) {
      const At there = draw(at, k);
      value += step().value(there) + add(place(at), {});
    }
    return value / static_cast<double>(q_.draws_);
  }

  void hessian_vector(const At&, std::span<const float>, std::span<float>) override {
    refuse("Hessian-vector products");
  }
  void for_each_micro_batch(
      const At&, const std::function<void(gapbench::MicroBatch&, std::size_t)>&) override {
    refuse("micro-batches");
  }
  void mean_over(const At&, std::size_t, const gapbench::MicroBatchTerm&,
                 std::span<float>) override {
    refuse("micro-batches");
  }

 private:
  [[noreturn]] static void refuse(const char* what) {
    throw gapbench::Error("variational.inner", std::string("asks for ") + what +
                                                   "; must ask for gradients and values alone, as "
                                                   "sgd, adam or sam do");
  }

  std::span<const float> place(const At& at) const {
    return at.parameters.empty() ? std::span<const float>(q_.both_) : at.parameters;
  }

  /// Writes e and w; where the question about w is asked.
  At draw(const At& at, std::size_t k) {
    const std::span<const float> both = place(at);
    const std::size_t d = q_.dimension_;
    At there{.parameters = q_.drawn_, .draw = at.draw};
    if (at.draw == At::no_noise) {
      std::ranges::fill(q_.normals_, 0.0F);
    } else {
      there.draw = at.draw * q_.draws_ + k;
      step().random("variational").at("draw", there.draw).normals(q_.normals_);
    }
    for (std::size_t i = 0; i < d; ++i) {
      q_.drawn_[i] = both[i] + std::exp(both[d + i]) * q_.normals_[i];
    }
    return there;
  }

  /// Adds to `out`, unless that is empty, 1 / draws of the gradient at the draw; returns the
  /// divergence's part of F there.
  double add(std::span<const float> both, std::span<float> out) const {
    const std::size_t d = q_.dimension_;
    const double share = 1 / static_cast<double>(q_.draws_);
    const double weight = q_.kl_weight_ / static_cast<double>(step().training_examples());
    double divergence = 0;
    for (std::size_t i = 0; i < d; ++i) {
      const double rho = both[d + i];
      const double e = q_.normals_[i];
      const Prior::Divergence kl = q_.prior_.is_mixture ? q_.prior_.at_draw(both[i], rho, e)
                                                        : q_.prior_.closed_form(both[i], rho);
      divergence += kl.nats;
      if (out.empty()) continue;
      const double g = q_.term_[i];
      out[i] += static_cast<float>(share * (g + weight * kl.by_mu));
      out[d + i] += static_cast<float>(share * (g * std::exp(rho) * e + weight * kl.by_rho));
    }
    return weight * divergence;
  }

  Variational& q_;
};

/// (mu, rho) of each tensor: first all means, then all logarithms of deviations.
std::vector<TensorInfo> doubled(std::span<const TensorInfo> tensors, std::size_t dimension) {
  std::vector<TensorInfo> both(tensors.begin(), tensors.end());
  both.insert(both.end(), tensors.begin(), tensors.end());
  for (std::size_t i = 0; i < both.size(); ++i) {
    both[i].name += i < tensors.size() ? ".mean" : ".rho";
    both[i].offset += i < tensors.size() ? 0 : dimension;
  }
  return both;
}

Variational::Variational(const gapbench::Options& o, std::span<const TensorInfo> tensors)
    : prior_{o.real("prior_variance"), o.real("narrow_variance"),
             o.choice("prior") == "scale_mixture", o.real("wide_share")},
      start_deviation_(o.real("start_deviation")),
      kl_weight_(o.real("kl_weight")),
      draws_(o.count("draws")) {
  if (o.choice("estimate") == "local") {
    throw gapbench::Error("variational.estimate",
                          "local needs networks that take variances of their weights, and these "
                          "do not; write estimate: weights, which draws the weights");
  }
  for (const TensorInfo& tensor : tensors) dimension_ += tensor.size;
  tensors_ = doubled(tensors, dimension_);
  inner_ = o.optimizer("inner", tensors_);
  for (auto* buffer : {&variances_, &normals_, &drawn_, &term_}) buffer->resize(dimension_);
  both_.resize(2 * dimension_);
  initial_.resize(2 * dimension_);
}

void Variational::step(gapbench::Step& step) {
  if (steps_ == 0) begin_at(step.parameters(), both_);
  gapbench::require_unmoved("variational", std::span(both_).first(dimension_), step.parameters());
  begin_at(step.initial_parameters(), initial_);
  BoundStep bound(step, *this);
  inner_->step(bound);
  ++steps_;
  std::copy_n(both_.begin(), dimension_, step.parameters().begin());
  refresh();
}

void Variational::archive(gapbench::State& state) {
  state.field("both", both_);
  state.field("steps", steps_);
  gapbench::PrefixedState inner(state, "inner.");
  inner_->archive(inner);
  refresh();  // where it was read
}

std::optional<gapbench::Divergence> Variational::divergence() const {
  double nats = 0;
  for (std::size_t i = 0; i < dimension_; ++i) {
    const double mu = q()[i];
    const double rho = q()[dimension_ + i];
    nats += prior_.is_mixture ? prior_.integrated(mu, rho) : prior_.closed_form(mu, rho).nats;
  }
  return gapbench::Divergence{std::max(0.0, nats), 0};
}

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Variational>(
    {.name = "variational",
     .summary = "Gaussians over the parameters by the evidence bound; Blundell et al. 2015",
     .example = "inner=sgd prior_variance=1"},
    options));

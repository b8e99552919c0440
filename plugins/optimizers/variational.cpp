// Variational inference: another optimizer fits the mean and the deviation of a Gaussian over every
// parameter, so that the evidence bound is highest. The deviations, and what they cost in bits, are
// learned with the weights.
//
//   q = N(mu, diag sigma^2),  sigma = exp(rho)
//   F(mu, rho) = E_q[ F(w) ] + (kl_weight / N) KL(q || p)
//
// F(w) is the objective on the mini-batch, N the number of training examples; with kl_weight 1, -N F is the
// evidence lower bound. Its estimates, and the options inner, draws and estimate: gapbench/gaussian_weights.h.
//
//   prior: gaussian       p = N(0, prior_variance)
//     KL = sum (sigma^2 + mu^2) / (2 prior_variance) - 1/2 - log(sigma^2 / prior_variance) / 2
//   prior: scale_mixture  p = wide_share N(0, prior_variance) + (1 - wide_share) N(0, narrow_variance)
//     KL = sum E[-log p(w)] - rho - 1/2 - log(2 pi) / 2, in training at the drawn w, and for the record by
//     the trapezoid rule over e in [-8, 8], step 0.1; not with estimate: local, which draws no w
//
// A regularizer beside it, or the inner optimizer's weight decay, is a second prior. The source has
// sigma = log(1 + exp(rho)).
//
// Source: Blundell, Cornebise, Kavukcuoglu, Wierstra 2015, "Weight uncertainty in neural networks".
// State: mu and rho, 2 floats a parameter, and what the inner optimizer keeps of as many.
// Cost per step: `draws` gradients and normals a parameter for each gradient that it asks; with estimate:
// local twice the gradients.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include <gapbench/gaussian_weights.h>
#include <gapbench/plugin.h>

namespace {

using gapbench::TensorInfo;
namespace option = gapbench::option;

constexpr auto options = option::joined(
    gapbench::GaussianWeights::options,
    std::array{
        option::real("prior_variance", "of the Gaussian prior of each parameter, centered at 0")
            .above(0),
        option::choice("prior", "gaussian|scale_mixture",
                       "one Gaussian, or a wide and a narrow one")
            .by_default("gaussian"),
        option::real("wide_share", "weight of the wide one in a mixture")
            .above(0)
            .below(1)
            .by_default(0.5),
        option::real("narrow_variance", "of the other one in a mixture").above(0).by_default(1e-4),
        option::real("start_deviation", "sigma at the start").above(0).by_default(0.02),
        option::real("kl_weight", "of the divergence in the objective").at_least(0).by_default(1.0),
    });

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

class Variational final : public gapbench::GaussianWeights {
 public:
  Variational(const gapbench::Options& o, std::span<const TensorInfo> tensors)
      : GaussianWeights("variational", o, tensors, {}),
        prior_{o.real("prior_variance"), o.real("narrow_variance"),
               o.choice("prior") == "scale_mixture", o.real("wide_share")},
        start_deviation_(o.real("start_deviation")),
        kl_weight_(o.real("kl_weight")) {
    if (!is_local() || !prior_.is_mixture) return;
    throw gapbench::Error("variational.estimate",
                          "local draws no weights, and the divergence from prior: scale_mixture is "
                          "estimated at some; write estimate: weights, or prior: gaussian");
  }

  std::optional<gapbench::Divergence> divergence() const override {
    double nats = 0;
    for (std::size_t i = 0; i < dimension(); ++i) {
      const double mu = q()[i];
      const double rho = q()[dimension() + i];
      nats += prior_.is_mixture ? prior_.integrated(mu, rho) : prior_.closed_form(mu, rho).nats;
    }
    return gapbench::Divergence{std::max(0.0, nats), 0};
  }

 private:
  void begin_at(std::span<const float> w, std::span<float> v) const override {
    std::ranges::copy(w, v.begin());
    std::ranges::fill(v.subspan(dimension()), static_cast<float>(std::log(start_deviation_)));
  }

  double penalty(std::span<const float> v, std::span<const float> e,
                 std::span<double> slope) const override {
    const std::size_t d = dimension();
    const double weight = kl_weight_ / examples();
    double divergence = 0;
    for (std::size_t i = 0; i < d; ++i) {
      const double rho = v[d + i];
      const Prior::Divergence kl =
          prior_.is_mixture ? prior_.at_draw(v[i], rho, e[i]) : prior_.closed_form(v[i], rho);
      divergence += kl.nats;
      if (slope.empty()) continue;
      slope[i] = weight * kl.by_mu;
      slope[d + i] = weight * kl.by_rho;
    }
    return weight * divergence;
  }

  Prior prior_;
  double start_deviation_;
  double kl_weight_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Variational>(
    {.name = "variational",
     .summary = "Gaussians over the parameters by the evidence bound; Blundell et al. 2015",
     .example = "inner=sgd prior_variance=1"},
    options));

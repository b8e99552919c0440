// The explicit regularization of dropout, as a penalty without any noise: the second-order term of
// the mean loss under dropout, with the Hessian of the outputs alone (Jacobian-Hessian form).
//
//   E_f L(w, f) - L(w) ~ R(w) = (v/2) (1/n) sum_i sum_e (J_ie^T H_i J_ie),   v = rate / (1 - rate)
//
// f are the factors of dropout of this rate (mean 1, variance v, see dropout), e the entries of the
// noise sites, J_ie = dz_i/df_ie at f = 1 (an activation times its Jacobian) and H_i = d2s_i/dz_i2.
// Any other noise of mean 1 has the same penalty with its own variance: N(1, d^2) that of rate =
// d^2 / (1 + d^2). What is left out is the loss's higher orders in f: a unit that is dropped moves
// its factor by 1, which is not small, so beside measured noise (dropout_regularizer) R is apart.
//
// Under cross-entropy H_i is the covariance of ds_i/dz over labels drawn from the model, and with
// `labels` of them an example
//
//   R = (v/2) (1/n) sum_i mean_labels sum_e (ds_i/df_ie)^2,
//
// whose gradient takes the labels as constants, as the source's does. For a regression (squared
// error, or its likelihood) H_i is a constant and R exact; on a linear model whose inputs' sites
// are dropped it is the whole of dropout's effect: ridge regression with weights v x^2 (Srivastava
// et al. 2014, section 9.1). The gradient is one mixed second derivative, d/df d/dw, exactly.
//
// knock_in adds sqrt(v) (1/n) sum_ie u_ie ds_i/df_ie on the true labels, u_ie = +1 or -1 drawn anew
// for every step: a term of mean 0 whose gradient has, to first order, the covariance of dropout's.
// So dropout is taken apart: its explicit effect, its implicit one, and with both the whole to this
// order.
//
// Together with `dropout` the derivatives are those at its factors: use one or the other. `sites`:
// all, or the name of one noise site.
//
// Source: Wei, Kakade, Ma 2020, "The implicit and explicit regularization effects of dropout",
// sections 3 and 4.
// State: none. Cost beside the loss gradient: 1 forward, and for each label (regression: each
// output) and for knock_in 1 backward + 1 tangent-forward + 1 tangent-backward.

#include <cmath>
#include <string>
#include <vector>

#include <gapbench/plugin.h>

namespace {

using gapbench::OptionSpec;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::real("rate", "of the dropout that it stands for").at_least(0).below(1),
    option::text("sites", "all, or the name of one noise site").by_default("all"),
    option::integer("labels", "labels drawn for each example; classes only")
        .at_least(1)
        .by_default(1),
    option::flag("knock_in", "adds noise of dropout's covariance, to first order")
        .by_default(false),
};

class DropoutExplicit final : public gapbench::Regularizer {
 public:
  explicit DropoutExplicit(const gapbench::Options& o)
      : variance_(o.real("rate") / (1 - o.real("rate"))),
        sites_(o.text("sites")),
        labels_(o.count("labels")),
        knock_in_(o.flag("knock_in")) {}

  double penalize_micro_batch(gapbench::MicroBatch& m, std::span<float> gradient) const override {
    const std::vector<bool> chosen = chosen_entries(m);
    double value = 0;
    if (const double h = constant_curvature(m.loss()); h > 0) {
      const std::size_t width = m.outputs().width;
      for (std::size_t c = 0; c < width; ++c) {
        std::vector<float> direction(width);
        direction[c] = 1;
        value += add_squares(m, gapbench::Projection(direction), h, chosen, gradient);
      }
    } else {
      const double share = 1 / static_cast<double>(labels_);
      for (std::size_t k = 0; k < labels_; ++k) {
        const gapbench::CrossEntropy head(
            m.sampled_labels("dropout explicit " + std::to_string(k)));
        value += add_squares(m, head, share, chosen, gradient);
      }
    }
    return knock_in_ ? value + add_noise(m, chosen, gradient) : value;
  }

 private:
  /// Of the entries of all sites, those that are penalized.
  std::vector<bool> chosen_entries(const gapbench::MicroBatch& m) const {
    std::vector<bool> chosen;
    std::string names;
    bool found = false;
    for (const gapbench::NoiseSite& site : m.noise_sites()) {
      const bool meant = sites_ == "all" || sites_ == site.name;
      chosen.insert(chosen.end(), site.size, meant);
      names += (names.empty() ? "" : ", ") + site.name;
      found = found || meant;
    }
    if (chosen.empty()) {
      throw gapbench::Error("dropout_explicit", "needs a network with noise sites, this has none");
    }
    if (!found) {
      throw gapbench::Error("dropout_explicit.sites",
                            "\"" + sites_ + "\" is no noise site; must be all or one of " + names);
    }
    return chosen;
  }

  /// h of H_i = h I, or 0 for cross-entropy.
  static double constant_curvature(const gapbench::Head& loss) {
    if (dynamic_cast<const gapbench::CrossEntropy*>(&loss) != nullptr) return 0;
    if (dynamic_cast<const gapbench::SquaredError*>(&loss) != nullptr) return 2;
    if (const auto* gaussian = dynamic_cast<const gapbench::Gaussian*>(&loss)) {
      return 1 / (gaussian->deviation() * gaussian->deviation());
    }
    throw gapbench::Error("dropout_explicit",
                          "knows the curvature of cross-entropy and of squared error; this method "
                          "trains on another loss");
  }

  /// (v/2) weight (1/n) sum_ie (ds_i/df_ie)^2 of a head, and its gradient.
  double add_squares(gapbench::MicroBatch& m, const gapbench::Head& head, double weight,
                     const std::vector<bool>& chosen, std::span<float> gradient) const {
    std::vector<float> by_factor = noise_gradient(m, head, chosen);
    const double value = variance_ / 2 * weight * gapbench::dot(by_factor, by_factor) /
                         static_cast<double>(m.size());
    if (!gradient.empty()) {
      const auto product = m.scratch(0);
      m.noise_hessian_vector(head, by_factor, product);
      gapbench::add_scaled(variance_ * weight, product, gradient);
    }
    return value;
  }

  double add_noise(gapbench::MicroBatch& m, const std::vector<bool>& chosen,
                   std::span<float> gradient) const {
    const std::vector<float> by_factor = noise_gradient(m, m.loss(), chosen);
    std::vector<float> u(by_factor.size());
    gapbench::Random random = m.random("knock in");
    for (std::size_t k = 0; k < u.size(); ++k) {
      const float sign = random.uniform() < 0.5 ? -1.0F : 1.0F;
      u[k] = chosen[k % chosen.size()] ? sign : 0.0F;
    }
    const double value =
        std::sqrt(variance_) * gapbench::dot(u, by_factor) / static_cast<double>(m.size());
    if (!gradient.empty()) {
      const auto product = m.scratch(0);
      m.noise_hessian_vector(m.loss(), u, product);
      gapbench::add_scaled(std::sqrt(variance_), product, gradient);
    }
    return value;
  }

  /// [size, entries], 0 where nothing is penalized.
  static std::vector<float> noise_gradient(gapbench::MicroBatch& m, const gapbench::Head& head,
                                           const std::vector<bool>& chosen) {
    std::vector<float> by_factor(m.size() * chosen.size());
    m.noise_gradient(head, by_factor);
    for (std::size_t k = 0; k < by_factor.size(); ++k) {
      if (!chosen[k % chosen.size()]) by_factor[k] = 0;
    }
    return by_factor;
  }

  double variance_;
  std::string sites_;
  std::size_t labels_;
  bool knock_in_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<DropoutExplicit>(
    {.name = "dropout_explicit",
     .summary = "dropout's explicit regularization without noise; Wei, Kakade, Ma 2020",
     .example = "rate=0.5"},
    options));

// Multiplicative Gaussian noise: in training every unit at a noise site of the network is
// multiplied by a normal number of mean 1.
//
//   y = f x,   f ~ N(1, deviation^2)
//
// drawn anew for every unit, example and step. Loss, gradient, penalties and Hessian-vector
// products of a step see the same draws; evaluation sees none. deviation^2 = rate / (1 - rate) has
// the mean and the variance of dropout of that rate, and so the same second-order penalty
// (dropout_explicit). `sites`: all, or the name of one noise site (the network's own file lists
// them).
//
// Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014, "Dropout: a simple way to
// prevent neural networks from overfitting", section 10.
// State: none. Cost per step: one normal draw for each unit of each example.

#include <gapbench/plugin.h>

#include <string>
#include <vector>

namespace {

using gapbench::OptionSpec;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::real("deviation", "of the factors around 1").at_least(0),
    option::text("sites", "all, or the name of one noise site").by_default("all"),
};

class GaussianNoise final : public gapbench::Regularizer {
 public:
  explicit GaussianNoise(const gapbench::Options& o)
      : deviation_(static_cast<float>(o.real("deviation"))), sites_(o.text("sites")) {}

  bool disturbs(const gapbench::NoiseSite& site) const override {
    return sites_ == "all" || sites_ == site.name;
  }

  void multiply_noise(const gapbench::NoiseSite&, gapbench::Random random,
                      std::span<float> factors) const override {
    std::vector<float> e(factors.size());
    random.normals(e);
    for (std::size_t i = 0; i < e.size(); ++i) factors[i] *= 1 + deviation_ * e[i];
  }

 private:
  float deviation_;
  std::string sites_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<GaussianNoise>(
    {.name = "gaussian_noise",
     .summary = "multiplicative Gaussian noise; Srivastava et al. 2014",
     .example = "deviation=0.5"},
    options));

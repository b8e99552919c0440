// Dropout, inverted: in training every unit at a noise site of the network is kept with probability
// 1 - rate and scaled up, or else left out.
//
//   y = f x,   f = 1 / (1 - rate) with probability 1 - rate, else 0;   E f = 1,
//                                                                      var f = rate / (1 - rate)
//
// drawn anew for every unit, example and step. Loss, gradient, penalties and Hessian-vector
// products of a step see the same draws; evaluation sees none. (The source keeps x as it is in
// training and multiplies the weights by 1 - rate in evaluation: the same network up to that
// scale.)
//
// `rate` is the probability of leaving out: Srivastava et al. call 1 - rate p. `sites`: all, or the
// name of one noise site (the network's own file lists them).
//
// Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014, "Dropout: a simple way to
// prevent neural networks from overfitting", section 4.
// State: none. Cost per step: one uniform draw for each unit of each example.

#include <gapbench/plugin.h>

#include <string>

namespace {

using gapbench::OptionSpec;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::real("rate", "probability of leaving a unit out").at_least(0).below(1),
    option::text("sites", "all, or the name of one noise site").by_default("all"),
};

class Dropout final : public gapbench::Regularizer {
 public:
  explicit Dropout(const gapbench::Options& o) : rate_(o.real("rate")), sites_(o.text("sites")) {}

  bool disturbs(const gapbench::NoiseSite& site) const override {
    return sites_ == "all" || sites_ == site.name;
  }

  void multiply_noise(const gapbench::NoiseSite&, gapbench::Random random,
                      std::span<float> factors) const override {
    const auto kept = static_cast<float>(1 / (1 - rate_));
    for (float& f : factors) f *= random.uniform() < rate_ ? 0.0F : kept;
  }

 private:
  double rate_;
  std::string sites_;
};

}  // namespace

GAPBENCH_PLUGIN(
    gapbench::regularizer<Dropout>({.name = "dropout",
                                    .summary = "inverted dropout; Srivastava et al. 2014",
                                    .example = "rate=0.5"},
                                   options));

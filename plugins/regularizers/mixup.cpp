// mixup: training sees weighted means of two examples, and both labels.
//
//   x~ = l x_i + (1 - l) x_j,   s_i = l loss(f(x~), y_i) + (1 - l) loss(f(x~), y_j),   l ~ Beta(alpha, alpha)
//
// which with cross-entropy is that to the target l onehot(y_i) + (1 - l) onehot(y_j). j is drawn uniformly
// from the mini-batch, for each i by itself; the source mixes a mini-batch with a permutation of itself, so
// that each example is a partner once; nothing else differs. l is drawn anew for every example and step;
// the source's listing draws one a mini-batch. Inputs are mixed as they are normalized and augmented, after what
// regularizers before this one in a suite do to both. Losses of tables, probes and evaluation see
// examples as they are. With label_smoothing or confidence_penalty their loss takes the place of `loss`.
// Needs classes: of a regression it is refused.
//
// l = g / (g + h) of two Gamma(alpha) draws, in logarithms: Marsaglia, Tsang 2000, "A simple method for
// generating gamma variables"; below 1 by Gamma(alpha + 1) u^(1 / alpha), as they say there.
//
// Source: Zhang, Cisse, Dauphin, Lopez-Paz 2018, "mixup: beyond empirical risk minimization", section 2.
// State: none. Cost per step: none in passes; the partner's input is read, and each input mixed, a time
// that counts as training's.
#include <gapbench/plugin.h>

#include <cmath>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("alpha", "of Beta(alpha, alpha): near 0 little is mixed, large: halves")
        .above(0)
        .at_most(1000),
};

/// log of a draw from Gamma(shape, 1).
double log_gamma_draw(double shape, gapbench::Random& random) {
  if (shape < 1) {
    const double u = 1 - random.uniform();  // never 0
    return log_gamma_draw(shape + 1, random) + std::log(u) / shape;
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = random.normal();
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(1 - random.uniform()) < x * x / 2 + d - d * v + d * std::log(v)) {
      return std::log(d * v);
    }
  }
}

class Mixup final : public gapbench::Regularizer {
 public:
  explicit Mixup(const gapbench::Options& o) : alpha_(o.real("alpha")) {}

  double mix_input(gapbench::Shape, gapbench::Random random, std::span<const float> other,
                   std::span<float> input) const override {
    const double g = log_gamma_draw(alpha_, random);
    const double h = log_gamma_draw(alpha_, random);
    const double share = 1 / (1 + std::exp(h - g));
    for (std::size_t k = 0; k < input.size(); ++k) {
      input[k] = static_cast<float>(share * input[k] + (1 - share) * other[k]);
    }
    return share;
  }

 private:
  double alpha_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<Mixup>(
    {.name = "mixup",
     .summary = "means of two examples and both labels; Zhang et al. 2018",
     .example = "alpha=1"},
    options));

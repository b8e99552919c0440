// LAMB: Adam's direction, with a length of its own for each tensor.
//
//   m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2          both start at 0
//   u = m^ / (sqrt(v^) + epsilon) + decay w
//   w_l <- w_l - learning_rate f(k) (|w_l| / |u_l|) u_l                      for each tensor l
//
// with m^ = m / (1 - beta1^t), v^ = v / (1 - beta2^t). The ratio is 1 where |w_l| or |u_l| is 0 (a
// bias that starts at 0). apply_to: weights takes ratio and decay for weights only; biases and the
// scales and shifts of normalizations make Adam's step then, as is usual in practice. Norms in double.
//
// Source: You, Li, Reddi, Hseu, Kumar, Bhojanapalli, Song, Demmel, Keutzer, Hsieh 2020, "Large batch
// optimization for deep learning: training BERT in 76 minutes", with phi(z) = z.
// State: m and v, two floats per weight, and t. Cost per step: 1 gradient.

#include <array>
#include <cmath>
#include <vector>

#include <gapbench/moments.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    gapbench::Moments::options,
    std::array{
        option::real("learning_rate", "share of a tensor's length, at schedule factor 1").above(0),
        option::real("epsilon", "keeps the denominator away from 0").above(0).by_default(1e-6),
        option::real("decay", "weight decay, a part of the direction").at_least(0).by_default(0),
        option::choice("apply_to", "all|weights", "tensors with a length of their own and decay")
            .by_default("all"),
    });

class Lamb final : public gapbench::Optimizer {
 public:
  Lamb(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        moments_(o, gapbench::dimension_of(tensors)),
        epsilon_(static_cast<float>(o.real("epsilon"))),
        decay_(o.real("decay")),
        weights_only_(o.choice("apply_to") == "weights"),
        tensors_(tensors.begin(), tensors.end()),
        gradient_(gapbench::dimension_of(tensors)),
        direction_(gradient_.size()) {}

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    moments_.begin();
    const auto length = static_cast<float>(1 / moments_.mean_weight());
    const auto scale = static_cast<float>(1 / std::sqrt(moments_.square_weight()));
    moments_.take(gradient_, gradient_, [&](std::size_t i, float m, float v) {
      direction_[i] = length * m / (std::sqrt(v) * scale + epsilon_);
    });
    const double rate = learning_rate_ * step.schedule();
    for (const gapbench::TensorInfo& tensor : tensors_) {
      const bool adapted = !weights_only_ || tensor.kind == gapbench::TensorKind::weight;
      move(adapted, rate, std::span(direction_).subspan(tensor.offset, tensor.size),
           step.parameters().subspan(tensor.offset, tensor.size));
    }
  }

  void archive(gapbench::State& state) override { moments_.archive(state); }

 private:
  void move(bool adapted, double rate, std::span<float> u, std::span<float> w) const {
    double ratio = 1;
    if (adapted) {
      gapbench::add_scaled(decay_, w, u);
      const double squares = gapbench::dot(u, u);
      const double own = gapbench::dot(w, w);
      if (squares > 0 && own > 0) ratio = std::sqrt(own / squares);
    }
    gapbench::add_scaled(-rate * ratio, u, w);
  }

  double learning_rate_;
  gapbench::Moments moments_;
  float epsilon_;
  double decay_;
  bool weights_only_;
  std::vector<gapbench::TensorInfo> tensors_;
  std::vector<float> gradient_;
  std::vector<float> direction_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Lamb>(
    {.name = "lamb",
     .summary = "Adam's direction in shares of each tensor's length; You et al. 2020",
     .example = "learning_rate=0.01"},
    options));

// AdaHessian: Adam with the diagonal of the Hessian in place of the gradient's own squares.
//
//   D = v (H v), v random signs                              Hutchinson's estimate of the diagonal
//   m <- beta1 m + (1 - beta1) g,   s <- beta2 s + (1 - beta2) D^2         both start at 0
//   w <- w - learning_rate f(k) m^ / (sqrt(s^)^power + epsilon)
//
// with m^ = m / (1 - beta1^t), s^ = s / (1 - beta2^t), t = 1, 2, ... H is the exact Hessian of the
// mini-batch loss, without the penalties that are in g (their curvature is left out).
// averaging: kernels takes the mean of D over each filter's kernel [height, width] before the square,
// which makes it less noisy; layers that are no convolutions have nothing to average. The source's
// decoupled weight decay: hold this in decoupled_decay.
//
// Source: Yao, Gholami, Shen, Mustafa, Keutzer, Mahoney 2021, "AdaHessian: an adaptive second order
// optimizer for machine learning".
// State: m and s, two floats per weight, and t. Cost per step: 1 gradient and `samples`
// Hessian-vector products.

#include <array>
#include <cmath>
#include <vector>

#include <gapbench/hutchinson.h>
#include <gapbench/moments.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    gapbench::Moments::options,
    std::array{
        option::real("learning_rate", "step length at schedule factor 1").above(0).by_default(0.1),
        option::real("epsilon", "keeps the denominator away from 0").above(0).by_default(1e-4),
        option::real("power", "of the curvature in the denominator")
            .above(0)
            .at_most(1)
            .by_default(1),
        option::choice("averaging", "kernels|none", "of the diagonal, over each filter's kernel")
            .by_default("kernels"),
        option::integer("samples", "random sign vectors a step").at_least(1).by_default(1),
    });

class AdaHessian final : public gapbench::Optimizer {
 public:
  AdaHessian(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        moments_(o, gapbench::dimension_of(tensors)),
        epsilon_(static_cast<float>(o.real("epsilon"))),
        power_(static_cast<float>(o.real("power"))),
        averages_(o.choice("averaging") == "kernels"),
        samples_(o.count("samples")),
        tensors_(tensors.begin(), tensors.end()),
        gradient_(gapbench::dimension_of(tensors)),
        signs_(gradient_.size()),
        product_(gradient_.size()),
        diagonal_(gradient_.size()) {}

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    gapbench::hutchinson_diagonal(step, samples_, signs_, product_, diagonal_);
    if (averages_) average_kernels();
    moments_.begin();
    const auto length =
        static_cast<float>(learning_rate_ * step.schedule() / moments_.mean_weight());
    const auto scale = static_cast<float>(1 / std::sqrt(moments_.square_weight()));
    const std::span<float> w = step.parameters();
    moments_.take(gradient_, diagonal_, [&](std::size_t i, float m, float s) {
      const float curvature = std::sqrt(s) * scale;
      w[i] -= length * m / ((power_ == 1 ? curvature : std::pow(curvature, power_)) + epsilon_);
    });
  }

  void archive(gapbench::State& state) override { moments_.archive(state); }

 private:
  void average_kernels() {
    for (const gapbench::TensorInfo& tensor : tensors_) {
      if (tensor.shape.size() != 4) continue;
      const std::size_t kernel = tensor.shape[2] * tensor.shape[3];
      for (std::size_t at = 0; at < tensor.size; at += kernel) {
        const auto entries = std::span(diagonal_).subspan(tensor.offset + at, kernel);
        double sum = 0;
        for (const float d : entries) sum += d;
        for (float& d : entries) d = static_cast<float>(sum / static_cast<double>(kernel));
      }
    }
  }

  double learning_rate_;
  gapbench::Moments moments_;
  float epsilon_;
  float power_;
  bool averages_;
  std::size_t samples_;
  std::vector<gapbench::TensorInfo> tensors_;
  std::vector<float> gradient_;
  std::vector<float> signs_;
  std::vector<float> product_;
  std::vector<float> diagonal_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<AdaHessian>(
    {.name = "adahessian",
     .summary = "Adam on an estimate of the Hessian's diagonal; Yao et al. 2021",
     .example = "learning_rate=0.05"},
    options));

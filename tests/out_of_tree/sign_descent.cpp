// Sign descent.
//
//   w <- w - learning_rate f(k) sign(g(w))
//
// Source: Bernstein, Wang, Azizzadenesheli, Anandkumar 2018, "signSGD".
// State: none. Cost per step: 1 gradient.

#include <vector>

#include <gapbench/plugin.h>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("learning_rate", "step length at schedule factor 1").above(0),
};

class SignDescent final : public gapbench::Optimizer {
 public:
  SignDescent(const gapbench::Options& o, std::span<const gapbench::TensorInfo>)
      : learning_rate_(o.real("learning_rate")) {}

  void step(gapbench::Step& step) override {
    gradient_.resize(step.dimension());
    step.gradient(gradient_);
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) {
      w[i] -= rate * static_cast<float>((gradient_[i] > 0) - (gradient_[i] < 0));
    }
  }

  void archive(gapbench::State&) override {}

 private:
  double learning_rate_;
  std::vector<float> gradient_;
};

}  // namespace

GAPBENCH_PLUGIN(
    gapbench::optimizer<SignDescent>({.name = "sign_descent",
                                      .summary = "steps of equal length; Bernstein et al. 2018",
                                      .example = "learning_rate=0.01"},
                                     options));

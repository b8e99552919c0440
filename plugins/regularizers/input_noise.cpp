// Additive Gaussian noise: in training every number of every input has a normal one added to it.
//
//   x(e) <- x(e) + deviation n,   n ~ N(0, 1)
//
// drawn anew for every number, example and step, after augmentation; inputs are normalized, so `deviation` is
// in deviations of the training part (of each channel of an image). For small noise the expected loss
// is that without noise plus (deviation^2 / 2) of the mean over examples of the trace of the loss's
// Hessian by the input. Of the squared error (z - t)^2 of a linear z = w x this is exact: deviation^2 |w|^2,
// which is ridge regression; near a good fit of others it is deviation^2 times the squared norm of the
// Jacobian of the outputs by the inputs.
//
// Source: Bishop 1995, "Training with noise is equivalent to Tikhonov regularization".
// State: none. Cost per step: one normal draw for each number of each input.
#include <gapbench/plugin.h>

#include <vector>

namespace {

using gapbench::OptionSpec;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::real("deviation", "of the noise, in deviations of the inputs").at_least(0),
};

class InputNoise final : public gapbench::Regularizer {
 public:
  explicit InputNoise(const gapbench::Options& o)
      : deviation_(static_cast<float>(o.real("deviation"))) {}

  void change_input(gapbench::Shape, gapbench::Random random,
                    std::span<float> input) const override {
    std::vector<float> noise(input.size());
    random.normals(noise);
    for (std::size_t i = 0; i < noise.size(); ++i) input[i] += deviation_ * noise[i];
  }

 private:
  float deviation_;
};

}  // namespace

GAPBENCH_PLUGIN(
    gapbench::regularizer<InputNoise>({.name = "input_noise",
                                       .summary = "additive Gaussian noise on inputs; Bishop 1995",
                                       .example = "deviation=0.1"},
                                      options));

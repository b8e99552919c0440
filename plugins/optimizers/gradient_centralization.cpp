// Gradient centralization around any optimizer: no gradient that it sees moves the mean of what a unit
// weighs.
//
//   g_r <- g_r - mean(g_r)         for each row r of each weight matrix
//
// A row is what leads to one output: of a linear layer its inputs, of a convolution one filter
// [in, height, width]. Biases, and scales and shifts of normalizations, keep their gradients, and so do
// weights of one index. For every gradient that `inner` asks for; penalties are in g and centered along.
// Values and Hessian-vector products are not changed. Means in double.
//
// Source: Yong, Huang, Hua, Zhang 2020, "Gradient centralization: a new optimization technique for deep
// neural networks".
// State: what the inner optimizer keeps. Cost per step: the inner optimizer's.

#include <memory>
#include <vector>

#include <gapbench/matrix.h>
#include <gapbench/plugin.h>
#include <gapbench/stand_in_step.h>

namespace {

using gapbench::At;
namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {option::optimizer("inner", "takes the steps")};

class CenteredStep final : public gapbench::StandInStep {
 public:
  CenteredStep(gapbench::Step& step, std::span<const gapbench::TensorInfo> tensors)
      : StandInStep(step), tensors_(tensors) {}

  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override {
    const double value = step().gradient(at, out, by_variance);
    for (const gapbench::TensorInfo& tensor : tensors_) {
      if (tensor.shape.size() < 2) continue;
      const gapbench::MatrixShape shape = gapbench::matrix_shape(tensor);
      for (std::size_t r = 0; r < shape.rows; ++r) {
        center(out.subspan(tensor.offset + r * shape.columns, shape.columns));
      }
    }
    return value;
  }

 private:
  static void center(std::span<float> row) {
    double sum = 0;
    for (const float g : row) sum += g;
    const auto mean = static_cast<float>(sum / static_cast<double>(row.size()));
    for (float& g : row) g -= mean;
  }

  std::span<const gapbench::TensorInfo> tensors_;
};

class GradientCentralization final : public gapbench::Optimizer {
 public:
  GradientCentralization(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : inner_(o.optimizer("inner", tensors)), tensors_(tensors.begin(), tensors.end()) {}

  void step(gapbench::Step& step) override {
    CenteredStep centered(step, tensors_);
    inner_->step(centered);
  }

  void archive(gapbench::State& state) override {
    gapbench::PrefixedState inner(state, "inner.");
    inner_->archive(inner);
  }

  gapbench::Posterior* posterior() noexcept override { return inner_->posterior(); }
  std::span<const float> evaluated() const noexcept override { return inner_->evaluated(); }

 private:
  std::unique_ptr<gapbench::Optimizer> inner_;
  std::vector<gapbench::TensorInfo> tensors_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<GradientCentralization>(
    {.name = "gradient_centralization",
     .summary = "any optimizer on gradients of mean 0 for each unit; Yong et al. 2020",
     .example = "inner=sgd"},
    options));

// SOAP: Adam in the eigenbasis of Shampoo's preconditioner.
//
//   L <- beta2 L + (1 - beta2) G G^T,   R <- beta2 R + (1 - beta2) G^T G        for each matrix G [rows, columns]
//   every `every` steps:  L = Q_L diag Q_L^T,  R = Q_R diag Q_R^T
//   M <- beta1 M + (1 - beta1) G,   G' = Q_L^T G Q_R,   V <- beta2 V + (1 - beta2) G'^2
//   N = (Q_L^T M Q_R / (1 - beta1^t)) / (sqrt(V / (1 - beta2^t)) + epsilon)
//   W <- W - learning_rate f(k) Q_L N Q_R^T
//
// All start at 0, the bases at the eigenvectors of the first step. V stays with its columns when the bases
// turn, which are ordered by eigenvalue. Weights are matrices [out, all the rest]; a side longer than
// `largest` is not turned (its Q is the identity), nor are vectors, for which this is Adam. The source turns
// its bases by one step of power iteration and QR where this one decomposes anew, and skips the first update.
// Weight decay: hold this in decoupled_decay.
//
// Source: Vyas, Morwani, Zhao, Kwun, Shapira, Brandfonbrener, Janson, Kakade 2024, "SOAP: improving and
// stabilizing Shampoo using Adam".
// State: M and V, two floats per weight, and for each matrix L, R, Q_L, Q_R of the sides that are turned, and
// t. Cost per step: 1 gradient; the products are no passes: about 3 (rows + columns) multiply-adds times the
// entries, in double on one thread, and side^3 for each basis every `every` steps.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gapbench/matrix.h>
#include <gapbench/moments.h>
#include <gapbench/plugin.h>

namespace {

using gapbench::TensorInfo;
namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("learning_rate", "step length at schedule factor 1").above(0).by_default(3e-3),
    option::real("beta1", "decay of the mean of gradients").at_least(0).below(1).by_default(0.95),
    option::real("beta2", "decay of the means of squares").at_least(0).below(1).by_default(0.95),
    option::real("epsilon", "keeps the denominator away from 0").above(0).by_default(1e-8),
    option::integer("every", "steps from one basis to the next")
        .at_least(1)
        .in_unit("steps")
        .by_default(10),
    option::integer("largest", "longest side of a matrix that is turned")
        .at_least(1)
        .by_default(1024),
};

std::vector<float> transposed(std::span<const float> a, std::size_t rows) {
  const std::size_t columns = a.size() / rows;
  std::vector<float> out(a.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) out[c * rows + r] = a[r * columns + c];
  }
  return out;
}

/// One side of a matrix: its second moment and the eigenvectors of that, as columns; or neither.
class Side {
 public:
  explicit Side(std::size_t size) : size_(size), moment_(size * size), basis_(size * size) {}

  bool turns() const noexcept { return size_ > 0; }
  /// x [n, size] is turned to x Q, or back to x Q^T.
  std::vector<float> turn(const std::vector<float>& x, bool back) const {
    std::vector<float> out(x.size());
    const std::size_t n = x.size() / size_;
    if (back) {
      gapbench::product_transposed(x, basis_, out, n);
    } else {
      gapbench::product(x, basis_, out, n);
    }
    return out;
  }
  /// Takes in x^T x, x given as its transpose [size, n].
  void take(const std::vector<float>& x_transposed, gapbench::DecayingMean decaying) {
    std::vector<float> gram(moment_.size());
    gapbench::product_transposed(x_transposed, x_transposed, gram, size_);
    for (std::size_t i = 0; i < gram.size(); ++i) moment_[i] = decaying.with(moment_[i], gram[i]);
  }
  void refresh() {
    // A trial that has diverged is told by its parameters, not by a decomposition that fails.
    if (!std::ranges::all_of(moment_, [](float x) { return std::isfinite(x); })) return;
    basis_ = gapbench::eigen(moment_, size_).vectors;
  }
  void archive(gapbench::State& state, const std::string& name) {
    if (!turns()) return;
    state.field(name + ".moment", moment_);
    state.field(name + ".basis", basis_);
  }

 private:
  std::size_t size_;
  std::vector<float> moment_;
  std::vector<float> basis_;
};

struct Block {
  TensorInfo tensor;
  std::size_t rows;
  Side left;
  Side right;

  /// Q_L^T x Q_R, or back.
  std::vector<float> turn(std::vector<float> x, bool back) const {
    if (right.turns()) x = right.turn(x, back);
    if (!left.turns()) return x;
    return transposed(left.turn(transposed(x, rows), back), x.size() / rows);
  }
};

class Soap final : public gapbench::Optimizer {
 public:
  Soap(const gapbench::Options& o, std::span<const TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        by_beta1_(o.real("beta1")),
        by_beta2_(o.real("beta2")),
        epsilon_(static_cast<float>(o.real("epsilon"))),
        every_(o.count("every")),
        gradient_(gapbench::dimension_of(tensors)),
        mean_(gradient_.size()),
        square_(gradient_.size()) {
    for (const TensorInfo& tensor : tensors) {
      const gapbench::MatrixShape shape = gapbench::matrix_shape(tensor);
      const bool is_matrix = std::min(shape.rows, shape.columns) > 1;
      const auto side = [&](std::size_t size) {
        return Side(is_matrix && size <= o.count("largest") ? size : 0);
      };
      blocks_.push_back(
          {tensor, std::max<std::size_t>(shape.rows, 1), side(shape.rows), side(shape.columns)});
    }
  }

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    const bool refreshes = steps_++ % every_ == 0;
    const double rate = learning_rate_ * step.schedule();
    for (Block& block : blocks_) {
      take(block, refreshes);
      gapbench::add_scaled(-rate, direction(block),
                           step.parameters().subspan(block.tensor.offset, block.tensor.size));
    }
  }

  void archive(gapbench::State& state) override {
    state.field("mean", mean_);
    state.field("square", square_);
    state.field("steps", steps_);
    for (Block& block : blocks_) {
      block.left.archive(state, block.tensor.name + ".left");
      block.right.archive(state, block.tensor.name + ".right");
    }
  }

 private:
  std::span<float> of(std::vector<float>& all, const Block& block) const {
    return std::span(all).subspan(block.tensor.offset, block.tensor.size);
  }

  void take(Block& block, bool refreshes) {
    const auto g = of(gradient_, block);
    const std::vector<float> whole(g.begin(), g.end());
    if (block.left.turns()) block.left.take(whole, by_beta2_);
    if (block.right.turns()) block.right.take(transposed(whole, block.rows), by_beta2_);
    if (!refreshes) return;
    if (block.left.turns()) block.left.refresh();
    if (block.right.turns()) block.right.refresh();
  }

  std::vector<float> direction(const Block& block) {
    const auto g = of(gradient_, block);
    const auto m = of(mean_, block);
    const auto v = of(square_, block);
    for (std::size_t i = 0; i < m.size(); ++i) m[i] = by_beta1_.with(m[i], g[i]);
    const std::vector<float> turned = block.turn({g.begin(), g.end()}, false);
    std::vector<float> n = block.turn({m.begin(), m.end()}, false);
    const auto length = static_cast<float>(1 / by_beta1_.weight(steps_));
    const auto scale = static_cast<float>(1 / std::sqrt(by_beta2_.weight(steps_)));
    for (std::size_t i = 0; i < v.size(); ++i) {
      v[i] = by_beta2_.with_square(v[i], turned[i]);
      n[i] = length * n[i] / (std::sqrt(v[i]) * scale + epsilon_);
    }
    return block.turn(std::move(n), true);
  }

  double learning_rate_;
  gapbench::DecayingMean by_beta1_;
  gapbench::DecayingMean by_beta2_;
  float epsilon_;
  std::size_t every_;
  std::uint64_t steps_ = 0;
  std::vector<Block> blocks_;
  std::vector<float> gradient_;
  std::vector<float> mean_;
  std::vector<float> square_;
};

}  // namespace

GAPBENCH_PLUGIN(
    gapbench::optimizer<Soap>({.name = "soap",
                               .summary = "Adam in the eigenbasis of Shampoo; Vyas et al. 2024",
                               .example = "learning_rate=0.01"},
                              options));

// Muon: momentum whose matrices are made orthogonal; another optimizer takes the rest.
//
//   B <- momentum B + G,   D = B, or G + momentum B with nesterov          for each matrix, B starts at 0
//   X = D / (|D|_F + 1e-7),   `iterations` times   X <- a X + (b X X^T + c (X X^T)^2) X
//   W <- W - learning_rate f(k) sqrt(max(1, rows / columns)) X
//
// with a, b, c = 3.4445, -4.7750, 2.0315, a polynomial that brings every singular value of D near 1
// (0.7 to 1.2) in five iterations without converging to it. Weights are matrices [out, all the rest]: of a
// convolution its filters, flattened. Where there are more rows than columns X^T is iterated.
//
// matrices: hidden   all weights but the first and the last; the source leaves the layers at the input
//                    and at the output to AdamW
// matrices: all      every weight
//
// `rest`, mostly adam with a decay, takes steps on all other tensors (biases, normalizations, the weights
// left over) as if there were no others; its learning rate is its own, the gradient at w is shared. The
// iteration is in f32, its products in double (the source's is in bf16). Weight decay: hold this in
// decoupled_decay.
//
// Source: Jordan, Jin, Boza, You, Cesista, Newhouse, Bernstein 2024, "Muon: an optimizer for hidden layers
// in neural networks" (kellerjordan.github.io/posts/muon).
// State: B, one float per matrix entry, and what `rest` keeps of its parameters. Cost per step: 1 gradient,
// and what `rest` asks elsewhere than at w; the iteration is no pass: about 4 min(rows, columns) multiply-adds
// times the entries, `iterations` times.

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gapbench/matrix.h>
#include <gapbench/moments.h>
#include <gapbench/plugin.h>
#include <gapbench/stand_in_step.h>

namespace {

using gapbench::At;
using gapbench::TensorInfo;
namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("learning_rate", "spectral length of a matrix's step, at schedule factor 1")
        .above(0)
        .by_default(0.02),
    option::real("momentum", "decay of the velocity").at_least(0).below(1).by_default(0.95),
    option::flag("nesterov", "look ahead along the velocity").by_default(true),
    option::integer("iterations", "of Newton and Schulz").at_least(1).at_most(20).by_default(5),
    option::choice("matrices", "hidden|all", "which weights are made orthogonal")
        .by_default("hidden"),
    option::optimizer("rest", "takes the steps of all other parameters"),
};

std::vector<float> transposed(std::span<const float> a, std::size_t rows) {
  const std::size_t columns = a.size() / rows;
  std::vector<float> out(a.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) out[c * rows + r] = a[r * columns + c];
  }
  return out;
}

/// One iteration on X [rows, columns], rows <= columns.
void newton_schulz(std::vector<float>& x, std::size_t rows) {
  constexpr float a = 3.4445F;
  constexpr float b = -4.7750F;
  constexpr float c = 2.0315F;
  std::vector<float> gram(rows * rows);
  std::vector<float> polynomial(gram.size());
  gapbench::product_transposed(x, x, gram, rows);
  gapbench::product(gram, gram, polynomial, rows);
  for (std::size_t i = 0; i < gram.size(); ++i) polynomial[i] = b * gram[i] + c * polynomial[i];
  std::vector<float> moved(x.size());
  gapbench::product(polynomial, x, moved, rows);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = a * x[i] + moved[i];
}

/// D [rows, columns] made near-orthogonal, in place.
void orthogonalize(std::span<float> d, gapbench::MatrixShape shape, std::size_t iterations) {
  constexpr double guard = 1e-7;
  const auto scale = static_cast<float>(1 / (std::sqrt(gapbench::dot(d, d)) + guard));
  const bool tall = shape.rows > shape.columns;
  std::vector<float> x = tall ? transposed(d, shape.rows) : std::vector<float>(d.begin(), d.end());
  for (float& entry : x) entry *= scale;
  const std::size_t rows = std::min(shape.rows, shape.columns);
  for (std::size_t k = 0; k < iterations; ++k) newton_schulz(x, rows);
  std::ranges::copy(tall ? transposed(x, rows) : x, d.begin());
}

/// The parameters that are in no matrix, as a problem of their own.
struct Rest {
  std::vector<TensorInfo> tensors;  // with offsets among themselves
  std::vector<std::size_t> places;  // of each number in the whole
  std::vector<float> values;
  std::vector<float> initial;

  void gather(std::span<const float> whole, std::span<float> out) const {
    for (std::size_t i = 0; i < places.size(); ++i) out[i] = whole[places[i]];
  }
  void scatter(std::span<const float> part, std::span<float> whole) const {
    for (std::size_t i = 0; i < places.size(); ++i) whole[places[i]] = part[i];
  }
};

/// The step as the rest sees it, with all matrices where they are.
class RestStep final : public gapbench::StandInStep {
 public:
  /// `gradient` is that at the step's parameters, F its value there; `whole` and `term` are buffers.
  RestStep(gapbench::Step& step, Rest& rest, std::span<const float> gradient, double value,
           std::span<float> whole, std::span<float> term)
      : StandInStep(step),
        rest_(rest),
        gradient_(gradient),
        value_(value),
        whole_(whole),
        term_(term) {}

  std::size_t dimension() const noexcept override { return rest_.values.size(); }
  std::span<const TensorInfo> tensors() const noexcept override { return rest_.tensors; }
  std::span<float> parameters() noexcept override { return rest_.values; }
  std::span<const float> initial_parameters() const noexcept override { return rest_.initial; }

  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override {
    if (!by_variance.empty()) refuse("gradients by variances");
    const At there = whole_at(at);
    const bool is_here = there.draw == 0 && std::ranges::equal(whole_, step().parameters());
    if (is_here) {
      rest_.gather(gradient_, out);
      return value_;
    }
    const double value = step().gradient(there, term_);
    rest_.gather(term_, out);
    return value;
  }
  double value(const At& at) override { return step().value(whole_at(at)); }
  void hessian_vector(const At& at, std::span<const float> v, std::span<float> out) override {
    const At there = whole_at(at);
    std::vector<float> direction(whole_.size());
    rest_.scatter(v, direction);
    step().hessian_vector(there, direction, term_);
    rest_.gather(term_, out);
  }
  void for_each_micro_batch(
      const At&, const std::function<void(gapbench::MicroBatch&, std::size_t)>&) override {
    refuse("micro-batches");
  }
  void mean_over(const At&, std::size_t, const gapbench::MicroBatchTerm&,
                 std::span<float>) override {
    refuse("micro-batches");
  }

 private:
  [[noreturn]] static void refuse(const char* what) {
    throw gapbench::Error("muon.rest", std::string("asks for ") + what +
                                           "; must ask for gradients, values and Hessian-vector "
                                           "products alone, as adam, sgd or sam do");
  }

  At whole_at(At at) {
    if (!at.variances.empty()) refuse("variances");
    std::ranges::copy(step().parameters(), whole_.begin());
    rest_.scatter(at.parameters.empty() ? std::span<const float>(rest_.values) : at.parameters,
                  whole_);
    at.parameters = whole_;
    return at;
  }

  Rest& rest_;
  std::span<const float> gradient_;
  double value_;
  std::span<float> whole_;
  std::span<float> term_;
};

class Muon final : public gapbench::Optimizer {
 public:
  Muon(const gapbench::Options& o, std::span<const TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        iterations_(o.count("iterations")),
        gradient_(gapbench::dimension_of(tensors)),
        whole_(gradient_.size()),
        term_(gradient_.size()) {
    if (o.flag("nesterov") && o.real("momentum") == 0) {
      throw gapbench::Error("muon.nesterov", "needs momentum > 0, got momentum 0");
    }
    sort(tensors, o.choice("matrices") == "hidden");
    for (const TensorInfo& matrix : matrices_) {
      velocities_.emplace_back(o.real("momentum"), o.flag("nesterov"), matrix.size);
    }
    rest_.values.resize(rest_.places.size());
    rest_.initial.resize(rest_.places.size());
    inner_ = o.optimizer("rest", rest_.tensors);
  }

  void step(gapbench::Step& step) override {
    const double value = step.gradient(gradient_);
    const std::span<float> w = step.parameters();
    if (!rest_.places.empty()) {
      rest_.gather(w, rest_.values);
      rest_.gather(step.initial_parameters(), rest_.initial);
      RestStep rest(step, rest_, gradient_, value, whole_, term_);
      inner_->step(rest);
      if (!inner_->evaluated().empty()) {
        throw gapbench::Error("muon.rest",
                              "is evaluated elsewhere than it trains; hold muon in the "
                              "average instead, as in ema with inner: muon");
      }
      rest_.scatter(rest_.values, w);
    }
    const double rate = learning_rate_ * step.schedule();
    for (std::size_t k = 0; k < matrices_.size(); ++k) move(k, rate, w);
  }

  void archive(gapbench::State& state) override {
    for (std::size_t k = 0; k < matrices_.size(); ++k) {
      gapbench::PrefixedState matrix(state, matrices_[k].name + ".");
      velocities_[k].archive(matrix);
    }
    gapbench::PrefixedState rest(state, "rest.");
    inner_->archive(rest);
  }

 private:
  void sort(std::span<const TensorInfo> tensors, bool hidden_only) {
    std::size_t weights = 0;
    for (const TensorInfo& t : tensors) weights += gapbench::matrix_shape(t).is_matrix() ? 1 : 0;
    std::size_t seen = 0;
    for (const TensorInfo& tensor : tensors) {
      const bool is_matrix = gapbench::matrix_shape(tensor).is_matrix();
      seen += is_matrix ? 1 : 0;
      const bool is_outer = seen == 1 || seen == weights;
      if (is_matrix && !(hidden_only && is_outer)) {
        matrices_.push_back(tensor);
        continue;
      }
      rest_.tensors.push_back(tensor);
      rest_.tensors.back().offset = rest_.places.size();
      for (std::size_t i = 0; i < tensor.size; ++i) rest_.places.push_back(tensor.offset + i);
    }
    if (!matrices_.empty()) return;
    throw gapbench::Error(
        "muon.matrices", std::to_string(weights) +
                             " weights in this problem, so none is between the first and the last; "
                             "write matrices: all, or take a deeper network");
  }

  void move(std::size_t k, double rate, std::span<float> w) {
    const TensorInfo& matrix = matrices_[k];
    const gapbench::MatrixShape shape = gapbench::matrix_shape(matrix);
    const auto d = std::span(gradient_).subspan(matrix.offset, matrix.size);
    velocities_[k].direct(d);
    orthogonalize(d, shape, iterations_);
    const double ratio = static_cast<double>(shape.rows) / static_cast<double>(shape.columns);
    gapbench::add_scaled(-rate * std::sqrt(std::max(1.0, ratio)), d,
                         w.subspan(matrix.offset, matrix.size));
  }

  double learning_rate_;
  std::size_t iterations_;
  std::vector<TensorInfo> matrices_;
  std::vector<gapbench::Velocity> velocities_;
  Rest rest_;
  std::unique_ptr<gapbench::Optimizer> inner_;
  std::vector<float> gradient_;
  std::vector<float> whole_;
  std::vector<float> term_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Muon>(
    {.name = "muon",
     .summary =
         "orthogonalized momentum for matrices, another optimizer for the rest; Jordan et al. 2024",
     .example = "learning_rate=0.02 matrices=all rest=sgd"},
    options));

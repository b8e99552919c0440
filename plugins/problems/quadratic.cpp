// A quadratic with gradient noise of known covariance: SGD on it is a linear stochastic process, of
// which everything is known.
//
//   loss of example i:  (w - x_i)^T H (w - x_i) / 2 + d log(2 pi) / 2,   gradient H (w - x_i)
//   H diagonal, its eigenvalues from largest to largest / condition, equally spaced in the logarithm
//   the x_i have mean 0 and covariance H^-1 C H^-1 over the training part, both exactly, so that the
//   gradient of one example has covariance C wherever it is asked:
//
//   noise: hessian    C = scale H, H and C codiagonal: what a likelihood has at its best parameters
//          identity   C = scale I
//          rotated    C = scale Q H Q^T with a random rotation Q: H and C are not codiagonal
//
// d parameters. It is the likelihood of x_i under N(w, H^-1) but for a constant, so that with N examples
// and no prior the posterior is N(0, (N H)^-1). The minimum is 0, the Hessian H everywhere; test examples are further draws of the same law. With
// `sampling: independent`, SGD of rate a and batch B has the stationary covariance S that solves
//
//   S = (1 - a H) S (1 - a H) + a^2 C / B
//
// exactly, and for small a that of the Ornstein-Uhlenbeck process, S H + H S = (a/B) C.
//
// Source: Mandt, Hoffman, Blei 2017, "Stochastic gradient descent as approximate Bayesian
// inference". Cost of a pass: 1 multiplication a parameter and example.

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include <gapbench/matrix.h>
#include <gapbench/plugin.h>

namespace {

using gapbench::Part;
using Floats = std::vector<float>;
namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::integer("dimension", "parameters").at_least(1).at_most(1000).by_default(10.0),
    option::integer("examples", "of the training part, and of the test part")
        .at_least(2)
        .by_default(1000.0),
    option::real("largest", "eigenvalue of H").above(0).by_default(1.0),
    option::real("condition", "largest over smallest eigenvalue of H").at_least(1).by_default(10.0),
    option::choice("noise", "hessian|identity|rotated", "C: as H, as I, or as H in other axes")
        .by_default("hessian"),
    option::real("scale", "of C").at_least(0).by_default(1.0),
    option::real("start", "deviation of the start point").at_least(0).by_default(1.0),
};

Floats spectrum(const gapbench::Options& o) {
  Floats h(o.count("dimension"));
  for (std::size_t j = 0; j < h.size(); ++j) {
    const double share =
        h.size() > 1 ? static_cast<double>(j) / static_cast<double>(h.size() - 1) : 0;
    h[j] = static_cast<float>(o.real("largest") * std::pow(o.real("condition"), -share));
  }
  return h;
}

// The eigenvectors of a symmetric matrix of normals, which no direction is preferred by.
Floats rotation(std::size_t d, gapbench::Random random) {
  Floats a(d * d);
  random.normal(a);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < i; ++j) a[i * d + j] = a[j * d + i];
  }
  return gapbench::eigen(a, d).vectors;
}

// [d, n], one column an example: normals of mean 0 and covariance I.
Floats normals(std::size_t d, std::size_t n, gapbench::Random random) {
  Floats e(d * n);
  random.normal(e);
  return e;
}

// The same with mean 0 and covariance I over these examples.
void whiten(Floats& e, std::size_t d, std::size_t n) {
  for (std::size_t j = 0; j < d; ++j) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += e[j * n + i];
    const auto mean = static_cast<float>(sum / static_cast<double>(n));
    for (std::size_t i = 0; i < n; ++i) e[j * n + i] -= mean;
  }
  Floats covariance(d * d);
  Floats lower(d * d);
  gapbench::product_transposed(e, e, covariance, d);
  for (float& c : covariance) c /= static_cast<float>(n);
  gapbench::cholesky(covariance, d, lower);
  gapbench::solve_lower(lower, d, e);
}

// Outputs sqrt(h_j) w_j, targets sqrt(h_j) x_ij: the Gaussian of deviation 1 is the loss above.
class QuadraticPasses final : public gapbench::Passes {
 public:
  QuadraticPasses(const Floats& factors, const Floats& train, const Floats& test,
                  std::size_t capacity)
      : factors_(factors),
        train_(train),
        test_(test),
        z_(capacity * factors.size()),
        targets_(z_.size()),
        tangent_(z_.size()) {}

  gapbench::Outputs forward(const gapbench::Point& w, const gapbench::Examples& examples,
                            gapbench::Mode) override {
    const std::size_t d = factors_.size();
    const std::span<const float> all = examples.part == Part::train ? train_ : test_;
    count_ = examples.indices.size();
    multiply(w.values(), z_);
    for (std::size_t i = 0; i < count_; ++i) {
      std::ranges::copy(all.subspan(examples.indices[i] * d, d),
                        targets_.begin() + static_cast<std::ptrdiff_t>(i * d));
    }
    return {count_, d, used(z_), {}, used(targets_)};
  }
  void backward(std::span<const float> cotangent, std::span<float> out) override {
    const std::size_t d = factors_.size();
    for (std::size_t j = 0; j < d; ++j) {
      double sum = 0;
      for (std::size_t i = 0; i < count_; ++i) sum += cotangent[i * d + j];
      out[j] = static_cast<float>(factors_[j] * sum);
    }
  }
  std::span<const float> tangent_forward(const gapbench::Point& v) override {
    multiply(v.values(), tangent_);
    return used(tangent_);
  }
  // The outputs are linear in w: only the cotangent moves.
  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    backward(cotangent_tangent, out);
  }

 private:
  void multiply(std::span<const float> w, Floats& out) const {
    const std::size_t d = factors_.size();
    for (std::size_t k = 0; k < count_ * d; ++k) out[k] = factors_[k % d] * w[k % d];
  }
  std::span<const float> used(const Floats& all) const {
    return std::span(all).first(count_ * factors_.size());
  }

  const Floats& factors_;
  const Floats& train_;
  const Floats& test_;
  std::size_t count_ = 0;
  Floats z_;
  Floats targets_;
  Floats tangent_;
};

class Quadratic final : public gapbench::Problem {
 public:
  Quadratic(const gapbench::Options& o, gapbench::Random random)
      : start_(o.real("start")), examples_(o.count("examples")), h_(spectrum(o)) {
    const std::size_t d = h_.size();
    if (examples_ <= d) {
      throw gapbench::Error(
          "quadratic.examples",
          "must exceed the dimension, " + std::to_string(d) + ", got " + std::to_string(examples_));
    }
    tensors_ = {{"point", gapbench::TensorKind::weight, {1, d}, 0, d}};
    for (const float h : h_) factors_.push_back(std::sqrt(h));
    Floats train = normals(d, examples_, random.at("train"));
    whiten(train, d, examples_);
    const Floats test = normals(d, examples_, random.at("test"));
    const Floats root = noise_root(o, random.at("rotation"));
    train_ = targets(train, root);
    test_ = targets(test, root);
  }

  std::span<const gapbench::TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t width() const noexcept override { return h_.size(); }
  std::size_t examples(Part part) const noexcept override {
    return part == Part::validation ? 0 : examples_;
  }
  const gapbench::Head& loss() const noexcept override { return loss_; }
  void initialize(gapbench::Random random, std::span<float> w) const override {
    random.normal(w, start_);
  }
  std::unique_ptr<gapbench::Passes> make_passes(std::size_t capacity) const override {
    return std::make_unique<QuadraticPasses>(factors_, train_, test_, capacity);
  }
  gapbench::PassFlops flops() const noexcept override {
    const auto pass = static_cast<double>(h_.size());
    return {pass, pass, pass, pass};
  }

 private:
  // R [d, d] with R R^T = C.
  Floats noise_root(const gapbench::Options& o, gapbench::Random random) const {
    const std::size_t d = h_.size();
    const std::string_view noise = o.choice("noise");
    Floats root = noise == "rotated" ? rotation(d, random) : Floats(d * d);
    if (noise != "rotated") {
      for (std::size_t j = 0; j < d; ++j) root[j * d + j] = 1;
    }
    for (std::size_t k = 0; k < root.size(); ++k) {
      const double of_axis = noise == "identity" ? 1 : double{h_[k % d]};
      root[k] *= static_cast<float>(std::sqrt(o.real("scale") * of_axis));
    }
    return root;
  }

  // [examples, d]: sqrt(h_j) x_ij with H x_i = R e_i, of e [d, examples].
  Floats targets(const Floats& e, const Floats& root) const {
    const std::size_t d = h_.size();
    Floats noise(e.size());
    gapbench::product(root, e, noise, d);
    Floats t(e.size());
    for (std::size_t i = 0; i < examples_; ++i) {
      for (std::size_t j = 0; j < d; ++j) {
        t[i * d + j] = factors_[j] * noise[j * examples_ + i] / h_[j];
      }
    }
    return t;
  }

  double start_;
  std::size_t examples_;
  Floats h_;        // the diagonal of H
  Floats factors_;  // sqrt(h)
  Floats train_;
  Floats test_;
  std::vector<gapbench::TensorInfo> tensors_;
  gapbench::Gaussian loss_{1.0};
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::problem<Quadratic>(
    {.name = "quadratic",
     .summary = "a quadratic with gradient noise of known covariance; Mandt et al. 2017",
     .example = "dimension=4 examples=50"},
    options));

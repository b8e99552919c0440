// The spectral density of a curvature matrix of the training loss, by stochastic Lanczos quadrature.
//
//   density(x) = (1/d) sum_k delta(x - lambda_k)  ~  mean over draws of sum_j tau_j delta(x - theta_j)
//
// theta_j are the Ritz values of `steps` Lanczos steps from a random start, and tau_j the squared
// first components of the eigenvectors of the tridiagonal matrix: Gauss quadrature, exact for
// polynomials up to degree 2 steps - 1. matrix: hessian, or gauss_newton (Head::fisher stands for
// the curvature of the loss: the Fisher information of a likelihood), over a fixed sample in training
// mode.
//
// Reported is the distribution function at quantiles (the smallest x below which a share of the
// eigenvalues lies), the share below 0 and near 0, and the two ends:
//
//   smallest, largest           Ritz values, over all draws
//   quantile_01 .. quantile_99  1, 10, 50, 90 and 99 %
//   share_negative              below -1e-3 of the largest absolute Ritz value
//   share_near_zero             within 1e-3 of it
//   trace                       d x the mean of the density: Hutchinson's estimate with these starts
//
// Source: Ghorbani, Krishnan, Xiao 2019, "An investigation into neural net optimization via Hessian
// eigenvalue density"; Golub, Welsch 1969, "Calculation of Gauss quadrature rules".
// State: none. Cost: draws x steps products of the sample. Memory: steps + 3 parameter vectors.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gapbench/matrix.h>
#include <gapbench/plugin.h>

namespace {

using Floats = std::vector<float>;
namespace option = gapbench::option;

constexpr auto options = option::joined(
    option::sample({.count = 8}),
    std::array{
        option::choice("matrix", "hessian|gauss_newton", "whose density").by_default("hessian"),
        option::integer("steps", "Lanczos iterations, one product each")
            .at_least(2)
            .at_most(500)
            .by_default(30),
        option::integer("draws", "random starts").at_least(1).by_default(4)});

struct Node {
  double value;
  double weight;
};

// The tridiagonal matrix of a Krylov space: diagonal, and what stands beside it.
struct Tridiagonal {
  std::vector<double> diagonal;
  std::vector<double> beside;

  std::vector<Node> quadrature() const {
    const std::size_t n = diagonal.size();
    // In units of its size, so that f32 holds it.
    double scale = 0;
    for (const double a : diagonal) scale = std::max(scale, std::abs(a));
    for (const double b : beside) scale = std::max(scale, std::abs(b));
    if (scale == 0) return {{0, 1}};
    Floats dense(n * n);
    for (std::size_t i = 0; i < n; ++i) {
      dense[i * n + i] = static_cast<float>(diagonal[i] / scale);
      if (i + 1 < n) dense[(i + 1) * n + i] = static_cast<float>(beside[i] / scale);
    }
    const auto pairs = gapbench::eigen(dense, n);
    std::vector<Node> nodes;
    for (std::size_t k = 0; k < n; ++k) {
      nodes.push_back({scale * pairs.values[k], double{pairs.vectors[k]} * pairs.vectors[k]});
    }
    return nodes;
  }
};

class SpectralDensity final : public gapbench::Probe {
 public:
  explicit SpectralDensity(const gapbench::Options& o)
      : sample_(gapbench::sample_of(o)),
        matrix_(o.choice("matrix")),
        steps_(o.count("steps")),
        draws_(o.count("draws")) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const std::size_t d = snapshot.parameters().values.size();
    std::vector<Node> nodes;
    for (std::size_t draw = 0; draw < draws_; ++draw) {
      Floats start(d);
      snapshot.random("start").at("draw", draw).normal(start);
      for (Node node : iterate(snapshot, std::move(start)).quadrature()) {
        node.weight /= static_cast<double>(draws_);
        nodes.push_back(node);
      }
    }
    std::ranges::sort(nodes, {}, &Node::value);
    report(nodes, static_cast<double>(d), metrics);
  }

 private:
  void multiply(gapbench::Snapshot& snapshot, const Floats& v, Floats& out) const {
    snapshot.mean_over(
        sample_,
        [&](gapbench::MicroBatch& m, std::size_t, std::span<float> term) {
          if (matrix_ == "hessian") return m.hessian_vector(m.loss(), v, term);
          m.gauss_newton_vector(m.loss(), v, term);
        },
        out);
  }

  // With full reorthogonalization, so that no eigenvalue is counted again as a ghost of itself.
  Tridiagonal iterate(gapbench::Snapshot& snapshot, Floats start) const {
    Tridiagonal t;
    std::vector<Floats> basis;
    Floats next = std::move(start);
    Floats product(next.size());
    const double first = std::sqrt(gapbench::dot(next, next));
    double length = first;
    double largest = 0;
    while (basis.size() < std::min(steps_, next.size())) {
      for (float& x : next) x = static_cast<float>(x / length);
      basis.push_back(next);
      multiply(snapshot, basis.back(), product);
      t.diagonal.push_back(gapbench::dot(basis.back(), product));
      largest = std::max(largest, std::abs(t.diagonal.back()));
      for (int again = 0; again < 2; ++again) {
        for (const Floats& b : basis) gapbench::add_scaled(-gapbench::dot(b, product), b, product);
      }
      length = std::sqrt(gapbench::dot(product, product));
      largest = std::max(largest, length);
      if (!(length > 1e-6 * largest)) break;  // the space is exhausted
      t.beside.push_back(length);
      next = product;
    }
    return t;
  }

  static void report(const std::vector<Node>& nodes, double d, gapbench::Metrics& metrics) {
    const double size = std::max(std::abs(nodes.front().value), std::abs(nodes.back().value));
    double mean = 0;
    double negative = 0;
    double near = 0;
    for (const Node& node : nodes) {
      mean += node.weight * node.value;
      negative += node.value < -1e-3 * size ? node.weight : 0;
      near += std::abs(node.value) <= 1e-3 * size ? node.weight : 0;
    }
    metrics.add("smallest", nodes.front().value, "");
    metrics.add("largest", nodes.back().value, "");
    for (const auto& [name, share] : quantiles) metrics.add(name, quantile(nodes, share), "");
    metrics.add("share_negative", negative, "");
    metrics.add("share_near_zero", near, "");
    metrics.add("trace", d * mean, "");
  }

  static constexpr std::array<std::pair<const char*, double>, 5> quantiles{{{"quantile_01", 0.01},
                                                                            {"quantile_10", 0.1},
                                                                            {"quantile_50", 0.5},
                                                                            {"quantile_90", 0.9},
                                                                            {"quantile_99", 0.99}}};

  static double quantile(const std::vector<Node>& nodes, double share) {
    double below = 0;
    for (const Node& node : nodes) {
      below += node.weight;
      if (below >= share) return node.value;
    }
    return nodes.back().value;
  }

  gapbench::Sample sample_;
  std::string matrix_;
  std::size_t steps_;
  std::size_t draws_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<SpectralDensity>(
    {.name = "spectral_density",
     .summary = "spectral density of the Hessian or Gauss-Newton matrix; Ghorbani et al. 2019",
     .example = "micro_batch=8 count=2 steps=8 draws=2"},
    options));

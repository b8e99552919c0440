// Norms of the layers' weights, and the measures of complexity that are made of them.
//
// W_l is a weight tensor as a matrix of its outputs by all the rest; biases and normalizations are
// left out. |W|_2 is its largest singular value, |W|_F the root of its sum of squares; W_l,0 the
// start point. Sums and products over the L tensors, logarithms natural:
//
//   log_product_spectral      sum_l log |W_l|_2^2
//   log_product_frobenius     sum_l log |W_l|_F^2
//   sum_spectral              L (prod_l |W_l|_2^2)^(1/L)       the products as geometric means
//   sum_frobenius             L (prod_l |W_l|_F^2)^(1/L)
//   frobenius_over_spectral   sum_l |W_l|_F^2 / |W_l|_2^2      stable ranks
//   distance_frobenius        sum_l |W_l - W_l,0|_F^2
//   distance_spectral         sum_l |W_l - W_l,0|_2^2
//   log_spectral_bound        log_product_spectral + log sum_l |W_l|_F^2 / |W_l|_2^2
//   path_norm                 sum of the outputs of the network with squared weights on an input of
//                             ones, in evaluation mode; where inputs can be set so
//
// A singular value of a filter bank is that of the matrix, not of the convolution. None of these is
// divided by the margin or the number of examples: output_margin reports the one, and the other is
// the same for all that are compared.
//
// Source: Jiang, Neyshabur, Mobahi, Krishnan, Bengio 2020, "Fantastic generalization measures and
// where to find them"; Neyshabur, Tomioka, Srebro 2015 for the path norm.
// State: none. Cost: the smaller Gram matrix of each tensor and its eigenvalues; 1 forward of one
// example. A tensor of which both sides exceed `largest` is refused.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gapbench/matrix.h>
#include <gapbench/plugin.h>

namespace {

using Floats = std::vector<float>;
namespace option = gapbench::option;

constexpr std::array options{
    option::integer("largest", "shorter side of a weight matrix").at_least(1).by_default(2048.0),
    option::flag("path_norm", "needs a problem whose inputs can be 1").by_default(1.0),
};

// The largest eigenvalue of W W^T or W^T W, whichever is smaller; W [rows, columns].
double squared_spectral(std::span<const float> w, std::size_t rows) {
  const std::size_t columns = w.size() / rows;
  Floats copy(w.begin(), w.end());
  std::size_t n = rows;
  if (columns < rows) {
    n = columns;
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) copy[j * rows + i] = w[i * columns + j];
    }
  }
  Floats gram(n * n);
  const Floats same = copy;
  gapbench::product_transposed(copy, same, gram, n);
  return gapbench::eigen(gram, n).values.back();
}

Floats difference(std::span<const float> a, std::span<const float> b) {
  Floats d(a.begin(), a.end());
  for (std::size_t i = 0; i < d.size(); ++i) d[i] -= b[i];
  return d;
}

struct Sums {
  double layers = 0;
  double log_spectral = 0;
  double log_frobenius = 0;
  double ranks = 0;
  double distance_frobenius = 0;
  double distance_spectral = 0;

  void add(std::span<const float> w, std::span<const float> start, std::size_t rows) {
    const double spectral = squared_spectral(w, rows);
    const double frobenius = gapbench::dot(w, w);
    const Floats moved = difference(w, start);
    layers += 1;
    log_spectral += std::log(spectral);
    log_frobenius += std::log(frobenius);
    ranks += spectral > 0 ? frobenius / spectral : 0;
    distance_frobenius += gapbench::dot(moved, moved);
    distance_spectral += squared_spectral(moved, rows);
  }
};

class LayerNorms final : public gapbench::Probe {
 public:
  explicit LayerNorms(const gapbench::Options& o)
      : largest_(o.count("largest")), with_path_(o.flag("path_norm")) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const auto w = snapshot.parameters().values;
    const auto start = snapshot.initial_parameters().values;
    Sums sums;
    for (const auto& tensor : snapshot.parameters().tensors) {
      if (tensor.kind != gapbench::TensorKind::weight) continue;
      const std::size_t rows = tensor.shape.front();
      require_small(tensor, std::min(rows, tensor.size / rows));
      sums.add(w.subspan(tensor.offset, tensor.size), start.subspan(tensor.offset, tensor.size),
               rows);
    }
    report(sums, metrics);
    if (with_path_) metrics.add("path_norm", path_norm(snapshot), "");
  }

 private:
  void require_small(const gapbench::TensorInfo& tensor, std::size_t side) const {
    if (side <= largest_) return;
    throw gapbench::Error("layer_norms.largest", "the shorter side of " + tensor.name + " is " +
                                                     std::to_string(side) + ", more than " +
                                                     std::to_string(largest_));
  }

  // A weight of 0 has no logarithm: such a product says nothing.
  static void report(const Sums& sums, gapbench::Metrics& metrics) {
    if (std::isfinite(sums.log_spectral) && sums.layers > 0) {
      metrics.add("log_product_spectral", sums.log_spectral, "");
      metrics.add("log_product_frobenius", sums.log_frobenius, "");
      metrics.add("sum_spectral", sums.layers * std::exp(sums.log_spectral / sums.layers), "");
      metrics.add("sum_frobenius", sums.layers * std::exp(sums.log_frobenius / sums.layers), "");
      metrics.add("log_spectral_bound", sums.log_spectral + std::log(sums.ranks), "");
    }
    metrics.add("frobenius_over_spectral", sums.ranks, "");
    metrics.add("distance_frobenius", sums.distance_frobenius, "");
    metrics.add("distance_spectral", sums.distance_spectral, "");
  }

  static double path_norm(gapbench::Snapshot& snapshot) {
    Floats squared(snapshot.parameters().values.begin(), snapshot.parameters().values.end());
    for (float& x : squared) x *= x;
    double sum = 0;
    snapshot.for_each_micro_batch({.size = 1,
                                   .count = 1,
                                   .fixed = true,
                                   .mode = gapbench::Mode::evaluation,
                                   .at = {.parameters = squared, .draw = gapbench::At::no_noise},
                                   .ones = true},
                                  [&sum](gapbench::MicroBatch& m, std::size_t) {
                                    for (const float z : m.outputs().values) sum += z;
                                  });
    return sum;
  }

  std::size_t largest_;
  bool with_path_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<LayerNorms>(
    {.name = "layer_norms",
     .summary = "norms of weights by layer, and measures made of them; Jiang et al. 2020",
     .example = "path_norm=false"},
    options));

// Spectral norm regularization: the squares of the largest singular values of the weight matrices.
//
//   R(w) = (lambda / 2) sum_l sigma_l^2,   sigma_l = max |W_l x| / |x|;   dR/dW_l = lambda sigma_l u_l v_l^T
//
// over all weights as matrices [out, all the rest]: of a convolution that is its filter bank, as in the
// source, not the operator on pictures. u_l and v_l are the leading singular vectors, by power iteration
// on W^T W from the row of W that is longest, in double, until sigma^2 changes by less than 1e-9 of
// itself in an iteration, at most `iterations` times: where the two largest singular values are nearly
// equal their directions need many, sigma few. The source takes one iteration a step from the last step's
// vector; a hook that keeps nothing begins anew.
//
// Source: Yoshida, Miyato 2017, "Spectral norm regularization for improving the generalizability of deep
// learning".
// State: none. Cost per step: two passes over the weights for each iteration; no pass of the network.

#include <algorithm>
#include <cmath>
#include <vector>

#include <gapbench/matrix.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("lambda", "strength").at_least(0),
    option::integer("iterations", "most iterations for each matrix").at_least(1).by_default(100),
};

struct Leading {
  double square = 0;      // sigma^2
  std::vector<double> u;  // W v, of length sigma
  std::vector<double> v;  // of length 1
};

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

std::span<const float> row(std::span<const float> w, std::size_t r, std::size_t columns) {
  return w.subspan(r * columns, columns);
}

std::vector<double> longest_row(std::span<const float> w, gapbench::MatrixShape shape) {
  double longest = -1;
  std::span<const float> best;
  for (std::size_t r = 0; r < shape.rows; ++r) {
    const auto candidate = row(w, r, shape.columns);
    const double squares = gapbench::dot(candidate, candidate);
    if (squares > longest) best = candidate;
    longest = std::max(longest, squares);
  }
  return {best.begin(), best.end()};
}

void multiply(std::span<const float> w, std::span<const double> v, std::span<double> u) {
  for (std::size_t r = 0; r < u.size(); ++r) {
    const auto wr = row(w, r, v.size());
    u[r] = 0;
    for (std::size_t c = 0; c < v.size(); ++c) u[r] += wr[c] * v[c];
  }
}

void multiply_transposed(std::span<const float> w, std::span<const double> u, std::span<double> v) {
  for (double& x : v) x = 0;
  for (std::size_t r = 0; r < u.size(); ++r) {
    const auto wr = row(w, r, v.size());
    for (std::size_t c = 0; c < v.size(); ++c) v[c] += wr[c] * u[r];
  }
}

Leading leading(std::span<const float> w, gapbench::MatrixShape shape, std::size_t iterations) {
  constexpr double tolerance = 1e-9;
  Leading found{0, std::vector<double>(shape.rows), longest_row(w, shape)};
  for (std::size_t k = 0; k < iterations; ++k) {
    const double length = std::sqrt(dot(found.v, found.v));
    if (!(length > 0)) return {};
    for (double& x : found.v) x /= length;
    multiply(w, found.v, found.u);
    const double before = found.square;
    found.square = dot(found.u, found.u);
    if (found.square - before <= tolerance * found.square || k + 1 == iterations) break;
    multiply_transposed(w, found.u, found.v);
  }
  return found;
}

class SpectralNorm final : public gapbench::Regularizer {
 public:
  explicit SpectralNorm(const gapbench::Options& o)
      : lambda_(o.real("lambda")), iterations_(o.count("iterations")) {}

  double penalize_parameters(const gapbench::Parameters& parameters,
                             std::span<float> gradient) const override {
    double sum = 0;
    for (const gapbench::TensorInfo& tensor : parameters.tensors) {
      const gapbench::MatrixShape shape = gapbench::matrix_shape(tensor);
      if (!shape.is_matrix()) continue;
      const auto w = parameters.values.subspan(tensor.offset, tensor.size);
      const Leading found = leading(w, shape, iterations_);
      sum += found.square;
      if (gradient.empty() || found.square == 0) continue;
      const auto out = gradient.subspan(tensor.offset, tensor.size);
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] +=
            static_cast<float>(lambda_ * found.u[i / shape.columns] * found.v[i % shape.columns]);
      }
    }
    return lambda_ / 2 * sum;
  }

 private:
  double lambda_;
  std::size_t iterations_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<SpectralNorm>(
    {.name = "spectral_norm",
     .summary = "largest singular values of the weights; Yoshida & Miyato 2017",
     .example = "lambda=0.01"},
    options));

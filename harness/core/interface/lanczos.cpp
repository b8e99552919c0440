#include "gapbench/lanczos.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "gapbench/error.h"
#include "gapbench/numeric.h"

namespace gapbench {
namespace {

using Basis = std::vector<std::vector<float>>;

// w -= sum_j (v_j . w) v_j, twice: once leaves a rest of the size of its own rounding.
void orthogonalize(const Basis& basis, std::vector<double>& w) {
  for (int pass = 0; pass < 2; ++pass) {
    for (const auto& v : basis) {
      double along = 0;
      for (std::size_t i = 0; i < w.size(); ++i) along += v[i] * w[i];
      for (std::size_t i = 0; i < w.size(); ++i) w[i] -= along * v[i];
    }
  }
}

double norm(const std::vector<double>& w) {
  double sum = 0;
  for (const double x : w) sum += x * x;
  return std::sqrt(sum);
}

std::vector<float> unit(const std::vector<double>& w, double length) {
  std::vector<float> v(w.size());
  std::ranges::transform(w, v.begin(), [&](double x) { return static_cast<float>(x / length); });
  return v;
}

// The eigenvalues of the tridiagonal matrix; beta holds one more entry than its off-diagonal.
std::vector<RitzValue> ritz_values(const std::vector<double>& alpha,
                                   const std::vector<double>& beta) {
  const auto m = static_cast<Eigen::Index>(alpha.size());
  const Eigen::VectorXd diagonal = Eigen::Map<const Eigen::VectorXd>(alpha.data(), m);
  const Eigen::VectorXd beside = Eigen::Map<const Eigen::VectorXd>(beta.data(), m - 1);
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(diagonal, beside);
  std::vector<RitzValue> values;
  for (Eigen::Index k = m; k-- > 0;) {
    values.push_back(
        {solver.eigenvalues()(k), std::abs(beta.back() * solver.eigenvectors()(m - 1, k))});
  }
  return values;
}

}  // namespace

std::vector<RitzValue> lanczos(const SymmetricOperator& product, std::span<const float> start,
                               std::size_t steps) {
  std::vector<double> w(start.begin(), start.end());
  std::vector<float> image(start.size());
  Basis basis;
  std::vector<double> alpha;
  std::vector<double> beta;
  double length = norm(w);
  double size = 0;  // of the matrix, as far as seen
  const std::size_t most = std::min(steps, start.size());
  while (basis.size() < most && length > 0) {
    basis.push_back(unit(w, length));
    product(basis.back(), image);
    alpha.push_back(dot(basis.back(), image));
    if (!std::isfinite(alpha.back())) {
      throw Error("lanczos", fmt::format("product {} is not finite", basis.size()));
    }
    w.assign(image.begin(), image.end());
    size = std::max(size, norm(w));
    orthogonalize(basis, w);
    length = norm(w);
    beta.push_back(length);
    if (length <= 1e-6 * size) break;  // products are in f32: the rest is their rounding
  }
  return alpha.empty() ? std::vector<RitzValue>{} : ritz_values(alpha, beta);
}

}  // namespace gapbench

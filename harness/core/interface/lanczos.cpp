#include "gapbench/lanczos.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

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

// Relative to |A|. Rounding moves an eigenvalue by up to 2e-7 of it in products that are exact but
// for the rounding of their result, by as much again in vectors; below the second number a rest is
// taken for rounding.
constexpr double rounding = 4e-7;
constexpr double indistinct = 1e-6;

// The eigenvalues of the tridiagonal matrix; beta holds one more entry than its off-diagonal.
std::vector<RitzValue> ritz_values(const std::vector<double>& alpha,
                                   const std::vector<double>& beta) {
  const auto m = static_cast<Eigen::Index>(alpha.size());
  Eigen::VectorXd diagonal = Eigen::Map<const Eigen::VectorXd>(alpha.data(), m);
  Eigen::VectorXd beside = Eigen::Map<const Eigen::VectorXd>(beta.data(), m - 1);
  // This entry of the solver does not scale, and what it takes for 0 depends on the scale.
  const double most = std::max(diagonal.cwiseAbs().maxCoeff(), m > 1 ? beside.maxCoeff() : 0.0);
  const double scale = most > 0 ? most : 1;
  diagonal /= scale;
  beside /= scale;
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(diagonal, beside);
  std::vector<RitzValue> values;
  for (Eigen::Index k = m; k-- > 0;) {
    values.push_back(
        {scale * solver.eigenvalues()(k), std::abs(beta.back() * solver.eigenvectors()(m - 1, k))});
  }
  return values;
}

// Of several values that are the same one as far as f32 can tell, the one of the least residual.
std::vector<RitzValue> told_apart(const std::vector<RitzValue>& values, double size) {
  const auto is_sharp = [size](const RitzValue& r) { return r.residual <= indistinct * size; };
  std::vector<RitzValue> kept;
  for (const RitzValue& next : values) {
    const bool again = !kept.empty() && is_sharp(kept.back()) && is_sharp(next) &&
                       kept.back().value - next.value <= indistinct * size;
    if (!again) {
      kept.push_back(next);
    } else if (next.residual < kept.back().residual) {
      kept.back() = next;
    }
  }
  return kept;
}

// Products below the normal numbers are rounded to multiples of the smallest one.
double floor_of(double size, std::size_t dimension) {
  constexpr double smallest = std::numeric_limits<float>::denorm_min();
  return rounding * size + smallest * std::sqrt(static_cast<double>(dimension));
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
    w.assign(image.begin(), image.end());
    size = std::max(size, norm(w));
    if (!std::isfinite(alpha.back()) || !std::isfinite(size)) {
      throw Error("lanczos", fmt::format("product {} is not finite", basis.size()));
    }
    orthogonalize(basis, w);
    length = norm(w);
    beta.push_back(length);
    if (length <= indistinct * size) break;
  }
  if (alpha.empty()) return {};
  std::vector<RitzValue> values = told_apart(ritz_values(alpha, beta), size);
  for (RitzValue& ritz : values) ritz.residual += floor_of(size, start.size());
  return values;
}

}  // namespace gapbench

// What tests of Laplace approximations share.
#pragma once

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugin/conformance/oracle.h"
#include "plugins/hand.h"
#include "plugins/snapshots.h"

namespace gapbench::test {

using plugin::conformance::PlainMicroBatch;
using plugin::conformance::PlainSnapshot;

/// `laplace_<structure>`, fitted at w.
inline std::unique_ptr<Posterior> fitted(const std::string& structure, const std::string& text,
                                         const Problem& problem, std::span<const float> w) {
  const Component& c = component("posteriors_laplace_" + structure);
  auto posterior = c.make_posterior(options(c, text), problem.tensors());
  PlainSnapshot snapshot(problem, w, w);
  posterior->fit(snapshot);
  return posterior;
}

inline std::map<std::string, double> reported(const Posterior& posterior) {
  Numbers numbers;
  posterior.report(numbers);
  return numbers.values;
}

/// |e|^2 of the normal numbers that draw k of block b is made of: what (w - center)^T P (w -
/// center) is for the precision P of the draws, whatever its basis.
inline double squared_normals(const Random& random, std::size_t k, std::size_t b, std::size_t n) {
  std::vector<float> e(n);
  random.at("laplace", k, b).normals(e);
  double sum = 0;
  for (const float x : e) sum += double{x} * x;
  return sum;
}

/// d^T P d, P [n, n], d the draw's distance from the center in the parameters [first, first + n).
inline double squared_distance(const Posterior& posterior, std::size_t k, const Random& random,
                               const std::vector<double>& precision, std::size_t first,
                               std::size_t n) {
  std::vector<float> w(posterior.center().size());
  posterior.draw(k, random, w);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double di = double{w[first + i]} - posterior.center()[first + i];
    for (std::size_t j = 0; j < n; ++j) {
      const double dj = double{w[first + j]} - posterior.center()[first + j];
      sum += di * precision[i * n + j] * dj;
    }
  }
  return sum;
}

/// N F + precision I of all parameters, F column by column as the Gauss-Newton product: no gradient
/// of an example is asked.
inline std::vector<double> full_precision(const Problem& problem, std::span<const float> w,
                                          double prior_precision) {
  std::vector<std::uint32_t> all(problem.examples(Part::train));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
  PlainMicroBatch m(problem, w, all, Random(1), Mode::evaluation);
  const std::size_t n = w.size();
  std::vector<double> precision(n * n);
  std::vector<float> unit(n);
  std::vector<float> column(n);
  for (std::size_t j = 0; j < n; ++j) {
    unit.assign(n, 0);
    unit[j] = 1;
    m.gauss_newton_vector(problem.loss(), unit, column);
    for (std::size_t i = 0; i < n; ++i) {
      precision[i * n + j] = static_cast<double>(all.size()) * column[i];
    }
    precision[j * n + j] += prior_precision;
  }
  return precision;
}

}  // namespace gapbench::test

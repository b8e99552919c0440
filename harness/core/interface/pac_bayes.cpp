#include "gapbench/pac_bayes.h"

#include <cmath>
#include <limits>

namespace gapbench {
namespace {

/// x log(x / y)
double term(double x, double y) {
  if (x == 0) return 0;
  return y == 0 ? std::numeric_limits<double>::infinity() : x * std::log(x / y);
}

}  // namespace

double bernoulli_kl(double q, double p) { return term(q, p) + term(1 - q, 1 - p); }

double bernoulli_kl_inverse(double q, double c) {
  double low = q;
  double high = 1;
  if (bernoulli_kl(q, high) <= c) return high;
  for (int halving = 0; halving < 100; ++halving) {
    const double middle = (low + high) / 2;
    (bernoulli_kl(q, middle) <= c ? low : high) = middle;
  }
  return low;
}

double pac_bayes_complexity(const Divergence& divergence, double m, double delta) {
  return (divergence.nats + divergence.choice + std::log(m / delta)) / (m - 1);
}

}  // namespace gapbench

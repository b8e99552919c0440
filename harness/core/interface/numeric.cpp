#include "gapbench/numeric.h"

#include <cmath>

namespace gapbench {

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

void add_scaled(double factor, std::span<const float> term, std::span<float> sum) {
  const auto f = static_cast<float>(factor);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += f * term[i];
}

MeanError mean_with_error(std::span<const double> x) {
  const auto n = static_cast<double>(x.size());
  double sum = 0;
  for (const double xk : x) sum += xk;
  const double mean = sum / n;
  if (x.size() < 2) return {mean, 0};
  double squares = 0;
  for (const double xk : x) squares += (xk - mean) * (xk - mean);
  return {mean, std::sqrt(squares / (n * (n - 1)))};
}

}  // namespace gapbench

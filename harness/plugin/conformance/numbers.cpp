#include "plugin/conformance/numbers.h"

#include <algorithm>
#include <cmath>

namespace gapbench::plugin::conformance {

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

double norm(std::span<const float> a) { return std::sqrt(dot(a, a)); }

double distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - b[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
}

std::vector<std::uint32_t> part_of(const std::vector<std::uint32_t>& all, std::size_t first,
                                   std::size_t count) {
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

Vector normal_vector(std::size_t size, Random random) {
  Vector values(size);
  random.normal(values);
  return values;
}

Vector shifted(std::span<const float> from, double scale, std::span<const float> direction) {
  Vector out(from.begin(), from.end());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(out[i] + scale * direction[i]);
  }
  return out;
}

bool mostly(std::size_t agreed, std::size_t asked) { return 4 * agreed >= 3 * asked; }

}  // namespace gapbench::plugin::conformance

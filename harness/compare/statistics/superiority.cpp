#include "compare/statistics/superiority.h"

#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

double win(double a, double b) {
  if (a == b) return 0.5;
  return a > b ? 1 : 0;
}

}  // namespace

std::optional<double> superiority(std::span<const double> differences) {
  constexpr double zero[] = {0};
  return superiority(differences, zero);
}

std::optional<double> superiority(std::span<const double> method,
                                  std::span<const double> baseline) {
  require_finite("superiority: method", method);
  require_finite("superiority: baseline", baseline);
  if (method.empty() || baseline.empty()) return std::nullopt;
  double wins = 0;
  for (const double a : method) {
    for (const double b : baseline) wins += win(a, b);
  }
  return wins / static_cast<double>(method.size() * baseline.size());
}

}  // namespace gapbench::compare

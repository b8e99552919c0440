// One number or curve for several problems.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace gapbench::compare {

/// Mean of what is left when floor(n / 4) values are taken off either end of the sorted sample:
/// more robust than the mean, less wasteful than the median (Agarwal et al. 2021). For n < 4 the
/// mean. Nothing for no values. Throws Error for a value that is not finite.
std::optional<double> inter_quartile_mean(std::span<const double> values);

/// One method's costs, lower is better, one a problem; nothing where it failed.
using Costs = std::vector<std::optional<double>>;

/// Performance profiles (Dolan and More 2002, "Benchmarking optimization software with performance
/// profiles"): for each method and each tau, the share of problems on which its cost is at most
/// tau times the best method's. A failure is never within any tau, and a problem that no method
/// solved counts against all. Result: one curve a method, one value a tau. No methods give no
/// curves. Throws Error for methods with unequal numbers of problems, no problems, a cost that is
/// not positive and finite, and a tau below 1 or NaN.
std::vector<std::vector<double>> performance_profiles(std::span<const Costs> methods,
                                                      std::span<const double> taus);

}  // namespace gapbench::compare

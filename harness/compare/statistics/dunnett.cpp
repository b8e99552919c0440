#include "compare/statistics/dunnett.h"

#include <algorithm>
#include <array>
#include <boost/math/constants/constants.hpp>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>

#include "compare/statistics/interpolate.h"

namespace gapbench::compare {
namespace {

using Rule = boost::math::quadrature::gauss<double, 30>;
namespace constants = boost::math::double_constants;

constexpr double far = 8.5;           ///< beyond so many deviations lies less than 1e-16
constexpr double steps_per_one = 32;  ///< of the table in x
constexpr double largest = 16;        ///< of x; G is below 1e-26 there for any k that fits a table

double upper_tail(double z) { return std::erfc(z * constants::one_div_root_two) / 2; }

/// G; the integrand is even in z, so that half of it is enough.
double any_beyond(std::size_t k, double x) {
  const auto of_z = [k, x](double z) {
    const double outside = std::min(1.0, upper_tail(x + z) + upper_tail(x - z));
    const double any = -std::expm1(static_cast<double>(k) * std::log1p(-outside));
    return std::exp(-z * z / 2) * any;
  };
  return 2 * constants::one_div_root_two_pi * Rule::integrate(of_z, 0.0, far);
}

std::vector<double> tabulate(std::size_t k) {
  std::vector<double> table;
  for (double step = 0; step <= largest * steps_per_one; ++step) {
    table.push_back(std::log(any_beyond(k, step / steps_per_one)));
  }
  return table;
}

/// G(x) from its logarithms.
double look_up(const std::vector<double>& table, double x) {
  const double place = x * steps_per_one;
  if (place >= static_cast<double>(table.size() - 1)) return 0;
  return std::exp(interpolate(table, place));
}

/// int f(s) G(sqrt(2) t s) ds, s = sqrt(chi^2 / degrees).
double over_spread(const std::vector<double>& table, double degrees, double t) {
  const double half = degrees / 2;
  const double scale = constants::ln_two + half * std::log(half) - boost::math::lgamma(half);
  const auto of_s = [&](double s) {
    return std::exp(scale + (degrees - 1) * std::log(s) - half * s * s) *
           look_up(table, constants::root_two * t * s);
  };
  const double reach = far / std::sqrt(2 * degrees);
  const double low = std::max(0.0, 1 - reach);
  const double high = 1 + reach;
  // G falls before s = 3 / t, f peaks near 1: a rule for each piece.
  const double knee = t > 0 ? std::clamp(3 / t, low, high) : high;
  std::array ends{low, std::min(knee, 1.0), std::max(knee, 1.0), high};
  double sum = 0;
  for (std::size_t i = 1; i < ends.size(); ++i) {
    if (ends[i - 1] < ends[i]) sum += Rule::integrate(of_s, ends[i - 1], ends[i]);
  }
  return std::min(1.0, sum);
}

}  // namespace

double Dunnett::p(std::size_t k, double degrees, double t) {
  auto& table = tables_[k];
  if (table.empty()) table = tabulate(k);
  return over_spread(table, degrees, t);
}

double Dunnett::quantile(std::size_t k, double degrees, double confidence) {
  const auto [at, is_new] = quantiles_.try_emplace({k, degrees, confidence}, 0);
  if (!is_new) return at->second;
  const auto excess = [&](double t) { return std::log(p(k, degrees, t) / (1 - confidence)); };
  const boost::math::tools::eps_tolerance<double> close(34);
  std::uintmax_t most = 100;
  const auto [from, to] =
      boost::math::tools::bracket_and_solve_root(excess, 2.0, 2.0, false, close, most);
  return at->second = (from + to) / 2;
}

}  // namespace gapbench::compare

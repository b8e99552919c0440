#include "compare/statistics/looks.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/constants/constants.hpp>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <vector>

#include "compare/statistics/interpolate.h"
#include "compare/statistics/interval.h"
#include "compare/statistics/sample.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

using Rule = boost::math::quadrature::gauss<double, 30>;
constexpr double quarter_turn = boost::math::double_constants::half_pi;
constexpr std::size_t cells = 128;  ///< of a table

void check(std::span<const std::size_t> looks, double level) {
  require_level("looks", level);
  if (looks.empty()) throw Error("looks", "none given");
  if (looks.front() < 2) {
    throw Error("looks", fmt::format("at {} seeds, but two are the fewest that tell of an error",
                                     looks.front()));
  }
  for (std::size_t i = 1; i < looks.size(); ++i) {
    if (looks[i] > looks[i - 1]) continue;
    throw Error("looks", fmt::format("{} after {}, but each must have more seeds than the last",
                                     looks[i], looks[i - 1]));
  }
}

/// The chance of no rejection after the n-th value, as a function of c_n, even: at equal steps of
/// the angle asin |c_n|, and interpolated.
class Table {
 public:
  /// of(c) for c in [0, 1]; `kink`: the c at which it is not smooth, 1 for none.
  template <class Of>
  Table(double kink, const Of& of) : kink_(kink), values_(cells + 1) {
    for (std::size_t i = 0; i <= cells; ++i) {
      values_[i] = of(std::sin(quarter_turn * static_cast<double>(i) / cells));
    }
  }

  double kink() const { return kink_; }
  double operator()(double c) const {
    return interpolate(values_, std::asin(std::min(std::abs(c), 1.0)) / quarter_turn * cells);
  }

 private:
  double kink_;
  std::vector<double> values_;
};

/// The integral of f(a) cos^power(a) over the pieces between `ends`, sorted, on which within(a) of
/// the middle holds, over the integral of cos^power from -pi/2 to pi/2.
template <class F, class Within>
double weighted(std::size_t power, std::span<const double> ends, const F& f, const Within& within) {
  const auto exponent = static_cast<double>(power);
  const double reach = power == 0 ? quarter_turn : std::min(quarter_turn, 7 / std::sqrt(exponent));
  const auto of_a = [&](double a) { return std::pow(std::cos(a), exponent) * f(a); };
  double sum = 0;
  for (std::size_t i = 1; i < ends.size(); ++i) {
    const double low = std::max(ends[i - 1], -reach);
    const double high = std::min(ends[i], reach);
    if (low < high && within((low + high) / 2)) sum += Rule::integrate(of_a, low, high);
  }
  return sum / boost::math::beta(0.5, (exponent + 1) / 2);
}

/// Before the (n + 1)-th value: from the chance `next` after it, where |c_{n+1}| must be within
/// `limit`.
double step_back(std::size_t n, double c, double limit, const Table& next) {
  const double root = std::sqrt(static_cast<double>(n));
  const double onto = std::sqrt(static_cast<double>(n + 1));
  const auto moved = [&](double a) { return (root * c * std::cos(a) + std::sin(a)) / onto; };
  // moved(a) = length sin(a + turn) / onto: the angles at which it crosses limit and kink.
  const double turn = std::atan(root * c);
  const double length = std::hypot(1, root * c);
  std::vector<double> ends{-quarter_turn, quarter_turn};
  for (const double edge : {limit, next.kink()}) {
    if (edge * onto >= length) continue;
    const double a = std::asin(edge * onto / length);
    ends.insert(ends.end(), {-a - turn, a - turn, 2 * quarter_turn - a - turn});
  }
  std::sort(ends.begin(), ends.end());
  return weighted(
      n - 1, ends, [&](double a) { return next(moved(a)); },
      [&](double a) { return std::abs(moved(a)) < limit; });
}

/// Of |c_n| where the test at n just does not reject.
double limit_at(std::size_t n, double nominal) {
  const double t = t_quantile(n, 1 - nominal);
  return t / std::sqrt(t * t + static_cast<double>(n) - 1);
}

}  // namespace

double chance_of_rejection(std::span<const std::size_t> looks, double nominal) {
  check(looks, nominal);
  Table later(1, [](double) { return 1.0; });
  for (std::size_t n = looks.back(); n-- > looks.front();) {
    const bool looked = std::binary_search(looks.begin(), looks.end(), n + 1);
    const double limit = looked ? limit_at(n + 1, nominal) : 1;
    // Above this c_n a large value of either sign can be accepted, below it any value is.
    const double square = (static_cast<double>(n + 1) * limit * limit - 1) / static_cast<double>(n);
    const double kink = looked && square > 0 ? std::sqrt(square) : 1;
    later = Table(kink, [&](double c) { return step_back(n, c, limit, later); });
  }
  const double reach = std::asin(limit_at(looks.front(), nominal));
  const double kink = std::min(reach, std::asin(later.kink()));
  const double ends[] = {0, kink, reach};
  return 1 - 2 * weighted(
                     looks.front() - 2, ends, [&](double a) { return later(std::sin(a)); },
                     [](double) { return true; });
}

double nominal_level(std::span<const std::size_t> looks, double alpha) {
  check(looks, alpha);
  if (looks.size() == 1) return alpha;
  const auto excess = [&](double nominal) { return chance_of_rejection(looks, nominal) - alpha; };
  const boost::math::tools::eps_tolerance<double> close(20);
  std::uintmax_t most = 50;
  const double least = alpha / static_cast<double>(looks.size());
  const auto [from, to] =
      boost::math::tools::toms748_solve(excess, 0.9 * least, alpha, close, most);
  return (from + to) / 2;
}

}  // namespace gapbench::compare

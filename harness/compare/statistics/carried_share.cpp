#include "compare/statistics/carried_share.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/constants/constants.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>

#include "compare/statistics/sample.h"
#include "compare/statistics/welch.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

constexpr std::size_t least_pairs = 3;
constexpr int scan_steps = 8;

// With x = mean a / sqrt(v_a), y = mean b / sqrt(v_b) and r = sqrt(v_b / v_a) tan(angle), the r
// of the interval are the angles in (-pi/2, pi/2) at which
//   R |sin(angle - direction)| <= q(nu(angle)),   R = |(x, y)|, direction that of (x, y),
//   1 / nu = cos^4(angle) / (n_b - 1) + sin^4(angle) / (n_a - 1).
// The left side is x at either end, which the interval of a not covering 0 puts above q there.
class Angles {
 public:
  /// x > 0.
  Angles(double x, std::size_t n_a, double y, std::size_t n_b, double confidence)
      : x_(x),
        y_(y),
        size_(std::hypot(x, y)),
        of_a_(static_cast<double>(n_a - 1)),
        of_b_(static_cast<double>(n_b - 1)),
        tail_((1 - confidence) / 2),
        fewest_(student_quantile(std::min(of_a_, of_b_), confidence)),
        most_(student_quantile(of_a_ + of_b_, confidence)) {}

  double largest() const { return outermost(std::atan2(y_, x_)); }
  double smallest() const { return -outermost(std::atan2(-y_, x_)); }

 private:
  /// The largest angle of the set around `direction`. Degrees of freedom change with the angle, so
  /// the set may have a gap: it is sought from outside, between the bounds of the fewest and the
  /// most degrees of freedom.
  double outermost(double direction) const {
    const double end = boost::math::double_constants::half_pi;
    const double outside = fewest_ < x_ ? direction + std::asin(fewest_ / size_) : end;
    const double inside = direction + std::asin(std::min(1.0, most_ / size_));
    double previous = outside;
    for (int i = 1; i <= scan_steps; ++i) {
      const double angle = outside + (inside - outside) * i / scan_steps;
      if (excess(angle, direction) <= 0) return between(angle, previous, direction);
      previous = angle;
    }
    return inside;
  }

  /// Above 0 outside of the set; by tails, which are quicker than quantiles.
  double excess(double angle, double direction) const {
    const double b = std::cos(angle) * std::cos(angle);
    const double a = 1 - b;
    const boost::math::students_t distribution(1 / (b * b / of_b_ + a * a / of_a_));
    const double t = size_ * std::abs(std::sin(angle - direction));
    return tail_ - boost::math::cdf(boost::math::complement(distribution, t));
  }

  /// Where it is 0; excess(low) <= 0.
  double between(double low, double high, double direction) const {
    if (excess(high, direction) <= 0) return high;
    const auto f = [&](double angle) { return excess(angle, direction); };
    const boost::math::tools::eps_tolerance<double> close(36);
    std::uintmax_t most = 50;
    const auto [from, to] = boost::math::tools::toms748_solve(f, low, high, close, most);
    return (from + to) / 2;
  }

  double x_;
  double y_;
  double size_;
  double of_a_;
  double of_b_;
  double tail_;
  double fewest_;  ///< quantile of t with the fewest degrees of freedom that can be
  double most_;
};

/// Both with spread, and the interval of a not covering 0.
Interval interval_of(const Statistic& a, const Statistic& b, double confidence) {
  const double error_a = a.deviation / std::sqrt(static_cast<double>(a.n));
  const double error_b = b.deviation / std::sqrt(static_cast<double>(b.n));
  const double x = std::abs(a.mean) / error_a;
  const double y = std::copysign(1.0, a.mean) * b.mean / error_b;
  const Angles angles(x, a.n, y, b.n, confidence);
  const double unit = error_b / error_a;
  return {unit * std::tan(angles.smallest()), unit * std::tan(angles.largest())};
}

Gap gap_of(std::span<const double> a, std::span<const double> b, double confidence) {
  if (a.size() < least_pairs || b.size() < least_pairs) return Gap::too_few_seeds;
  if (!has_spread(a) || !has_spread(b)) return Gap::no_spread;
  return t_interval(a, confidence)->covers(0) ? Gap::no_finding : Gap::none;
}

}  // namespace

std::optional<Interval> carried_interval(std::span<const double> a, std::span<const double> b,
                                         double confidence) {
  require_finite("carried share: first data set", a);
  require_finite("carried share: second data set", b);
  require_level("carried share", confidence);
  if (!has_spread(a) || !has_spread(b) || t_interval(a, confidence)->covers(0)) return std::nullopt;
  return interval_of(summary(a), summary(b), confidence);
}

std::string to_text(Zone zone, double share) {
  switch (zone) {
    case Zone::reproduces:
      return "reproduces";
    case Zone::weaker:
      return "reproduces, weaker";
    case Zone::share_open:
      return "same sign, share open";
    case Zone::at_most:
      return fmt::format("at most {:.4g} reproduces", share);
    case Zone::reverses:
      return "reverses";
    case Zone::cannot_tell:
      return "cannot tell";
  }
  return "";
}

Zone zone_of(const Interval& theta, double share) {
  if (theta.low > share) return Zone::reproduces;
  if (theta.low > 0) return theta.high < share ? Zone::weaker : Zone::share_open;
  if (theta.high < 0) return Zone::reverses;
  return theta.high < share ? Zone::at_most : Zone::cannot_tell;
}

CarriedShare carried_share(std::span<const double> on_a, std::span<const double> on_b,
                           const CarriedShareOptions& options) {
  if (!(options.share > 0 && options.share <= 1)) {
    throw Error("carried share",
                fmt::format("share {} is not above 0 and at most 1", options.share));
  }
  CarriedShare result;
  result.lost = welch_interval(on_a, on_b, options.confidence);
  result.gap = gap_of(on_a, on_b, options.confidence);
  if (result.gap != Gap::none) return result;
  const Statistic a = summary(on_a);
  const Statistic b = summary(on_b);
  result.value = b.mean / a.mean;
  result.interval = interval_of(a, b, options.confidence);
  result.zone = zone_of(*result.interval, options.share);
  return result;
}

}  // namespace gapbench::compare

#include "compare/statistics/batch_scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "compare/statistics/sample.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double finest = 0.03;  // between two places of B*, in its logarithm
constexpr double beyond = 8;     // of the sizes, as finest

/// log(1 + B* / B) less a constant that makes both limits finite: 0 and log(B0 / B).
double shape(double log_critical, double log_batch) {
  if (log_critical == -infinite) return 0;
  if (log_critical == infinite) return -log_batch;
  return std::log1p(std::exp(log_critical - log_batch)) - std::max(log_critical, 0.0);
}

/// The best curve of one B*: its height is what is left to choose.
struct Curve {
  double log_critical = 0;
  double height = 0;   ///< mean of log steps - shape
  double squares = 0;  ///< of the residuals

  /// log S and log(S B*), of a height.
  double log_steps(double h) const {
    if (log_critical == infinite) return -infinite;
    return h - std::max(log_critical, 0.0);
  }
  double log_examples(double h) const {
    if (log_critical == infinite) return h;
    return log_critical == -infinite ? -infinite : log_steps(h) + log_critical;
  }
};

struct Logs {
  std::vector<double> batch, steps;

  Curve best(double log_critical) const {
    Curve curve{log_critical, 0, 0};
    const auto k = static_cast<double>(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      curve.height += (steps[i] - shape(log_critical, batch[i])) / k;
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const double e = steps[i] - shape(log_critical, batch[i]) - curve.height;
      curve.squares += e * e;
    }
    return curve;
  }

  /// The best of a few neighbours, one of which is the best of all places; those at the ends stay.
  Curve refined(const Curve& before, const Curve& at, const Curve& after) const {
    if (!std::isfinite(before.log_critical) || !std::isfinite(after.log_critical)) return at;
    constexpr int bits = 30;
    const auto squares = [this](double log_critical) { return best(log_critical).squares; };
    const auto found = boost::math::tools::brent_find_minima(squares, before.log_critical,
                                                             after.log_critical, bits);
    return found.second < at.squares ? best(found.first) : at;
  }

  /// Over all B*, growing, both ends included.
  std::vector<Curve> curves() const {
    const auto [low, high] = std::ranges::minmax(batch);
    const double length = high - low + 2 * beyond;
    const auto places = static_cast<std::size_t>(std::ceil(length / finest));
    std::vector<Curve> all{best(-infinite)};
    for (std::size_t i = 0; i <= places; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(places);
      all.push_back(best(low - beyond + length * share));
    }
    all.push_back(best(infinite));
    return all;
  }
};

Logs logs_of(std::span<const StepsAtBatch> points) {
  if (points.size() < 2) {
    throw Error("batch scaling", fmt::format("{} batch sizes; two are needed", points.size()));
  }
  Logs logs;
  std::set<double> sizes;
  for (const StepsAtBatch& p : points) {
    const bool fits =
        p.batch > 0 && p.steps > 0 && std::isfinite(p.batch) && std::isfinite(p.steps);
    if (!fits) {
      throw Error(
          "batch scaling",
          fmt::format("{} steps at batch {}; both must be above 0 and finite", p.steps, p.batch));
    }
    if (!sizes.insert(p.batch).second) {
      throw Error("batch scaling", fmt::format("batch {} stands twice", p.batch));
    }
    logs.batch.push_back(std::log(p.batch));
    logs.steps.push_back(std::log(p.steps));
  }
  return logs;
}

Curve best_of(const Logs& logs, const std::vector<Curve>& curves) {
  const auto best = std::ranges::min_element(curves, {}, &Curve::squares);
  if (best == curves.begin() || best + 1 == curves.end()) return *best;
  return logs.refined(*(best - 1), *best, *(best + 1));
}

/// Around the best one: an interval is never empty.
Interval around(double log_value) { return {std::exp(log_value), std::exp(log_value)}; }

void widen(std::optional<Interval>& interval, double log_low, double log_high) {
  *interval = hull(*interval, {std::exp(log_low), std::exp(log_high)});
}

/// Where the sum of squares comes to `most` between a place inside and its neighbour outside, linearly;
/// the place itself where the neighbour is at no distance.
double crossing(const Curve& inside, const Curve& outside, double most) {
  if (!std::isfinite(inside.log_critical) || !std::isfinite(outside.log_critical)) {
    return inside.log_critical;
  }
  const double t = (most - inside.squares) / (outside.squares - inside.squares);
  return inside.log_critical + t * (outside.log_critical - inside.log_critical);
}

void add_intervals(const std::vector<Curve>& curves, double most, double k, BatchScaling& fit) {
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const Curve& curve = curves[i];
    if (curve.squares > most) continue;
    const double half = std::sqrt((most - curve.squares) / k);
    const double low = curve.height - half;
    const double high = curve.height + half;
    widen(fit.critical_interval, curve.log_critical, curve.log_critical);
    widen(fit.least_steps_interval, curve.log_steps(low), curve.log_steps(high));
    widen(fit.least_examples_interval, curve.log_examples(low), curve.log_examples(high));
    for (const std::size_t next : {i - 1, i + 1}) {  // before the first comes none: i - 1 wraps
      if (next >= curves.size() || curves[next].squares <= most) continue;
      const double end = crossing(curve, curves[next], most);
      widen(fit.critical_interval, end, end);
    }
  }
}

double largest_factor(const Logs& logs, const Curve& curve) {
  double largest = 0;
  for (std::size_t i = 0; i < logs.batch.size(); ++i) {
    const double e = logs.steps[i] - curve.height - shape(curve.log_critical, logs.batch[i]);
    largest = std::max(largest, std::abs(e));
  }
  return std::exp(largest);
}

}  // namespace

BatchScaling batch_scaling(std::span<const StepsAtBatch> points, double confidence) {
  require_level("batch scaling", confidence);
  const Logs logs = logs_of(points);
  const std::vector<Curve> curves = logs.curves();
  const Curve best = best_of(logs, curves);
  BatchScaling fit;
  fit.critical = std::exp(best.log_critical);
  fit.least_steps = std::exp(best.log_steps(best.height));
  fit.least_examples = std::exp(best.log_examples(best.height));
  fit.misfit = largest_factor(logs, best);
  if (points.size() < 3) return fit;
  const auto k = static_cast<double>(points.size());
  const double f = boost::math::quantile(boost::math::fisher_f(1, k - 2), confidence);
  fit.critical_interval = around(best.log_critical);
  fit.least_steps_interval = around(best.log_steps(best.height));
  fit.least_examples_interval = around(best.log_examples(best.height));
  add_intervals(curves, best.squares * (1 + f / (k - 2)), k, fit);
  return fit;
}

double curve_at(const BatchScaling& fit, double batch) {
  return fit.least_steps + fit.least_examples / batch;
}

Regimes regimes_at(double batch, const Interval& critical) {
  constexpr double ratio = 9;  // of B* and B, where the slope is 0.9
  return {.perfect = batch * ratio <= critical.high,
          .diminishing = critical.low < ratio * batch && critical.high > batch / ratio,
          .maximal = batch >= ratio * critical.low};
}

}  // namespace gapbench::compare

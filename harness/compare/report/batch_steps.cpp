#include "compare/report/batch_steps.h"

#include <fmt/format.h>

#include <cmath>

#include "compare/findings/batch_curves.h"
#include "compare/report/chart_numbers.h"

namespace gapbench::compare {
namespace {

using records::Json;

constexpr std::size_t line_points = 60;

Json point_json(const BatchSize& size) {
  const double factor = size.deviation.value_or(1);
  return {{"batch", size.batch},
          {"n", size.steps.size()},
          {"steps", rounded(*size.mean)},
          {"factor", size.deviation ? rounded(factor) : Json()},
          {"low", rounded(*size.mean / factor)},
          {"high", rounded(*size.mean * factor)}};
}

/// [[batch, steps], ...], equally spaced in log batch.
template <class Steps>
Json line_json(double first, double last, const Steps& steps) {
  Json points = Json::array();
  for (std::size_t i = 0; i < line_points; ++i) {
    const double share = static_cast<double>(i) / (line_points - 1);
    const double batch = first * std::pow(last / first, share);
    points.push_back({rounded(batch), rounded(steps(batch))});
  }
  return points;
}

Json fit_json(const BatchScaling& fit, double first, double last) {
  Json json{{"critical", rounded(fit.critical)},
            {"curve", line_json(first, last, [&fit](double b) { return curve_at(fit, b); })},
            {"asymptotes", Json::array()}};
  if (fit.critical_interval) {
    json["low"] = rounded(fit.critical_interval->low);
    json["high"] = rounded(fit.critical_interval->high);
  }
  if (fit.least_steps > 0) {
    json["asymptotes"].push_back(
        line_json(first, last, [&fit](double) { return fit.least_steps; }));
  }
  if (fit.least_examples > 0) {
    json["asymptotes"].push_back(
        line_json(first, last, [&fit](double b) { return fit.least_examples / b; }));
  }
  return json;
}

Json curves_json(const std::vector<BatchCurve>& curves) {
  Json all = Json::array();
  for (const BatchCurve& curve : curves) {
    Json json{{"method", curve.method}, {"points", Json::array()}};
    for (const BatchSize& size : curve.sizes) {
      if (size.mean) json["points"].push_back(point_json(size));
    }
    if (json["points"].empty()) continue;
    if (curve.fit) {
      json["fit"] = fit_json(*curve.fit, static_cast<double>(curve.sizes.front().batch),
                             static_cast<double>(curve.sizes.back().batch));
    }
    all.push_back(std::move(json));
  }
  return all;
}

}  // namespace

void add_batch_steps(const Aggregate& all, const Target& target, const CostsToTarget& costs,
                     ChartData& data) {
  if (target.cost != At::equal_steps) return;
  for (std::size_t i = 0; i < all.sections.size(); ++i) {
    Json curves = curves_json(batch_curves(all.sections[i], costs));
    if (curves.empty()) continue;
    data.sections[i].steps = true;
    data.json["sections"][i]["steps"] = {
        {"target", fmt::format("{} of {:g}", target.metric, target.value)},
        {"curves", std::move(curves)}};
  }
}

}  // namespace gapbench::compare

#include "compare/batch_curves_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "compare/findings/batch_curves.h"

namespace gapbench::compare {
namespace {

using records::Json;

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json interval_json(const std::optional<Interval>& interval) {
  return interval ? Json::array({finite(interval->low), finite(interval->high)}) : Json();
}

Json size_json(const BatchSize& size) {
  Json json{{"batch", size.batch},
            {"missed", size.missed()},
            {"mean", size.mean ? Json(*size.mean) : Json()},
            {"deviation_factor", size.deviation ? Json(*size.deviation) : Json()},
            {"tuned", size.tuned},
            {"at_an_end", size.at_an_end},
            {"steps", Json::array()},
            {"chosen", Json::array()}};
  for (const auto& [seed, steps] : size.steps) {
    json["steps"].push_back({{"seed", seed}, {"steps", steps ? Json(*steps) : Json()}});
  }
  for (const auto& [row, seeds] : size.chosen) {
    json["chosen"].push_back({{"row", row->label}, {"seeds", seeds}});
  }
  return json;
}

Json fit_json(const std::optional<BatchScaling>& fit) {
  if (!fit) return nullptr;
  return {{"critical", finite(fit->critical)},
          {"critical_interval", interval_json(fit->critical_interval)},
          {"least_steps", fit->least_steps},
          {"least_steps_interval", interval_json(fit->least_steps_interval)},
          {"least_examples", fit->least_examples},
          {"least_examples_interval", interval_json(fit->least_examples_interval)},
          {"misfit", fit->misfit}};
}

}  // namespace

Json batch_curves_json(const Aggregate& all, const CostsToTarget& costs) {
  Json list = Json::array();
  for (const Section& section : all.sections) {
    for (const BatchCurve& curve : batch_curves(section, costs)) {
      Json sizes = Json::array();
      for (const BatchSize& size : curve.sizes) sizes.push_back(size_json(size));
      list.push_back({{"section", section.title},
                      {"method", curve.method},
                      {"sizes", std::move(sizes)},
                      {"fit", fit_json(curve.fit)}});
    }
  }
  return list;
}

}  // namespace gapbench::compare

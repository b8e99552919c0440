#include "compare/by_image_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "compare/rows/by_image.h"

namespace gapbench::compare {
namespace {

using records::Json;

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

/// Classes without a test image have no accuracy.
Json class_json(const ClassAccuracy& accuracy) {
  Json json{{"images", accuracy.images}, {"accuracy", Json()}, {"by_trial", Json::array()}};
  if (accuracy.images == 0) return json;
  double sum = 0;
  for (const double a : accuracy.by_trial) sum += a;
  json["accuracy"] = sum / static_cast<double>(accuracy.by_trial.size());
  json["by_trial"] = accuracy.by_trial;
  return json;
}

Json row_json(const RowByImage& row) {
  Json json{{"method", row.row->method}, {"label", row.row->label}, {"seeds", row.seeds}};
  json["classes"] = Json::array();
  for (const ClassAccuracy& c : row.classes) json["classes"].push_back(class_json(c));
  json["own_agreement"] = or_null(row.own_agreement);
  json["agreement"] = or_null(row.agreement);
  json["image_sampling"] = Json();
  if (row.sampling) {
    json["image_sampling"] = {{"images", row.sampling->images},
                              {"difference", row.sampling->difference},
                              {"error", row.sampling->error},
                              {"share", row.sampling->share}};
  }
  json["left_out"] = row.left_out;
  return json;
}

}  // namespace

Json by_image_json(const Aggregate& all) {
  Json list = Json::array();
  for (const Section& section : all.sections) {
    const std::vector<RowByImage> rows = by_image(section, all.baseline);
    if (rows.empty()) continue;
    Json json{{"title", section.title}, {"rows", Json::array()}};
    for (const RowByImage& row : rows) json["rows"].push_back(row_json(row));
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace gapbench::compare

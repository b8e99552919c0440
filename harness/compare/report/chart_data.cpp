#include "compare/report/chart_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "compare/report/chart_numbers.h"
#include "compare/report/pictures.h"
#include "compare/report/prediction_charts.h"
#include "compare/rows/by_seed.h"
#include "compare/rows/columns.h"
#include "compare/statistics/interval.h"
#include "compare/statistics/sample.h"
#include "records/repeat.h"
#include "records/text.h"

namespace gapbench::compare {
namespace {

using records::Json;
using train::Evaluation;

const char* better_text(Better better) {
  if (better == Better::none) return "none";
  return better == Better::higher ? "higher" : "lower";
}

Json metric_json(const Column& column, bool is_probe) {
  return {{"name", column.name},
          {"label", column.heading},
          {"unit", column.unit.empty() ? "no unit" : column.unit},
          {"better", better_text(column.better)},
          {"probe", is_probe},
          {"gap", column.is_gap}};
}

std::optional<double> value_at(const Evaluation& e, const Column& column, bool is_probe) {
  if (!is_probe) return metric_of(e, column.name);
  for (const auto& value : e.probes) {
    if (probe_name(value) == column.heading) return value.value;
  }
  return std::nullopt;
}

/// The evaluations of a row by step.
using BySteps = std::map<std::uint64_t, std::vector<const Evaluation*>>;

BySteps by_steps(const Row& row, const Histories& histories) {
  BySteps steps;
  for (const records::Record* record : row.ok) {
    const auto found = histories.find(record);
    if (found == histories.end()) continue;
    for (const Evaluation& e : found->second) steps[e.step].push_back(&e);
  }
  return steps;
}

/// Nothing where not one evaluation was made by all trials, or all lack the number.
std::optional<Json> curve(const Row& row, const BySteps& steps, const Column& column,
                          bool is_probe) {
  Json json{{"metric", column.name}, {"n", row.seeds_agree ? 1 : row.ok.size()}};
  for (const char* key : {"epoch", "mean", "deviation"}) json[key] = Json::array();
  std::vector<std::pair<double, Statistic>> points;
  for (const auto& [step, evaluations] : steps) {
    std::vector<double> values;
    for (const Evaluation* e : evaluations) {
      if (const auto value = value_at(*e, column, is_probe)) values.push_back(*value);
    }
    if (values.empty() || values.size() != row.ok.size()) continue;
    if (row.seeds_agree) values.resize(1);
    points.emplace_back(evaluations.front()->epoch, *statistic(values));
  }
  for (const std::size_t i : thinned(points.size(), longest_curve)) {
    json["epoch"].push_back(rounded(points[i].first));
    json["mean"].push_back(rounded(points[i].second.mean));
    json["deviation"].push_back(deviation_json(points[i].second));
  }
  return points.empty() ? std::nullopt : std::optional(json);
}

/// Of the mean over seeds; none for one seed and without spread.
Json mean_interval_json(const Row& row, const Measure& measure, double confidence) {
  std::vector<double> values;
  for (const auto& [seed, value] : by_seed(row, measure)) values.push_back(value);
  if (row.seeds_agree || !has_spread(values)) return nullptr;
  const Interval interval = *t_interval(values, confidence);
  return {rounded(interval.low), rounded(interval.high)};
}

Json trial_json(const records::Record& record, const std::vector<Column>& columns) {
  const bool ok = record.outcome.status == train::Status::ok;
  Json json{{"seed", record.seed},
            {"status", train::to_text(record.outcome.status)},
            {"step", record.outcome.step},
            {"reason", records::plain(record.outcome.reason)},
            {"folder", record.folder.generic_string()},
            {"repeat", records::repeat_command(record)},
            {"values", Json::object()}};
  for (const Column& column : columns) {
    const auto value = ok ? column.measure(record) : std::nullopt;
    if (value && std::isfinite(*value)) json["values"][column.name] = rounded(*value);
  }
  return json;
}

Json row_json(const Row& row, const std::vector<Column>& columns) {
  Json json{{"label", row.label + fitting_note(row)}, {"name", row.label}};
  json["trials"] = Json::array();
  for (const auto* list : {&row.ok, &row.failed}) {
    for (const records::Record* record : *list) {
      json["trials"].push_back(trial_json(*record, columns));
    }
  }
  return json;
}

Json point(const Row& row, std::size_t place, const std::vector<Column>& columns,
           double confidence) {
  Json json{{"row", place}, {"values", Json::object()}};
  const auto batch = row.settings.find("batch");
  if (batch != row.settings.end()) {
    if (const auto* size = std::get_if<std::int64_t>(&batch->second)) json["batch"] = *size;
  }
  for (const Column& column : columns) {
    const auto s = over_seeds(row, column.measure);
    if (!s || !std::isfinite(s->mean)) continue;
    json["values"][column.name] = {
        {"mean", rounded(s->mean)},
        {"deviation", deviation_json(*s)},
        {"n", s->n},
        {"interval", mean_interval_json(row, column.measure, confidence)},
        {"competes", competes(row, column)}};
  }
  return json;
}

bool has_batches(const Json& points) {
  std::set<std::int64_t> sizes;
  for (const Json& p : points) {
    if (p.contains("batch")) sizes.insert(p["batch"].get<std::int64_t>());
  }
  return sizes.size() > 1;
}

/// Quality and costs as in the table, then every probe; all named in `json`.
std::vector<Column> charted(const Section& section, const std::vector<std::string>& metrics,
                            Json& json) {
  std::vector<Column> columns = columns_of(section, metrics);
  std::erase_if(columns, [](const Column& c) { return c.name.starts_with("probe."); });
  const std::vector<Column> probes = probe_columns_of(section);
  for (const Column& c : columns) {
    json[c.is_cost ? "costs" : "metrics"].push_back(metric_json(c, false));
  }
  for (const Column& c : probes) json["metrics"].push_back(metric_json(c, true));
  columns.insert(columns.end(), probes.begin(), probes.end());
  return columns;
}

void add_curves(const Row& row, std::size_t place, const std::vector<Column>& columns,
                const Histories& histories, Json& json, ChartData::Section& has) {
  const BySteps steps = by_steps(row, histories);
  for (const Column& c : columns) {
    if (c.is_cost) continue;
    const bool is_probe = c.name.starts_with("probe.");
    auto line = curve(row, steps, c, is_probe);
    if (!line) continue;
    (*line)["row"] = place;
    json["curves"].push_back(std::move(*line));
    (is_probe ? has.probes : has.curves) = true;
  }
}

void add_pictures(const Section& section, const Histories& histories, Json& json,
                  ChartData::Section& has) {
  for (const Picture& picture : pictures_of(section, histories)) {
    json["pictures"].push_back(to_json(picture));
    has.paths = has.paths || picture.chart == "paths";
    has.ellipses = has.ellipses || picture.chart == "ellipses";
    has.profiles = has.profiles || picture.chart == "profiles";
  }
}

Json section_json(const Section& section, const std::string& baseline, const Histories& histories,
                  const std::vector<std::string>& metrics, ChartData::Section& has) {
  const Row* base = baseline.empty() ? nullptr : only_row(section, baseline);
  Json json{{"title", section.title},
            {"primary", section.metric},
            {"confidence", section.confidence},
            {"baseline", base == nullptr ? Json() : Json(base - section.rows.data())}};
  for (const char* key : {"rows", "metrics", "costs", "curves", "points", "pictures"}) {
    json[key] = Json::array();
  }
  const std::vector<Column> columns = charted(section, metrics, json);
  const Shifts shifts = shifts_of(section);
  for (std::size_t i = 0; i < section.rows.size(); ++i) {
    const Row& row = section.rows[i];
    json["rows"].push_back(row_json(row, columns));
    if (row.ok.empty()) continue;
    json["points"].push_back(point(row, i, columns, section.confidence));
    add_curves(row, i, columns, histories, json, has);
    add_shift(row, i, shifts, json);
    add_reliability(row, i, json);
  }
  add_pictures(section, histories, json, has);
  has.seeds = !json["points"].empty();
  has.shift = json.contains("shift");
  has.reliability = json.contains("reliability");
  has.calibration = std::ranges::any_of(columns, [](const Column& c) { return c.name == "ece"; });
  has.cost = !json["points"].empty();
  const bool probed =
      std::ranges::any_of(columns, [](const Column& c) { return c.name.starts_with("probe."); });
  has.batch = probed && has_batches(json["points"]);
  return json;
}

Json effect_json(const Effect& effect) {
  const bool known = effect.differences.n > 0;
  const bool spread = effect.spread && effect.interval;
  return {{"seeds", effect.differences.n},
          {"difference", known ? rounded(effect.differences.mean) : Json()},
          {"interval",
           spread ? Json::array({rounded(effect.interval->low), rounded(effect.interval->high)})
                  : Json()}};
}

}  // namespace

Histories read_histories(const Aggregate& all, std::vector<records::BrokenRecord>& broken) {
  Histories histories;
  for (const Section& section : all.sections) {
    for (const Row& row : section.rows) {
      for (const records::Record* record : row.ok) {
        records::History history = records::read_history(record->folder);
        if (!history.broken.empty()) {
          broken.push_back({record->folder, "its history: " + history.broken});
        }
        histories[record] = std::move(history.evaluations);
      }
    }
  }
  return histories;
}

ChartData chart_data(const Aggregate& all, const Histories& histories,
                     const std::vector<Carried>& carried, const std::vector<std::string>& metrics) {
  ChartData data;
  data.json = {
      {"baseline", all.baseline}, {"sections", Json::array()}, {"transfer", Json::array()}};
  for (const Section& section : all.sections) {
    ChartData::Section& has = data.sections.emplace_back();
    data.json["sections"].push_back(section_json(section, all.baseline, histories, metrics, has));
  }
  for (const Carried& c : carried) {
    data.json["transfer"].push_back({{"method", c.method},
                                     {"metric", c.metric.name},
                                     {"label", c.metric.heading},
                                     {"unit", c.metric.unit},
                                     {"better", better_text(c.metric.better)},
                                     {"from", c.from->title},
                                     {"to", c.to->title},
                                     {"verdict", c.transfer.word()},
                                     {"on_from", effect_json(c.transfer.a)},
                                     {"on_to", effect_json(c.transfer.b)}});
    data.transfer =
        data.transfer || (c.transfer.a.differences.n > 0 && c.transfer.b.differences.n > 0);
  }
  return data;
}

}  // namespace gapbench::compare

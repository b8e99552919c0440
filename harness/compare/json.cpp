#include "compare/json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "compare/batch_curves_json.h"
#include "compare/findings/findings.h"
#include "compare/rows/columns.h"
#include "compare/rows/timing.h"
#include "compare/sections/problems.h"
#include "compare/sections/published.h"
#include "compare/sections/slopes.h"
#include "compare/sections/to_target.h"

namespace gapbench::compare {
namespace {

using records::Json;

Json value_json(const OptionValue& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

Json settings_json(const OptionMap& settings) {
  Json json = Json::object();
  for (const auto& [key, value] : settings) json[key] = value_json(value);
  return json;
}

Json interval_json(const std::optional<Interval>& interval) {
  return interval ? Json::array({interval->low, interval->high}) : Json();
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json failures_json(const Row& row) {
  Json list = Json::array();
  for (const records::Record* r : row.failed) {
    list.push_back({{"seed", r->seed},
                    {"status", train::to_text(r->outcome.status)},
                    {"step", r->outcome.step},
                    {"reason", r->outcome.reason},
                    {"folder", r->folder.generic_string()}});
  }
  return list;
}

Json values_json(const Row& row, const Column& column) {
  Json list = Json::array();
  for (const records::Record* record : row.ok) {
    list.push_back({{"seed", record->seed}, {"value", or_null(column.measure(*record))}});
  }
  return list;
}

Json published_json(const suite::Published& p) {
  return {{"value", p.value},
          {"deviation", or_null(p.deviation)},
          {"n", or_null(p.n)},
          {"source", p.source}};
}

Json metric_json(const records::Records& records, const Row& row, const Column& column, bool best) {
  const auto statistic = over_seeds(row, column.measure);
  Json json{{"unit", column.unit},
            {"n", statistic ? statistic->n : 0},
            {"mean", statistic ? Json(statistic->mean) : Json()},
            {"deviation", statistic && statistic->n > 1 ? Json(statistic->deviation) : Json()},
            {"best", best},
            {"values", values_json(row, column)}};
  const suite::Published* published = published_of(records, row, column);
  if (published != nullptr) json["published"] = published_json(*published);
  return json;
}

Json finding_json(const Finding& f) {
  Json json{{"seeds", f.differences.size()},
            {"difference", f.statistic ? Json(f.statistic->mean) : Json()},
            {"failed", f.failed},
            {"interval", interval_json(f.interval)},
            {"p", or_null(f.p)},
            {"wilcoxon_p", or_null(f.wilcoxon_p)},
            {"superiority", or_null(f.superiority)}};
  if (!f.draws) return json;
  json["seeds"] = f.draws->values;
  json["draws"] = f.draws->draws;
  json["tau"] = or_null(f.draws->tau);
  json["sigma"] = or_null(f.draws->sigma);
  return json;
}

/// Of the metric that decides.
Json among_json(const Finding& f, const std::string& outside) {
  return {{"interval", f.among ? interval_json(f.among->interval) : Json()},
          {"p", f.among ? Json(f.among->p) : Json()},
          {"beyond_doubt", f.beyond_doubt()},
          {"outside", outside}};
}

Json row_json(const Row& row) {
  return {{"label", row.label},
          {"method", row.method},
          {"settings", settings_json(row.settings)},
          {"pooled", row.pooled},
          {"trials", row.trials()},
          {"finished", row.ok.size()},
          {"not_fitted", row.not_fitted ? Json(*row.not_fitted) : Json()},
          {"seeds_agree", row.seeds_agree},
          {"under_load", under_load(row)},
          {"failed", failures_json(row)},
          {"metrics", Json::object()}};
}

Json section_json(const records::Records& records, const Comparison& comparison,
                  const TableOptions& options) {
  const Section& section = *comparison.section;
  const records::Record& any = any_record(section);
  Json json{{"title", section.title},
            {"dataset", any.dataset},
            {"network", any.network},
            {"shared", settings_json(section.shared)},
            {"differing", section.differing}};
  const auto note = options.notes.find(section.key);
  json["note"] = note == options.notes.end() ? "" : note->second;
  std::vector<Column> columns = columns_of(section, options.metrics);
  if (options.metrics.empty()) {
    for (Column& probe : probe_columns_of(section)) columns.push_back(std::move(probe));
  }
  json["rows"] = Json::array();
  for (const Row& row : section.rows) json["rows"].push_back(row_json(row));
  for (const Column& column : columns) {
    const std::vector<bool> best = best_rows(section, column);
    for (std::size_t i = 0; i < section.rows.size(); ++i) {
      json["rows"][i]["metrics"][column.name] =
          metric_json(records, section.rows[i], column, best[i]);
    }
  }
  for (std::size_t m = 0; m < comparison.metrics.size(); ++m) {
    for (std::size_t i = 0; i < section.rows.size(); ++i) {
      const Finding& f = comparison.found[m][i];
      if (f.differences.empty()) continue;
      Json& against = json["rows"][i]["against"][comparison.metrics[m].name];
      against = finding_json(f);
      if (comparison.primary == m) against["among"] = among_json(f, comparison.outside[i]);
    }
  }
  for (const Slope& s : slopes_of(section, options.metrics)) {
    json["slopes"].push_back({{"method", s.method},
                              {"key", s.key},
                              {"metric", s.metric},
                              {"values", s.values},
                              {"seeds", s.seeds},
                              {"slope", s.mean},
                              {"interval", interval_json(s.interval)}});
  }
  json["metric"] = section.metric;
  json["compared"] = comparison.methods;
  json["uneven"] = comparison.uneven;
  return json;
}

Json effect_json(const Effect& effect) {
  return {{"seeds", effect.differences.n},
          {"failed", effect.failed},
          {"difference", effect.differences.n > 0 ? Json(effect.differences.mean) : Json()},
          {"interval", interval_json(effect.spread ? effect.interval : std::nullopt)}};
}

Json share_json(const Transfer& t) {
  return {{"declared", t.options.share},
          {"value", or_null(t.share.value)},
          {"interval", interval_json(t.share.interval)}};
}

Json transfer_json(const Aggregate& all, const TableOptions& options) {
  Json list = Json::array();
  for (const Carried& c : carried(all, options.metrics)) {
    list.push_back({{"method", c.method},
                    {"metric", c.metric.name},
                    {"unit", c.metric.unit},
                    {"from", c.from->title},
                    {"to", c.to->title},
                    {"on_from", effect_json(c.transfer.a)},
                    {"on_to", effect_json(c.transfer.b)},
                    {"share", share_json(c.transfer)},
                    {"lost", interval_json(c.transfer.share.lost)},
                    {"verdict", c.transfer.word()},
                    {"why", explain(c.transfer, c.from->title, c.to->title)}});
  }
  return list;
}

Json claims_json(const std::vector<Answer>& answers) {
  Json list = Json::array();
  for (const Answer& a : answers) {
    list.push_back({{"suite", a.suite->name},
                    {"claim", suite::to_text(a.declared->claim)},
                    {"on", a.where},
                    {"declared", a.is_declared()},
                    {"evaluated_before", a.declared->evaluated_before},
                    {"became", a.word},
                    {"value", or_null(a.value)},
                    {"interval", interval_json(a.interval)},
                    {"decided_by", a.numbers},
                    {"given", a.given},
                    {"why", a.why}});
    if (!a.suite->looks.at.empty()) list.back()["looks_taken"] = a.looks_taken;
  }
  return list;
}

Json recovery_json(const records::Records& records, const Aggregate& all,
                   const TableOptions& options) {
  Json list = Json::array();
  for (const Recovered& r : recoveries(records, all, options.ends, options.metrics)) {
    list.push_back({{"section", r.section->title},
                    {"row", r.row->label},
                    {"metric", r.metric.name},
                    {"seeds", r.recovery.n},
                    {"failed", r.recovery.failed},
                    {"recovery", or_null(r.recovery.value)},
                    {"interval", interval_json(r.recovery.interval)},
                    {"why", r.recovery.why},
                    {"published", or_null(r.published)}});
  }
  return list;
}

Json costs_json(const Row& row, const CostsToTarget& costs) {
  Json list = Json::array();
  for (const auto* of : {&row.ok, &row.failed}) {
    for (const records::Record* record : *of) {
      const auto found = costs.find(record);
      if (found == costs.end()) continue;
      list.push_back({{"seed", record->seed}, {"cost", or_null(found->second)}});
    }
  }
  return list;
}

Json to_target_json(const Aggregate& all, const TableOptions& options) {
  Json list = Json::array();
  for (const Section& section : all.sections) {
    for (const RowToTarget& r : rows_to_target(section, all.baseline, *options.to, options.costs)) {
      const bool known = r.median && std::isfinite(*r.median);
      list.push_back({{"section", section.title},
                      {"row", r.row->label},
                      {"n", r.n},
                      {"missed", r.missed},
                      {"median", known ? Json(*r.median) : Json()},
                      {"mean", r.cost ? Json(r.cost->mean) : Json()},
                      {"deviation", r.cost && r.cost->n > 1 ? Json(r.cost->deviation) : Json()},
                      {"difference", r.difference ? Json(r.difference->mean) : Json()},
                      {"interval", interval_json(r.interval)},
                      {"values", costs_json(*r.row, options.costs)}});
    }
  }
  Json json{{"metric", options.to->metric},
            {"value", options.to->value},
            {"unit", unit_of(options.to->cost)},
            {"rows", list}};
  if (options.to->cost == At::equal_steps) {
    json["batch_sizes"] = batch_curves_json(all, options.costs);
  }
  return json;
}

Json problems_json(const Aggregate& all) {
  const OverProblems summary = summarize_problems(all);
  Json json{{"problems", summary.problems}, {"ratios", profile_ratios}, {"rows", Json::array()}};
  for (const auto& line : summary.lines) {
    json["rows"].push_back({{"method", line.method},
                            {"trials", line.trials},
                            {"failed", line.failed},
                            {"inter_quartile_mean", or_null(line.inter_quartile_mean)},
                            {"profile", line.profile}});
  }
  json["left_out"] = summary.left_out;
  return json;
}

void add_left_out(const records::Records& records, const Aggregate& all, Json& json) {
  json["duplicates"] = Json::array();
  for (const Duplicate& d : all.duplicates) {
    json["duplicates"].push_back({{"folder", d.dropped->folder.generic_string()},
                                  {"kept", d.kept->folder.generic_string()},
                                  {"same_result", d.same_result()},
                                  {"difference", d.difference}});
  }
  json["unfinished"] = Json::array();
  for (const auto& folder : records.unfinished) {
    json["unfinished"].push_back(folder.generic_string());
  }
  json["broken"] = Json::array();
  for (const auto& b : records.broken) {
    json["broken"].push_back({{"folder", b.folder.generic_string()}, {"reason", b.reason}});
  }
}

}  // namespace

Json to_json(const records::Records& records, const Aggregate& all, const TableOptions& options) {
  Json json{{"schema", compare_schema},
            {"reported", describe(options.at)},
            {"baseline", all.baseline},
            {"shared", settings_json(all.shared)},
            {"sections", Json::array()}};
  if (!options.images.empty()) json["images"] = options.images;
  for (const Comparison& comparison : comparisons(all, options.metrics)) {
    json["sections"].push_back(section_json(records, comparison, options));
  }
  json["claims"] = claims_json(options.answers);
  json["recovery"] = recovery_json(records, all, options);
  json["transfer"] = transfer_json(all, options);
  if (options.to) json["to"] = to_target_json(all, options);
  if (options.over_problems) json["over_problems"] = problems_json(all);
  add_left_out(records, all, json);
  json["suites"] = Json::array();
  for (const Presence& p : options.presence) {
    json["suites"].push_back(
        {{"suite", p.suite}, {"listed", p.listed}, {"missing", p.missing}, {"stale", p.stale}});
  }
  return json;
}

}  // namespace gapbench::compare

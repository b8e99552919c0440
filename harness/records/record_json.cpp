// Writing. Reading is in record_parse.cpp.
#include "records/record_json.h"

#include <nlohmann/json.hpp>

namespace gapbench::records {
namespace {

Json to_json(const train::PartMetrics& part) {
  Json json{{"examples", part.examples}, {"loss", part.loss}};
  if (part.accuracy) {
    json["accuracy"] = *part.accuracy;
    json["error"] = 1 - *part.accuracy;
  }
  return json;
}

/// Test minus train: for those who read the file; compare computes its own.
Json gaps_json(const train::Evaluation& e) {
  Json json{{"loss", e.test->loss - e.train.loss}};
  if (e.test->accuracy && e.train.accuracy) json["error"] = *e.train.accuracy - *e.test->accuracy;
  return json;
}

Json to_json(const train::PassCounts& passes) {
  Json json = Json::object();
  for (const auto& [name, count] : train::pass_counts) json[name] = passes.*count;
  return json;
}

Json probes_json(const std::vector<train::ProbeValue>& probes) {
  Json json = Json::array();
  for (const auto& p : probes) {
    json.push_back(
        {{"probe", p.probe}, {"metric", p.metric}, {"value", p.value}, {"unit", p.unit}});
  }
  return json;
}

/// Columns, not rows: half the bytes, and what plots want.
Json bins_json(const std::vector<train::CalibrationBin>& bins) {
  Json json{
      {"examples", Json::array()}, {"confidence", Json::array()}, {"accuracy", Json::array()}};
  for (const train::CalibrationBin& bin : bins) {
    json["examples"].push_back(bin.examples);
    json["confidence"].push_back(bin.examples > 0 ? Json(bin.confidence) : Json());
    json["accuracy"].push_back(bin.examples > 0 ? Json(bin.accuracy) : Json());
  }
  return json;
}

Json to_json(const train::PartPrediction& part) {
  Json json{{"examples", part.examples}, {"draws", part.draws}};
  for (const auto& [name, score] : train::prediction_scores) {
    if (part.*score) json[name] = *(part.*score);
  }
  if (!part.bins.empty()) json["bins"] = bins_json(part.bins);
  return json;
}

Json to_json(const train::PosteriorNumbers& posterior) {
  Json json{
      {"name", posterior.name}, {"prediction", posterior.prediction}, {"draws", posterior.draws}};
  for (const auto& [name, number] : train::posterior_numbers) {
    if (posterior.*number) json[name] = *(posterior.*number);
  }
  json["fit_passes"] = to_json(posterior.fit_passes);
  json["prediction_passes"] = to_json(posterior.prediction_passes);
  json["values"] = probes_json(posterior.values);
  return json;
}

void add_predictive(const train::Predictive& predictive, Json& json) {
  Json& parts = json["predictive"] = Json::object();
  for (const auto& [name, part] : train::predicted_parts) {
    if (predictive.*part) parts[name] = to_json(*(predictive.*part));
  }
  for (const train::ShiftedPrediction& shifted : predictive.shifted) {
    parts["shifted"][shifted.name] = to_json(shifted.scores);
  }
  if (predictive.posterior) json["posterior"] = to_json(*predictive.posterior);
}

Json to_json(const train::Cost::Bucket& bucket) {
  return {{"wall_seconds", bucket.wall_seconds}, {"cpu_seconds", bucket.cpu_seconds}};
}

void add_buckets(const train::Cost& cost, Json& json) {
  for (const auto& [name, bucket] : train::cost_buckets) json[name] = to_json(cost.*bucket);
  json["peak_memory_bytes"] = cost.peak_memory_bytes;
}

void add_metrics(const train::Evaluation& e, Json& json) {
  json["step"] = e.step;
  json["epoch"] = e.epoch;
  json["schedule"] = e.schedule;
  if (e.objective) json["objective"] = *e.objective;
  json["train"] = to_json(e.train);
  if (e.validation) json["validation"] = to_json(*e.validation);
  if (e.test) json["test"] = to_json(*e.test);
  if (e.test) json["gaps"] = gaps_json(e);
  if (e.predictive) add_predictive(*e.predictive, json);
  json["probes"] = probes_json(e.probes);
}

Json to_json(const OptionMap& options) {
  Json json = Json::object();
  for (const auto& [name, value] : options) {
    std::visit([&json, &key = name](const auto& v) { json[key] = v; }, value);
  }
  return json;
}

Json cost_json(const train::Cost& cost) {
  Json json{{"gradient_samples", cost.gradient_samples()},
            {"train_passes", to_json(cost.train_passes)},
            {"probe_passes", to_json(cost.probe_passes)}};
  add_buckets(cost, json);
  return json;
}

}  // namespace

Json history_json(const train::Evaluation& evaluation) {
  Json json{{"schema", record_schema}};
  add_metrics(evaluation, json);
  json["train_passes"] = to_json(evaluation.cost.train_passes);
  json["probe_passes"] = to_json(evaluation.cost.probe_passes);
  return json;
}

Json timing_json(const train::Evaluation& evaluation) {
  Json json{{"schema", record_schema}, {"step", evaluation.step}};
  add_buckets(evaluation.cost, json);
  return json;
}

Json summary_json(const Record& record) {
  const train::Outcome& o = record.outcome;
  Json json{{"schema", record_schema},
            {"identity", record.identity},
            {"suite", record.suite},
            {"dataset", record.dataset},
            {"network", record.network},
            {"method", record.method},
            {"seed", record.seed},
            {"status", train::to_text(o.status)},
            {"reason", o.reason},
            {"step", o.step},
            {"steps", o.steps},
            {"dimension", o.dimension},
            {"training_examples", o.training_examples}};
  if (o.final) {
    json["final"] = Json::object();
    add_metrics(*o.final, json["final"]);
  }
  json["cost"] = cost_json(o.cost);
  json["threads"] = record.threads;
  json["shared_machine"] = record.shared_machine;
  json["notes"] = o.notes;
  if (!record.steps_sha256.empty()) json["steps_sha256"] = record.steps_sha256;
  json["build"] = record.build;
  json["plugins"] = record.plugins;
  if (!record.files.empty()) json["files"] = record.files;
  json["settings"] = to_json(record.settings);
  return json;
}

}  // namespace gapbench::records

// Reading summary.json, strictly: it may be damaged, foreign or edited by hand.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gapbench/error.h"
#include "records/json_read.h"
#include "records/predictive_parse.h"
#include "records/record_json.h"

namespace gapbench::records {
namespace {

train::PartMetrics part(const Json& json) {
  train::PartMetrics metrics;
  metrics.loss = number(json, "loss");
  metrics.examples = count(json, "examples");
  if (json.contains("accuracy")) metrics.accuracy = number(json, "accuracy");
  if (metrics.accuracy && json.contains("error")) {
    require_equal("error", number(json, "error"), 1 - *metrics.accuracy);
  }
  return metrics;
}

train::Cost::Bucket bucket(const Json& json) {
  return {number(json, "wall_seconds"), number(json, "cpu_seconds")};
}

void read_work(const Json& json, train::Cost& cost) {
  cost.train_passes = read_passes(object(json, "train_passes"));
  cost.probe_passes = read_passes(object(json, "probe_passes"));
}

void read_times(const Json& json, train::Cost& cost) {
  for (const auto& [name, member] : train::cost_buckets) {
    // records from before there were checkpoints have none
    if (member == &train::Cost::checkpoint && !json.contains(name)) continue;
    cost.*member = bucket(object(json, name));
  }
  cost.peak_memory_bytes = count(json, "peak_memory_bytes");
}

train::Cost cost(const Json& json) {
  train::Cost cost;
  read_work(json, cost);
  read_times(json, cost);
  return cost;
}

void require_gaps(const Json& json, const train::Evaluation& e) {
  require_equal("gaps.loss", number(json, "loss"), e.test->loss - e.train.loss);
  if (!json.contains("error") || !e.train.accuracy || !e.test->accuracy) return;
  require_equal("gaps.error", number(json, "error"), *e.train.accuracy - *e.test->accuracy);
}

train::Evaluation evaluation(const Json& json) {
  train::Evaluation e;
  e.step = count(json, "step");
  e.epoch = number(json, "epoch");
  e.schedule = number(json, "schedule");
  if (json.contains("objective")) e.objective = number(json, "objective");
  e.train = part(object(json, "train"));
  if (json.contains("validation")) e.validation = part(object(json, "validation"));
  if (json.contains("test")) e.test = part(object(json, "test"));
  if (e.test && json.contains("gaps")) require_gaps(object(json, "gaps"), e);
  e.predictive = read_predictive(json);
  e.probes = read_probes(need(json, "probes"));
  return e;
}

std::vector<std::string> notes(const Json& json) {
  if (!json.is_array()) throw Error("notes", "must be a list of texts");
  std::vector<std::string> texts;
  for (const Json& note : json) {
    if (!note.is_string()) throw Error("notes", "must be a list of texts");
    texts.push_back(note.get<std::string>());
  }
  return texts;
}

train::Outcome outcome(const Json& json) {
  train::Outcome o;
  const std::string status = text(json, "status");
  const auto known = train::status_from_text(status);
  if (!known) throw Error("status", "unknown: \"" + status + "\"");
  o.status = *known;
  o.reason = text(json, "reason");
  o.step = count(json, "step");
  o.steps = count(json, "steps");
  o.dimension = count(json, "dimension");
  o.training_examples = count(json, "training_examples");
  o.cost = cost(object(json, "cost"));
  o.notes = notes(need(json, "notes"));
  if (json.contains("final")) {
    o.final = evaluation(object(json, "final"));
    o.final->cost = o.cost;
  }
  if (o.status == train::Status::ok && !o.final) throw Error("final", "is missing");
  return o;
}

OptionMap settings(const Json& json) {
  OptionMap map;
  for (const auto& [name, value] : json.items()) {
    if (value.is_boolean()) {
      map[name] = value.get<bool>();
    } else if (value.is_number_integer()) {
      map[name] = value.get<std::int64_t>();
    } else if (value.is_number_float()) {
      map[name] = value.get<double>();
    } else if (value.is_string()) {
      map[name] = value.get<std::string>();
    } else {
      throw Error("settings." + name, "must be a number, a text, true or false");
    }
  }
  return map;
}

std::map<std::string, std::string> texts(const Json& outer, const std::string& key) {
  std::map<std::string, std::string> map;
  for (const auto& [name, value] : object(outer, key.c_str()).items()) {
    if (!value.is_string()) throw Error(key + "." + name, "must be a text");
    map[name] = value.get<std::string>();
  }
  return map;
}

/// Of files that lie in the record's own folder.
std::map<std::string, std::string> file_hashes(const Json& outer) {
  std::map<std::string, std::string> files = texts(outer, "files");
  for (const auto& [name, hash] : files) {
    if (name.find('/') != std::string::npos) throw Error("files." + name, "must be a file's name");
  }
  return files;
}

Json parsed(const std::string& source, const char* where) {
  Json json = Json::parse(source, nullptr, false);
  if (json.is_discarded()) throw Error(where, "is not valid JSON (cut short?)");
  if (!json.is_object()) throw Error(where, "is not a JSON object");
  const std::uint64_t schema = count(json, "schema");
  if (schema != record_schema) {
    throw Error("schema", "is " + std::to_string(schema) + ", this gapbench reads " +
                              std::to_string(record_schema));
  }
  return json;
}

std::string identity(const Json& json) {
  std::string identity = text(json, "identity");
  const bool hex = identity.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex || identity.size() != 64) throw Error("identity", "must be 64 hexadecimal digits");
  return identity;
}

}  // namespace

train::Evaluation parse_evaluation(const std::string& history_line,
                                   const std::string& timing_line) {
  const Json metrics = parsed(history_line, "history.jsonl");
  const Json times = parsed(timing_line, "timing.jsonl");
  train::Evaluation e = evaluation(metrics);
  if (count(times, "step") != e.step) throw Error("timing.jsonl", "is not of the same step");
  read_work(metrics, e.cost);
  read_times(times, e.cost);
  return e;
}

Record parse_summary(const std::string& source) {
  const Json json = parsed(source, "summary.json");
  Record record;
  record.identity = identity(json);
  record.suite = text(json, "suite");
  record.dataset = text(json, "dataset");
  record.network = text(json, "network");
  record.method = text(json, "method");
  record.seed = count(json, "seed");
  record.settings = settings(object(json, "settings"));
  record.outcome = outcome(json);
  if (json.contains("steps_sha256")) record.steps_sha256 = text(json, "steps_sha256");
  record.build = text(json, "build");
  record.plugins = texts(json, "plugins");
  if (json.contains("files")) record.files = file_hashes(json);
  record.threads = count(json, "threads");
  record.shared_machine = flag(json, "shared_machine");
  return record;
}

}  // namespace gapbench::records

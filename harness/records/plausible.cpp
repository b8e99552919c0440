#include "records/plausible.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/record_json.h"
#include "suite/trials/labels.h"

namespace gapbench::records {
namespace {

namespace fs = std::filesystem;

void require_at_least_0(const std::string& key, double value) {
  if (value >= 0 && std::isfinite(value)) return;
  throw Error(key, fmt::format("is {}, must be a number of 0 or more", value));
}

void require_possible(const char* key, const train::PartMetrics& part) {
  if (!part.accuracy) return;
  if (*part.accuracy >= 0 && *part.accuracy <= 1) return;
  throw Error(fmt::format("{}.accuracy", key),
              fmt::format("is {}, must be 0 to 1", *part.accuracy));
}

void require_possible(const std::string& part, const train::PartPrediction& scores) {
  for (const auto& [score, value] : train::prediction_scores) {
    if (!(scores.*value)) continue;
    const double given = *(scores.*value);
    const bool is_share = value == &train::PartPrediction::accuracy ||
                          value == &train::PartPrediction::ece ||
                          value == &train::PartPrediction::gibbs_error;
    if (std::isfinite(given) && !(is_share && (given < 0 || given > 1))) continue;
    throw Error(fmt::format("final.predictive.{}.{}", part, score),
                fmt::format("is {}, must be {}", given, is_share ? "0 to 1" : "a finite number"));
  }
}

void require_possible(const train::Predictive& predictive) {
  for (const auto& [name, part] : train::predicted_parts) {
    if (predictive.*part) require_possible(name, *(predictive.*part));
  }
  for (const train::ShiftedPrediction& shifted : predictive.shifted) {
    require_possible("shifted." + shifted.name, shifted.scores);
  }
}

void require_possible(const train::Cost& cost) {
  for (const auto& [name, bucket] : train::cost_buckets) {
    require_at_least_0(fmt::format("cost.{}.wall_seconds", name), (cost.*bucket).wall_seconds);
    require_at_least_0(fmt::format("cost.{}.cpu_seconds", name), (cost.*bucket).cpu_seconds);
  }
  for (const auto& [name, count] : train::pass_counts) {
    require_at_least_0(fmt::format("cost.train_passes.{}", name), cost.train_passes.*count);
    require_at_least_0(fmt::format("cost.probe_passes.{}", name), cost.probe_passes.*count);
  }
}

void require_ended(const train::Outcome& o) {
  if (o.step != o.steps) {
    throw Error("step", fmt::format("is {} of {} of a trial that is ok", o.step, o.steps));
  }
  if (o.final->step != o.step) {
    throw Error("final.step",
                fmt::format("is {}, and the trial is ok at step {}", o.final->step, o.step));
  }
  if (!std::isfinite(o.final->train.loss)) {
    throw Error("final.train.loss", "is no number, and the trial is ok");
  }
}

constexpr const char* plain_letters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/// "cifar10" of "cifar10", "csv" of "csv:yacht": what a folder's name begins with.
std::string plain_head(const std::string& name) {
  return name.substr(0, name.find_first_not_of(plain_letters));
}

/// Only of names that a suite may have: others are no folders' names.
bool is_folder_of(const std::string& folder, const std::string& method) {
  const bool is_plain =
      method.find_first_not_of(std::string(plain_letters) + "-.@=,[]~+") == std::string::npos;
  return !is_plain || folder == method || folder == suite::method_folder(method);
}

/// Without what is not in the summary.
Json metrics_of(const train::Evaluation& evaluation) {
  Json json = history_json(evaluation);
  json.erase("train_passes");
  json.erase("probe_passes");
  return json;
}

}  // namespace

void require_possible(const Record& record) {
  const train::Outcome& o = record.outcome;
  if (o.step > o.steps) throw Error("step", fmt::format("is {} of {}", o.step, o.steps));
  require_possible(o.cost);
  if (!o.final) return;
  require_possible("final.train", o.final->train);
  if (o.final->validation) require_possible("final.validation", *o.final->validation);
  if (o.final->test) require_possible("final.test", *o.final->test);
  if (o.final->predictive) require_possible(*o.final->predictive);
  if (o.status == train::Status::ok) require_ended(o);
}

void require_own_folder(const fs::path& given, const Record& record) {
  const fs::path folder = fs::absolute(given).lexically_normal();  // a source is found by way of ..
  const std::string name = folder.filename().string();
  if (!name.starts_with("seed-")) return;  // other names are the user's own affair
  const std::string due = fmt::format("seed-{}-{:.8}", record.seed, record.identity);
  if (name != due) throw Error("summary.json", "belongs to " + due + ", not to this folder");
  const fs::path method = folder.parent_path();
  if (!is_folder_of(method.filename().string(), record.method)) {
    throw Error("method", fmt::format("is {}, and the folder's {}", record.method,
                                      method.filename().string()));
  }
  const std::string dataset = method.parent_path().parent_path().filename().string();
  if (!dataset.starts_with(plain_head(record.dataset))) {
    throw Error("dataset", fmt::format("is {}, and the folder's {}", record.dataset, dataset));
  }
}

void require_same_end(const fs::path& folder, const Record& record) {
  if (!record.outcome.final || !is_there(folder / "history.jsonl")) return;
  const Json due = metrics_of(*record.outcome.final);
  const Json found = Json::parse(last_whole_line(folder / "history.jsonl"), nullptr, false);
  if (!found.is_object() || !found.contains("step") || found["step"] != due["step"]) return;
  for (const auto& [key, value] : due.items()) {
    if (found.contains(key) && found[key] == value) continue;
    throw Error("history.jsonl", fmt::format("its last line and summary.json differ in {}", key));
  }
}

}  // namespace gapbench::records

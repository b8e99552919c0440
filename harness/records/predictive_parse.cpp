#include "records/predictive_parse.h"

#include <fmt/format.h>

#include <utility>

#include "records/json_read.h"

namespace gapbench::records {

train::PassCounts read_passes(const Json& json) {
  train::PassCounts passes;
  for (const auto& [name, count] : train::pass_counts) passes.*count = number(json, name);
  return passes;
}

std::vector<train::ProbeValue> read_probes(const Json& json) {
  if (!json.is_array()) throw Error("probes", "must be a list");
  std::vector<train::ProbeValue> values;
  for (const Json& entry : json) {
    if (!entry.is_object()) throw Error("probes", "must be a list of objects");
    values.push_back(
        {text(entry, "probe"), text(entry, "metric"), number(entry, "value"), text(entry, "unit")});
  }
  return values;
}

namespace {

/// Three lists of one length; what has no examples has no numbers.
std::vector<train::CalibrationBin> bins(const Json& json) {
  const auto list = [&json](const char* key) -> const Json& {
    const Json& value = need(json, key);
    if (!value.is_array() || value.size() != need(json, "examples").size()) {
      throw Error(fmt::format("bins.{}", key), "must be a list as long as the others");
    }
    return value;
  };
  std::vector<train::CalibrationBin> read(list("examples").size());
  for (std::size_t b = 0; b < read.size(); ++b) {
    const Json& examples = list("examples")[b];
    if (!examples.is_number_unsigned()) throw Error("bins.examples", "must be whole numbers");
    read[b].examples = examples.get<std::size_t>();
    for (const auto& [key, member] : {std::pair("confidence", &train::CalibrationBin::confidence),
                                      std::pair("accuracy", &train::CalibrationBin::accuracy)}) {
      const Json& value = list(key)[b];
      if (read[b].examples == 0 ? !value.is_null() : !value.is_number()) {
        throw Error(fmt::format("bins.{}", key),
                    "must be a number where there are examples, else null");
      }
      if (value.is_number()) read[b].*member = value.get<double>();
    }
  }
  return read;
}

/// The examples and the calibration error of the part are those of its bins.
void require_sums(const train::PartPrediction& part) {
  std::size_t examples = 0;
  double gap = 0;
  for (const train::CalibrationBin& bin : part.bins) {
    examples += bin.examples;
    gap += static_cast<double>(bin.examples) * std::abs(bin.accuracy - bin.confidence);
  }
  if (examples != part.examples) {
    throw Error("bins.examples",
                fmt::format("are {} together, of a part of {}", examples, part.examples));
  }
  if (part.ece && examples > 0)
    require_equal("ece", *part.ece, gap / static_cast<double>(examples));
}

train::PartPrediction prediction(const Json& json) {
  train::PartPrediction part;
  part.examples = count(json, "examples");
  part.draws = count(json, "draws");
  for (const auto& [name, score] : train::prediction_scores) {
    if (json.contains(name)) part.*score = number(json, name);
  }
  if (json.contains("bins")) {
    part.bins = bins(object(json, "bins"));
    require_sums(part);
  }
  return part;
}

train::PosteriorNumbers posterior(const Json& json) {
  train::PosteriorNumbers numbers;
  numbers.name = text(json, "name");
  numbers.prediction = text(json, "prediction");
  numbers.draws = count(json, "draws");
  for (const auto& [name, value] : train::posterior_numbers) {
    if (json.contains(name)) numbers.*value = number(json, name);
  }
  numbers.fit_passes = read_passes(object(json, "fit_passes"));
  numbers.prediction_passes = read_passes(object(json, "prediction_passes"));
  numbers.values = read_probes(need(json, "values"));
  return numbers;
}

}  // namespace

std::optional<train::Predictive> read_predictive(const Json& json) {
  if (!json.contains("predictive")) return std::nullopt;
  const Json& parts = object(json, "predictive");
  train::Predictive predictive;
  for (const auto& [name, part] : train::predicted_parts) {
    if (parts.contains(name)) predictive.*part = prediction(object(parts, name));
  }
  if (parts.contains("shifted")) {
    for (const auto& [name, scores] : object(parts, "shifted").items()) {
      if (!scores.is_object()) throw Error("shifted." + name, "must be an object");
      predictive.shifted.push_back({name, prediction(scores)});
    }
  }
  if (json.contains("posterior")) predictive.posterior = posterior(object(json, "posterior"));
  return predictive;
}

}  // namespace gapbench::records

#include "compare/report/prediction_charts.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "compare/report/chart_numbers.h"

namespace gapbench::compare {

using records::Json;

namespace {

/// The bins of the test part's predictions, the trials of a row put together; nothing where none kept
/// them.
std::optional<Json> reliability(const Row& row) {
  std::vector<train::CalibrationBin> sums;  // sums, until they are divided
  std::size_t n = 0;
  for (const records::Record* record : row.ok) {
    const auto& predictive = record->outcome.final->predictive;
    if (!predictive || !predictive->test || predictive->test->bins.empty()) continue;
    const auto& bins = predictive->test->bins;
    sums.resize(std::max(sums.size(), bins.size()));
    for (std::size_t b = 0; b < bins.size(); ++b) {
      const auto examples = static_cast<double>(bins[b].examples);
      sums[b].examples += bins[b].examples;
      sums[b].confidence += examples * bins[b].confidence;
      sums[b].accuracy += examples * bins[b].accuracy;
    }
    ++n;
    if (row.seeds_agree) break;
  }
  Json json{{"n", n}, {"bins", Json::array()}};
  for (const train::CalibrationBin& bin : sums) {
    if (bin.examples == 0) continue;
    const auto examples = static_cast<double>(bin.examples);
    json["bins"].push_back({{"examples", bin.examples},
                            {"confidence", rounded(bin.confidence / examples)},
                            {"accuracy", rounded(bin.accuracy / examples)}});
  }
  return json["bins"].empty() ? std::nullopt : std::optional(json);
}

}  // namespace

void add_reliability(const Row& row, std::size_t place, Json& section) {
  auto diagram = reliability(row);
  if (!diagram) return;
  (*diagram)["row"] = place;
  section["reliability"].push_back(std::move(*diagram));
}

void add_shift(const Row& row, std::size_t place, const Shifts& shifts, Json& section) {
  for (const ShiftScore& score : shift_scores) {
    for (const std::string& kind : shifts.kinds) {
      Json line{{"row", place},
                {"metric", score.name},
                {"label", score.heading},
                {"unit", score.unit},
                {"kind", kind}};
      for (const char* key : {"severity", "mean", "deviation"}) line[key] = Json::array();
      for (const std::size_t severity : shifts.severities) {
        const auto value = over_seeds(row, under_shift(score, kind, severity));
        if (!value) continue;
        line["n"] = value->n;
        line["severity"].push_back(severity);
        line["mean"].push_back(rounded(value->mean));
        line["deviation"].push_back(deviation_json(*value));
      }
      if (line.contains("n")) section["shift"].push_back(std::move(line));
    }
  }
}

}  // namespace gapbench::compare

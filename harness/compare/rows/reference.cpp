#include "compare/rows/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "compare/rows/row_settings.h"
#include "core/nearest.h"
#include "gapbench/error.h"
#include "records/predictions.h"

namespace gapbench::compare {
namespace {

using records::Predictions;
using records::Record;

/// Trials of one key are held against each other.
using Place = std::pair<std::string, std::uint64_t>;

bool is_finished(const Record& record) { return record.outcome.status == train::Status::ok; }

std::size_t argmax(std::span<const float> row) {
  return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

void require_method(const records::Records& records, const std::string& method) {
  std::set<std::string> methods;
  for (const Record& record : records.good) {
    if (!is_finished(record)) continue;
    if (record.method == method) return;
    methods.insert(record.method);
  }
  const std::vector<std::string> known(methods.begin(), methods.end());
  throw Error("reference", fmt::format("no finished trial is of a method \"{}\"{}", method,
                                       did_you_mean(method, known)));
}

std::map<Place, Predictions> references(const records::Records& records, const std::string& method,
                                        const std::vector<std::string>& rows) {
  std::map<Place, Predictions> found;
  for (const Record& record : records.good) {
    if (record.method != method || !is_finished(record)) continue;
    if (!record.files.contains(records::predictions_file)) continue;
    const Place place{problem_key(record, rows), record.seed};
    if (!found.emplace(place, records::read_predictions(record)).second) {
      throw Error("reference", fmt::format("{} has several trials of seed {} on {}, {}", method,
                                           record.seed, record.dataset, record.network));
    }
  }
  if (!found.empty()) return found;
  throw Error("reference", fmt::format("no trial of {} kept its predictions; run it with record: "
                                       "{{predictions: true}} in its suite",
                                       method));
}

void add(const Nearness& near, Record& record) {
  auto& probes = record.outcome.final->probes;
  probes.push_back({"reference", "agreement", near.agreement, ""});
  probes.push_back({"reference", "total_variation", near.total_variation, ""});
}

}  // namespace

Nearness nearness(std::span<const float> p, std::span<const float> q, std::size_t classes) {
  Nearness sums;
  const std::size_t examples = p.size() / classes;
  for (std::size_t i = 0; i < examples; ++i) {
    const auto ours = p.subspan(i * classes, classes);
    const auto theirs = q.subspan(i * classes, classes);
    sums.agreement += argmax(ours) == argmax(theirs) ? 1 : 0;
    for (std::size_t c = 0; c < classes; ++c) {
      sums.total_variation += std::abs(double{ours[c]} - double{theirs[c]}) / 2;
    }
  }
  const auto n = static_cast<double>(examples);
  return {sums.agreement / n, sums.total_variation / n};
}

records::Records with_reference(records::Records records, const std::string& method,
                                const std::vector<std::string>& asked_rows) {
  const std::vector<std::string> rows = row_settings(records, asked_rows);
  require_method(records, method);
  const std::map<Place, Predictions> known = references(records, method, rows);
  bool any = false;
  for (Record& record : records.good) {
    if (record.method == method || !is_finished(record)) continue;
    const auto partner = known.find({problem_key(record, rows), record.seed});
    if (partner == known.end() || !record.files.contains(records::predictions_file)) continue;
    const Predictions ours = records::read_predictions(record);
    const Predictions& theirs = partner->second;
    if (ours.classes != theirs.classes || ours.examples() != theirs.examples()) continue;
    add(nearness(ours.probabilities, theirs.probabilities, ours.classes), record);
    any = true;
  }
  if (any) return records;
  throw Error("reference", fmt::format("no trial with predictions has one of {} of the same seed, "
                                       "data set and network beside it",
                                       method));
}

}  // namespace gapbench::compare

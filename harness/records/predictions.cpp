#include "records/predictions.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "gapbench/error.h"
#include "records/kept.h"

namespace gapbench::records {
namespace {

static_assert(std::endian::native == std::endian::little);

/// Examples of the test part that were predicted; 0 where the record says none.
std::size_t examples_of(const Record& record) {
  const auto& final = record.outcome.final;
  const bool has = final && final->predictive && final->predictive->test;
  return has ? final->predictive->test->examples : 0;
}

void require_probabilities(const Predictions& p) {
  constexpr double rounding = 1e-3;
  for (std::size_t i = 0; i < p.examples(); ++i) {
    double sum = 0;
    for (std::size_t c = 0; c < p.classes; ++c) {
      const float x = p.probabilities[i * p.classes + c];
      if (!(x >= 0 && x <= 1)) {
        throw Error("predictions", fmt::format("example {} has the probability {}", i, x));
      }
      sum += x;
    }
    if (std::abs(sum - 1) <= rounding) continue;
    throw Error("predictions", fmt::format("the probabilities of example {} sum to {}", i, sum));
  }
}

}  // namespace

Predictions read_predictions(const Record& record) {
  const std::string bytes =
      read_kept_file(record, predictions_file, "record: {predictions: true} in its suite keeps it");
  const std::string where = (record.folder / predictions_file).string();
  const std::size_t row = examples_of(record) * sizeof(float);
  if (row == 0 || bytes.empty() || bytes.size() % row != 0) {
    throw Error(where, fmt::format("has {} bytes, which are no probabilities of {} test examples",
                                   bytes.size(), examples_of(record)));
  }
  Predictions result;
  result.classes = bytes.size() / row;
  result.probabilities.resize(bytes.size() / sizeof(float));
  std::memcpy(result.probabilities.data(), bytes.data(), bytes.size());
  try {
    require_probabilities(result);
  } catch (const Error& e) {
    throw Error(where, e.what());
  }
  return result;
}

}  // namespace gapbench::records

// Scores of predictions on shifted test parts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/rows/aggregate.h"
#include "compare/rows/columns.h"

namespace gapbench::compare {

/// One score under shift, as tables and charts have it.
struct ShiftScore {
  const char* name;  ///< "accuracy"
  const char* heading;
  const char* unit;
  std::optional<double> train::PartPrediction::*score;
  double factor;
  Style style;
  Better better;
};
inline constexpr ShiftScore shift_scores[] = {
    {"accuracy", "Averaged test acc %", "%", &train::PartPrediction::accuracy, 100,
     Style::two_decimals, Better::higher},
    {"nll", "Test NLL", "nats", &train::PartPrediction::nll, 1, Style::loss, Better::lower},
    {"ece", "ECE %", "%", &train::PartPrediction::ece, 100, Style::two_decimals, Better::lower},
    {"entropy", "Entropy", "nats", &train::PartPrediction::entropy, 1, Style::loss, Better::none},
};

/// What stands for the mean over all kinds that a trial has.
inline constexpr const char* all_kinds = "all kinds";

/// Kinds and severities of a section's trials ("blur-3": "blur", 3), those of its first trial first.
/// With several kinds all_kinds stands before them. Empty: none was asked for.
struct Shifts {
  std::vector<std::string> kinds;
  std::vector<std::size_t> severities;  ///< ascending, from 0: the test part as it is
};
Shifts shifts_of(const Section& section);

/// Of a trial's final predictions; nothing where it has not all that is asked for.
Measure under_shift(const ShiftScore& score, const std::string& kind, std::size_t severity);

}  // namespace gapbench::compare

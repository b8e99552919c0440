// What it cost each trial to get somewhere.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compare/rows/aggregate.h"
#include "compare/rows/point.h"

namespace gapbench::compare {

/// A value of a metric that trials are to reach, and what it is to be paid in.
struct Target {
  std::string metric;  ///< train|validation|test, _accuracy or _loss
  double value = 0;    ///< of an accuracy a fraction; reached from below, a loss from above
  At cost = At::equal_samples;  ///< equal_samples, equal_flops, equal_seconds or equal_steps
};

/// "test_accuracy=0.6". Throws Error for a metric that there is not, an accuracy outside (0, 1], a
/// loss that is not above 0, and what is no number.
Target parse_target(const std::string& text);

/// "gradient samples", "FLOPs", "s of training", "steps".
std::string unit_of(At cost);

/// The cost at which the evaluations first reach the target: between the last that has not and the
/// first that has, linear in an accuracy, in the logarithm of a loss; that of the first evaluation
/// where it has already. Nothing where none does.
std::optional<double> cost_to(const std::vector<train::Evaluation>& history, const Target& target);

/// Of each trial of the rows, failed ones too: a trial that reached the target and failed later
/// did reach it. Nothing: it never did.
using CostsToTarget = std::map<const records::Record*, std::optional<double>>;

/// Reads the histories. Finished trials whose history cannot be read or has no such metric are left
/// out, and put into `broken` with the reason; failed ones have missed. Throws Error where no trial
/// has the metric.
CostsToTarget costs_to(const Aggregate& all, const Target& target,
                       std::vector<records::BrokenRecord>& broken);

}  // namespace gapbench::compare

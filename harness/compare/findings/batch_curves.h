// Steps to a target against batch size, each size at the best of the settings tried with it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compare/rows/target.h"
#include "compare/statistics/batch_scaling.h"
#include "compare/statistics/statistic.h"

namespace gapbench::compare {

/// One batch size of a method. The settings that differ within it are what was tuned: for each seed
/// those count that had the least median steps over the other seeds (a trial that never got there
/// took infinitely many; the first of equals), so that no seed chooses for itself. A single seed
/// does choose for itself.
struct BatchSize {
  std::int64_t batch = 0;
  std::map<std::uint64_t, std::optional<double>> steps;  ///< by seed; nothing: never got there
  std::map<const Row*, std::size_t> chosen;  ///< by how many seeds; in the order of the rows
  std::vector<std::string> tuned;            ///< names of the settings that differ within it
  /// A number among those settings of which every seed chose the smallest or the largest tried:
  /// "optimizer.learning_rate at its largest". The best may lie beyond.
  std::vector<std::string> at_an_end;
  /// exp of the mean of log steps; nothing where a seed has missed, or needed no step.
  std::optional<double> mean;
  std::optional<double> deviation;  ///< exp of the sample deviation of log steps; of two or more

  std::size_t missed() const;
};

struct BatchCurve {
  /// Without what its grid varies, and without its size: "sgd" of sgd[batch=32] and of sgd-32.
  std::string method;
  std::vector<BatchSize> sizes;     ///< growing
  std::optional<BatchScaling> fit;  ///< over the sizes that have a mean, three or more
};

/// Of every method with three batch sizes or more, in the order of the rows. `batch: all` and rows
/// that pool several batch sizes are in none, nor are rows in which a seed
/// comes twice. Steps: `costs` to a target at cost At::equal_steps.
std::vector<BatchCurve> batch_curves(const Section& section, const CostsToTarget& costs);

}  // namespace gapbench::compare

// Numbers from the literature that a suite wants beside its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gapbench::suite {

struct Node;
class Mistakes;
struct Parts;

/// One number of one method on one data set. Shown beside ours, never part of a trial's identity.
struct Published {
  std::string dataset;              ///< or the problem's name
  std::string network;              ///< empty: any of the suite
  std::string method;               ///< a method of the suite
  std::string metric;               ///< one of published_metrics
  double value = 0;                 ///< in the metric's unit
  std::optional<double> deviation;  ///< sample standard deviation over n
  std::optional<std::uint64_t> n;   ///< seeds
  std::string source;               ///< paper, year, table
};

/// `accuracy` and `ece` in percent, `error_gap` in percentage points, losses and `nll` in nats, `rmse` in
/// the targets' units. Those of predictions stand last.
inline constexpr const char* published_metrics[] = {
    "train_accuracy",    "test_accuracy", "train_loss", "test_loss", "error_gap", "loss_gap",
    "averaged_accuracy", "test_nll",      "rmse",       "ece",       "brier"};

/// [{dataset: cifar10, network: resnet18, method: sgd, metric: test_accuracy, value: 95.2,
///   deviation: 0.1, n: 5, source: "Author 2020, table 3"}, ...]. Reports unknown data sets,
/// networks, methods and metrics, accuracies outside [0, 100] and those that look like fractions.
std::vector<Published> read_published(const Node& list, const Parts& parts, Mistakes& mistakes);

}  // namespace gapbench::suite

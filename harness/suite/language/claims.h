// What a suite says it will find, before it has looked.
#pragma once

#include <string>
#include <vector>

namespace gapbench::suite {

struct Node;
class Mistakes;
struct Parts;

/// One sentence about a method against the baseline, decided by an interval (docs/statistics.md).
/// It holds for every network of the suite by itself, and is no part of a trial's identity.
struct Claim {
  enum class Kind {
    carries,  ///< from one data set to another: the carried share against `share`
    within,   ///< on a data set: the difference to the baseline is smaller than `margin` either way
    below,    ///< on a data set: less than `share` of what the method `of` gains on the baseline
    gains,    ///< on a data set: better than the baseline
  };

  Kind kind = Kind::carries;
  std::string method;
  std::string metric;
  std::string from;  ///< a data set or problem; for all kinds but `carries` the only one
  std::string to{};
  std::string scale = "points";  ///< of `carries`: points or log_odds
  double share = 0.5;            ///< of `carries` and `below`
  double margin = 0;             ///< of `within`, in the metric's unit
  std::string of{};              ///< of `below`
};

/// The claim as one line, in the words of the suite file and the same for equal claims:
/// "{method: sam, metric: test_accuracy, from: cifar10, to: cifar100, scale: points, share: 0.5}".
std::string to_text(const Claim& claim);

///   claims:
///     - {method: sam, from: cifar10, to: cifar100, scale: log_odds, share: 0.5}   carries over
///     - {method: sam, on: cifar10}                                               gains
///     - {method: bf16, on: cifar10, within: 0.5}                                 costs nothing
///     - {method: jacobian, on: cifar100, below: 0.5, of: small}                  gains less than half
///
/// `metric` is `primary` where it is not given. Reports unknown data sets, methods and metrics,
/// claims about the baseline or without one, and claims given twice.
std::vector<Claim> read_claims(const Node& list, const Parts& parts, const std::string& baseline,
                               const std::string& primary, Mistakes& mistakes);

/// `metric:` of the suite: one of published_metrics. Test accuracy where it is not given.
std::string read_metric(const Node& root, Mistakes& mistakes);

}  // namespace gapbench::suite

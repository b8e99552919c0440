// Which point of each trial a table reports.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "records/record.h"

namespace gapbench::compare {

enum class At {
  final,             ///< after the last step
  best_validation,   ///< at the evaluation with the best validation accuracy, else loss
  equal_train_loss,  ///< where the train loss first reached what all trials of the section reached
  equal_samples,     ///< at the gradient samples that all trials of the section spent
  equal_flops,
  equal_seconds,  ///< wall seconds of training
  equal_steps,
};

/// A train loss is known at evaluations only. Where a trial passes the level between two of them,
/// these are the two; on an evaluation, that one twice.
struct Bracket {
  train::Evaluation before;
  train::Evaluation after;

  /// Train loss before over train loss after; infinite where the latter is not above 0.
  double ratio() const;
};

/// What lies between two evaluations further apart than this ratio of their train losses is not
/// known well enough to be shown.
inline constexpr double widest_bracket = 2;

/// By the trial's folder; of finished trials at equal train loss, and else empty.
using Brackets = std::map<std::filesystem::path, Bracket>;

/// The records with `final` and `cost` as they were at that point.
struct AtPoint {
  records::Records records;
  Brackets brackets{};
  std::map<std::string, std::string>
      notes;  ///< problem_key to a sentence: the level, what it means
};

/// Between evaluations, everything is interpolated linearly: in the logarithm of the train loss,
/// which falls by orders of magnitude, or in the cost. Costs are those spent up to the point. Levels
/// are those of the section: the largest of the trials' smallest train losses, the smallest of their
/// total costs; finished trials only. `level`: the train loss of every section instead; a trial that
/// never reached it is moved to `broken`. `rows`: see row_settings(). Trials that failed stay as they are, and one whose history
/// cannot be read, or that has no validation part where one is needed, is moved to `broken` with the
/// reason. Reads two more files a trial, and none for `final`. Throws Error where not one finished
/// trial has such a point, and for a level that is not above 0 or at another point.
AtPoint at_point(records::Records records, At at, std::optional<double> level = {},
                 const std::vector<std::string>& rows = {});

/// Spent up to the evaluation; `at`: one of equal_samples, equal_flops, equal_seconds and equal_steps.
double cost_of(const train::Evaluation& evaluation, At at);

/// What the point is, for the head of a page.
std::string describe(At at);

/// The evaluation a share t of the way from a to b. Probes: those that both have.
train::Evaluation between(const train::Evaluation& a, const train::Evaluation& b, double t);

}  // namespace gapbench::compare

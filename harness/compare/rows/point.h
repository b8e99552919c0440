// Which point of each trial a table reports.
#pragma once

#include <map>
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
};

/// The records with `final` and `cost` as they were at that point.
struct AtPoint {
  records::Records records;
  std::map<std::string, std::string>
      notes;  ///< problem_key to a sentence: the level, what it means
};

/// Between evaluations, everything is interpolated linearly: in train loss, or in the cost. Costs
/// are those spent up to the point. Levels are those of the section: the largest of the trials'
/// smallest train losses, the smallest of their total costs; finished trials only. Trials that
/// failed stay as they are. A trial whose history cannot be read, or that has no validation part
/// where one is needed, is moved to `broken` with the reason. Reads two more files a trial, and
/// none for `final`. Throws Error where not one finished trial has such a point.
AtPoint at_point(records::Records records, At at);

/// What the point is, for the head of a page.
std::string describe(At at);

/// The evaluation a share t of the way from a to b. Probes: those that both have.
train::Evaluation between(const train::Evaluation& a, const train::Evaluation& b, double t);

}  // namespace gapbench::compare

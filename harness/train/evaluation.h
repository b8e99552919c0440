// Train, validation and test metrics by one protocol.
#pragma once

#include <span>

#include "gapbench/problem.h"
#include "train/team.h"
#include "train/trial.h"

namespace gapbench::train {

/// Mean loss and fraction correct over a whole part at one point: evaluation mode, no augmentation,
/// no penalties. Per-chunk sums in double, added in order: the same bits on any number of threads.
/// `outcomes`: what each example got, [examples of the part], in its order; empty: not wanted. Left
/// as they are where there are no classes.
/// Cost: one forward an example, not counted as training.
PartMetrics evaluate(const Problem& problem, Team& team, const Point& w, Part part,
                     std::span<ExampleOutcome> outcomes = {});

}  // namespace gapbench::train

// Settings as one flat map: what tables compare and columns are made of.
#pragma once

#include "gapbench/options.h"
#include "train/settings.h"

namespace gapbench::records {

/// Every setting that decides a trial's result, but the seed, under a prefixed name:
/// "optimizer" = "sgd", "optimizer.learning_rate" = 0.1, "data.train" = 2000, "budget.epochs" = 10,
/// "regularizers" = "l2+dropout", "regularizer.l2.strength" = 1e-4. A second regularizer or probe
/// of one name is "l2#2". Two trials with equal maps differ in their seeds only.
OptionMap flat_settings(const train::TrialSettings& settings);

}  // namespace gapbench::records

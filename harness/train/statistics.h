// Batch normalization's statistics over the training part.
#pragma once

#include <cstddef>
#include <vector>

#include "gapbench/problem.h"
#include "train/team.h"

namespace gapbench::train {

/// The population statistics at w: training passes over the training part in its own order (a data
/// set's has been permuted by the split), without augmentation and noise, in micro-batches of
/// `micro_batch`, the last one taking what is left. What they measure, means and unbiased
/// variances, is averaged, each micro-batch weighing as many as its examples:
///
///   mean = E[mu_B],   variance = E[m / (m - 1) sigma_B^2]
///
/// Ioffe, Szegedy 2015, "Batch normalization", algorithm 2, lines 8 to 12.
///
/// Returns them laid out as Problem::buffers(); nothing where there are none, at no cost. Sums in
/// double, in a fixed order: the same bits on any number of threads. Cost: one forward an example,
/// not counted as training.
std::vector<float> measure_statistics(const Problem& problem, Team& team, const Point& w,
                                      std::size_t micro_batch);

}  // namespace gapbench::train

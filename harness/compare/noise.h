// The noise floor: what a method against itself comes to.
#pragma once

#include <span>
#include <string>

#include "records/record.h"

namespace gapbench::compare {

/// A table for each section of `once`, whose records are of one method. `again`: the same trials,
/// run a second time.
///   metrics   over n seeds: mean, sample deviation s, and the floor t_{0.975, 2n-2} s sqrt(2 / n):
///             two means of n seeds each, of one method, differ by less in 95 of 100 cases under
///             normal errors (two-sample t with equal variances, "Student" 1908). A smaller
///             difference between two methods of independent seeds says nothing; seeds that are
///             paired may see less.
///   costs     between the two runs of a trial: |a - b| / ((a + b) / 2), the mean and the largest.
/// Metrics of one trial must have the same bits twice: those that have not are named.
std::string noise_text(const records::Records& once, const records::Records& again);

/// t_{0.975, 2n-2} s sqrt(2 / n) for n >= 2 values.
double noise_floor(std::span<const double> values);

}  // namespace gapbench::compare

// The largest value of a smooth function in a small box.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "gapbench/export.h"

namespace gapbench {

/// Writes the slope of f at y to the second span and returns f(y); both [dimension].
using SmoothFunction = std::function<double(std::span<const float>, std::span<float>)>;

struct BoxMaximum {
  double start;  ///< f(0)
  double value;  ///< the largest f found, >= start
};

/// Seeks the maximum of f over |y_i| <= bound_i from y = 0: first the corner that the slope at 0
/// points to (plus where it is 0, as at a minimum), then projected quasi-Newton steps (L-BFGS on
/// the coordinates that are not held at their bound, six pairs), halved until f rises by 1e-4 of
/// what the slope promises. Ends early where no step does. Every point tried lies in the box: the
/// result is a lower bound of the maximum. Cost: 2 evaluations and about one more an iteration.
/// Memory: about 20 vectors. Source: Byrd, Lu, Nocedal, Zhu 1995, "A limited memory algorithm for
/// bound constrained optimization", in a simpler form: projection in place of the Cauchy point.
GAPBENCH_API BoxMaximum maximum_in_box(const SmoothFunction& f, std::span<const float> bound,
                                       std::size_t iterations);

}  // namespace gapbench

// Where a component is put to the test: the usual place, and places that training comes to as well.
#pragma once

#include <memory>
#include <vector>

#include "gapbench/problem.h"
#include "plugin/conformance/numbers.h"

namespace gapbench::plugin::conformance {

/// A problem, parameters, and how many examples a mini-batch has.
struct Scene {
  std::unique_ptr<const Problem> problem;
  Vector w;
  std::size_t examples = 16;
};

/// The reference problem at a random point.
Scene usual_scene(std::uint64_t seed, std::size_t examples = 16);
/// All parameters are 0.
Scene zero_scene();
/// Outputs do not depend on the parameters, as where all units are dead: the gradient of every head
/// is exactly 0.
Scene still_scene();
/// One example.
Scene single_scene();
/// Enough parameters that a sum in another order has other bits.
Scene wide_scene(std::size_t inputs);

}  // namespace gapbench::plugin::conformance

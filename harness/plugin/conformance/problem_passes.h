// The four passes of a problem against each other and against differences.
#pragma once

#include <vector>

#include "gapbench/problem.h"
#include "plugin/conformance/checks.h"
#include "plugin/conformance/oracle.h"

namespace gapbench::plugin::conformance {

/// NaN where initialize() writes nothing.
Vector start_point(const Problem& problem, std::uint64_t seed);

/// The loss on the first training examples at the start point.
double first_loss(const Problem& problem);

/// At a point near the start, in one mode, on up to 8 training examples.
class ProblemPasses {
 public:
  ProblemPasses(const Problem& problem, Mode mode);

  Finding gathers() const;
  Finding repeats() const;
  Finding side_by_side() const;
  Finding gradient_fits_value() const;
  Finding adjoint() const;
  Finding symmetric() const;
  Finding hessian_fits_gradient() const;
  Finding example_norms_fit_gradients() const;
  Finding example_squares_fit_gradients() const;
  Finding factor_gradient_fits_value() const;
  Finding factor_tangents_fit_gradient() const;
  Finding kronecker_layers_fit_tensors() const;

 private:
  PlainMicroBatch at(std::span<const float> w) const;
  Vector gradient(std::span<const float> w) const;
  Vector hessian_vector(std::span<const float> v) const;
  Vector direction(std::uint64_t k) const;
  Vector gradient_of_example(Passes& passes, const Vector& cotangent, std::size_t i) const;
  Vector factor_direction(std::uint64_t k) const;
  Finding check_sizes(Passes& passes, const Point& point) const;

  const Problem& problem_;
  Mode mode_;
  std::vector<std::uint32_t> indices_;
  Vector w_;
};

}  // namespace gapbench::plugin::conformance

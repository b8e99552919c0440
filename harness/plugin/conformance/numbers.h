// Vectors and tolerances of the contract checks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gapbench/random.h"

namespace gapbench::plugin::conformance {

using Vector = std::vector<float>;

/// Sums in double.
double dot(std::span<const float> a, std::span<const float> b);
double norm(std::span<const float> a);
double distance(std::span<const float> a, std::span<const float> b);
bool all_finite(std::span<const float> values);

/// `count` of them from the `first` on.
std::vector<std::uint32_t> part_of(const std::vector<std::uint32_t>& all, std::size_t first,
                                   std::size_t count);

Vector normal_vector(std::size_t size, Random random);

/// from + scale * direction, rounded to float.
Vector shifted(std::span<const float> from, double scale, std::span<const float> direction);

/// Central differences of smooth functions in float arithmetic: a step of 1e-2 balances the
/// truncation (step^2) against the rounding of the function (6e-8 / step). Both stay under 1e-3 of
/// the size of the derivative; a wrong sign, factor or term does not.
inline constexpr double difference_step = 1e-2;
inline constexpr double difference_tolerance = 5e-3;

/// Functions with kinks (rectifiers, sampled labels) may jump between the two points of a
/// difference. A check passes when three quarters of its directions agree.
bool mostly(std::size_t agreed, std::size_t asked);

}  // namespace gapbench::plugin::conformance

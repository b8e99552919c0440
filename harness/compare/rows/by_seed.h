// The numbers of a row, seed by seed.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <vector>

#include "compare/rows/aggregate.h"
#include "compare/statistics/blocks.h"

namespace gapbench::compare {

/// At equal train loss: the trial as interpolated, or at either end of its bracket.
enum class End { point, before, after };

using BySeed = std::map<std::uint64_t, double>;

/// A number of each finished trial that has it. Nothing where the row's trials are no pairs by seed
/// (seeds that repeat), where a bracket is too wide and where a number is not finite.
BySeed by_seed(const Row& row, const Measure& measure, End end = End::point);

/// method - baseline for each seed that both finished and have the number of, in the order of the
/// seeds. Where all seeds agree in both, the seed decides nothing and they count as one.
std::vector<double> paired_differences(const Row& method, const Row& baseline,
                                       const Measure& measure, End of_method = End::point,
                                       End of_baseline = End::point);

/// Seeds that one of the rows failed: what is missing where they are paired.
std::size_t failed_seeds(std::initializer_list<const Row*> rows);

/// by_seed() over one order of seeds: all of those that a row has.
std::vector<Blocks> blocks(const std::vector<BySeed>& rows);

/// The four combinations of bracket ends of two rows.
struct Ends {
  End method;
  End baseline;
};
inline constexpr Ends bracket_ends[] = {{End::before, End::before},
                                        {End::before, End::after},
                                        {End::after, End::before},
                                        {End::after, End::after}};

}  // namespace gapbench::compare

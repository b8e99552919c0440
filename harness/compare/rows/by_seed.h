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

/// The rows' numbers by draw of the training set, where several seeds share one: means over the seeds
/// of a draw that all of those rows have that have any of it, so that they remain pairs. As they are
/// where each seed is a draw, or all are of one.
std::vector<BySeed> by_draw(std::vector<BySeed> rows, std::uint64_t seeds_per_draw);

/// method - baseline for each seed that both finished and have the number of, in the order of the
/// seeds; where several seeds share a draw of the training set, the mean over those of each draw
/// (over_draws() says why). Where all seeds agree in both, the seed decides nothing and they count as one.
std::vector<double> paired_differences(const Row& method, const Row& baseline,
                                       const Measure& measure, End of_method = End::point,
                                       End of_baseline = End::point);

/// Seeds that one of the rows failed: what is missing where they are paired.
std::size_t failed_seeds(std::initializer_list<const Row*> rows);

/// The same one sample a draw, before the means are taken; empty where no seeds share one.
std::vector<std::vector<double>> differences_by_draw(const Row& method, const Row& baseline,
                                                     const Measure& measure);

/// by_draw() over one order of draws (seeds, where they share none): all of those that a row has.
std::vector<Blocks> blocks(const std::vector<BySeed>& rows, std::uint64_t seeds_per_draw);

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

// Looks at several methods and at carried shares, by simulation: the nominal level is found for one
// mean, and used for these too. Every line must stand in docs/statistics.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "compare/page_line.h"
#include "compare/statistics/carried_share.h"
#include "compare/statistics/looks.h"
#include "compare/statistics/many_to_one.h"

namespace gapbench::compare {
namespace {

using test::expect_rates_on_page;
using test::Values;
using Looks = std::vector<std::size_t>;

const Looks looks{5, 8, 12, 20};
constexpr std::size_t draws = 2000;
constexpr double error = 0.0146;  ///< three standard errors of a rate of 5 % over the draws

/// The share of paths on which is_wrong(path, n) holds at one look or more.
template <class Path, class IsWrong>
double ever(Random random, const Path& path, const IsWrong& is_wrong) {
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < draws; ++i) {
    const auto drawn = path(random);
    const auto at = [&](std::size_t n) { return is_wrong(drawn, n); };
    wrong += std::ranges::any_of(looks, at) ? 1U : 0U;
  }
  return static_cast<double>(wrong) / draws;
}

/// methods + 1 rows of twenty seeds without any effect; seeds spread twice as far as errors.
std::vector<Values> rows_without_effect(Random& random, std::size_t methods) {
  const Values seeds = test::normal_values(random, looks.back());
  std::vector<Values> rows;
  for (std::size_t m = 0; m <= methods; ++m) {
    rows.push_back(test::normal_values(random, looks.back()));
    for (std::size_t s = 0; s < seeds.size(); ++s) rows.back()[s] += 2 * seeds[s];
  }
  return rows;
}

bool one_is_off_0(const std::vector<Values>& rows, std::size_t n, double confidence,
                  Dunnett& dunnett) {
  std::vector<Blocks> blocks;
  for (const Values& row : rows)
    blocks.emplace_back(row.begin(), row.begin() + static_cast<long>(n));
  const ManyToOne all = many_to_one(blocks[0], std::span(blocks).subspan(1), confidence, dunnett);
  return std::ranges::any_of(all.rows, [](const auto& row) { return !row->interval.covers(0); });
}

TEST(LooksTogetherSimulation, ManyMethods) {
  const double nominal = nominal_level(looks, 0.05);
  Dunnett dunnett;
  for (const std::size_t methods : {2U, 9U}) {
    const auto rate = [&](double level) {
      const auto path = [&](Random& random) { return rows_without_effect(random, methods); };
      const auto wrong = [&](const std::vector<Values>& rows, std::size_t n) {
        return one_is_off_0(rows, n, 1 - level, dunnett);
      };
      return ever(Random(31).at("methods", methods), path, wrong);
    };
    const double kept = rate(nominal);
    EXPECT_LE(kept, 0.05 + error) << methods;
    expect_rates_on_page(fmt::format("{} methods", methods), {kept, rate(0.05)});
  }
}

// An effect of 3 deviations on A, theta of it on B.
TEST(LooksTogetherSimulation, CarriedShares) {
  const double nominal = nominal_level(looks, 0.05);
  for (const double theta : {0.5, 1.0}) {
    const auto rate = [&](double level) {
      const auto path = [&](Random& random) {
        Values on_a = test::normal_values(random, looks.back(), 3);
        return std::pair(std::move(on_a), test::normal_values(random, looks.back(), 3 * theta));
      };
      const auto misses = [&](const std::pair<Values, Values>& on, std::size_t n) {
        const auto share = carried_interval(std::span(on.first).first(n),
                                            std::span(on.second).first(n), 1 - level);
        return share && !share->covers(theta);
      };
      return ever(Random(32).at("shares", static_cast<std::uint64_t>(2 * theta)), path, misses);
    };
    const double kept = rate(nominal);
    EXPECT_LE(kept, 0.05 + error) << theta;
    expect_rates_on_page(fmt::format("share of {}", theta), {kept, rate(0.05)});
  }
}

}  // namespace
}  // namespace gapbench::compare

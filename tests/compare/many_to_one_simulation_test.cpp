// Error and power of many comparisons with one baseline, and of ties with the best, by simulation.
// Every line must stand in docs/statistics.md: where a test fails, its message has the new one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "compare/page_line.h"
#include "compare/statistics/holm.h"
#include "compare/statistics/many_to_one.h"
#include "compare/statistics/ties.h"

namespace gapbench::compare {
namespace {

using test::expect_rates_on_page;
using test::Values;

constexpr std::size_t draws = 3000;
constexpr std::size_t methods = 10;
constexpr double error = 0.012;  ///< three standard errors of a rate of 5 % over the draws

/// Rows of errors, the baseline's first.
using Noise = std::function<std::vector<Values>(Random&)>;

struct Rates {
  double simultaneous = 0;  ///< an interval of a row without effect excludes 0
  double beyond_doubt = 0;  ///< and its own does
  double own = 0;           ///< its own alone
  double own_holm = 0;      ///< its own p with Holm's correction
  double power = 0;         ///< the row with an effect is beyond doubt
  double power_holm = 0;
  double warned = 0;
};

Blocks blocks(const Values& noise, double effect, Random& seeds) {
  Blocks row;
  for (const double e : noise) row.emplace_back(effect + e + 2 * seeds.normal());
  return row;
}

/// The last row has an effect of 3; seeds spread twice as far as errors, alike for all rows.
Rates rates(const std::string& name, const Noise& noise) {
  Random random = Random(7).at(name);
  Dunnett dunnett;
  Rates r;
  for (std::size_t i = 0; i < draws; ++i) {
    const std::vector<Values> errors = noise(random);
    const Random seeds = random.at("seeds", i);
    std::vector<Blocks> rows;
    for (std::size_t m = 0; m < errors.size(); ++m) {
      Random again = seeds;
      rows.push_back(blocks(errors[m], m == methods ? 3 : 0, again));
    }
    const ManyToOne all = many_to_one(rows[0], std::span(rows).subspan(1), 0.95, dunnett);
    Values own_p;
    for (const auto& row : all.rows) own_p.push_back(row->own_p);
    const Values corrected = holm(own_p);
    bool simultaneous = false;
    bool beyond_doubt = false;
    bool own = false;
    bool own_holm = false;
    for (std::size_t m = 0; m + 1 < methods; ++m) {
      simultaneous |= !all.rows[m]->interval.covers(0);
      beyond_doubt |= all.rows[m]->beyond_doubt();
      own |= !all.rows[m]->own.covers(0);
      own_holm |= corrected[m] < 0.05;
    }
    r.simultaneous += simultaneous;
    r.beyond_doubt += beyond_doubt;
    r.own += own;
    r.own_holm += own_holm;
    r.power += all.rows.back()->beyond_doubt();
    r.power_holm += corrected.back() < 0.05;
    r.warned += all.is_uneven();
  }
  for (double* rate : {&r.simultaneous, &r.beyond_doubt, &r.own, &r.own_holm, &r.power,
                       &r.power_holm, &r.warned}) {
    *rate /= draws;
  }
  expect_rates_on_page(
      name, {r.simultaneous, r.beyond_doubt, r.own, r.own_holm, r.power, r.power_holm, r.warned});
  return r;
}

/// n errors for each row; row m spreads deviation(m) times as far.
template <class Sample, class Deviation>
Noise rows_of(std::size_t n, const Sample& sample, const Deviation& deviation) {
  return [=](Random& random) {
    std::vector<Values> rows;
    for (std::size_t m = 0; m <= methods; ++m) {
      rows.push_back(sample(random, n));
      for (double& x : rows.back()) x *= deviation(m);
    }
    return rows;
  };
}

Values normal(Random& random, std::size_t n) { return test::normal_values(random, n); }

TEST(ManyToOneSimulation, EqualSpreads) {
  const auto equal = [](std::size_t) { return 1.0; };
  for (const std::size_t n : {3U, 5U, 10U}) {
    const Rates r = rates(fmt::format("equal spreads | {}", n), rows_of(n, normal, equal));
    EXPECT_LE(r.simultaneous, 0.05 + error) << n;
    EXPECT_GT(r.own, 0.2) << n;
    EXPECT_LE(r.warned, 0.2) << n;
  }
  rates("heavy tails (Laplace) | 5", rows_of(5, test::laplace_values, equal));
  rates("skewed (exponential) | 5", rows_of(5, test::skewed_values, equal));
}

TEST(ManyToOneSimulation, UnequalSpreads) {
  const auto row = [](double factor) {
    return [factor](std::size_t m) { return m == 1 ? factor : 1; };
  };
  const auto baseline = [](double factor) {
    return [factor](std::size_t m) { return m == 0 ? factor : 1; };
  };
  const Rates three = rates("one row spreads 3 times as far | 5", rows_of(5, normal, row(3)));
  EXPECT_LE(three.beyond_doubt, 0.05 + error);
  EXPECT_GT(three.warned, 0.5);
  const Rates two = rates("the baseline spreads twice as far | 5", rows_of(5, normal, baseline(2)));
  EXPECT_GT(two.beyond_doubt, 0.05 + error) << "what the warning is for";
  rates("the baseline spreads 3 times as far | 5", rows_of(5, normal, baseline(3)));
  rates("the baseline spreads twice as far | 10", rows_of(10, normal, baseline(2)));
}

/// Of the methods, every second stops at the first look while the others and the baseline go on.
TEST(ManyToOneSimulation, UnequalSeeds) {
  Dunnett dunnett;
  const double any = test::share_of(draws, Random(7).at("unequal seeds"), [&](Random& random) {
    std::vector<Blocks> rows;
    for (std::size_t m = 0; m <= methods; ++m) {
      const Values errors = normal(random, 12);
      rows.emplace_back(errors.begin(), errors.end());
      for (std::size_t s = 5; s < 12 && m % 2 == 1; ++s) rows.back()[s].reset();
    }
    const ManyToOne all = many_to_one(rows[0], std::span(rows).subspan(1), 0.95, dunnett);
    return std::any_of(all.rows.begin(), all.rows.end(),
                       [](const auto& row) { return !row->interval.covers(0); });
  });
  EXPECT_LE(any, 0.05 + error);
  expect_rates_on_page("half of the methods 5 seeds, the others 12", {any});
}

// One row is `lead` deviations above nine that are equal: how often it is marked, how often one of
// them is set apart from it, and how often any of ten equal rows is (lead 0).
TEST(TiesSimulation, Marks) {
  for (const double lead : {0.0, 1.0, 3.0}) {
    for (const std::size_t n : {3U, 5U, 10U}) {
      std::size_t best = 0;
      std::size_t others = 0;
      Random random = Random(8).at("ties", n);
      for (std::size_t i = 0; i < draws; ++i) {
        std::vector<Blocks> rows;
        for (std::size_t m = 0; m < methods; ++m) {
          const Values values = test::normal_values(random, n, m == 0 ? lead : 0);
          rows.emplace_back(values.begin(), values.end());
        }
        const std::vector<bool> marks = tied_with_best(rows, true);
        const auto marked = static_cast<std::size_t>(std::count(marks.begin(), marks.end(), true));
        best += marked == 0 || marks[0] ? 1U : 0U;
        others += marked == 0 ? methods - 1 : marked - (marks[0] ? 1 : 0);
      }
      expect_rates_on_page(fmt::format("{} | {}", lead, n),
                           {static_cast<double>(best) / draws,
                            static_cast<double>(others) / (draws * (methods - 1))});
    }
  }
}

}  // namespace
}  // namespace gapbench::compare

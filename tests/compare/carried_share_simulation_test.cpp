// What the interval of the carried share and its zones promise, by simulation. Every line must
// stand in docs/statistics.md: where a test fails, its message has the new one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <tuple>
#include <utility>

#include "compare/page_line.h"
#include "compare/statistics/carried_share.h"

namespace gapbench::compare {
namespace {

using test::expect_on_page;
using test::expect_rates_on_page;
using test::normal_values;
using test::Values;

constexpr std::size_t draws = 2500;
constexpr double error = 0.0131;  ///< three standard errors of a rate of 5 % over the draws

struct Rates {
  double defined = 0;
  double covered = 0;  ///< of those that are defined
  std::array<double, 6> zones{};

  double of(Zone zone) const { return zones[static_cast<std::size_t>(zone)]; }
};

/// sample(random) gives the differences on A and on B.
template <class Sample>
Rates rates_of(double theta, Random random, const Sample& sample) {
  Rates r;
  for (std::size_t i = 0; i < draws; ++i) {
    const auto [a, b] = sample(random);
    const CarriedShare carried = carried_share(a, b);
    r.zones[static_cast<std::size_t>(carried.zone)] += 1;
    if (!carried.interval) continue;
    r.defined += 1;
    if (carried.interval->covers(theta)) r.covered += 1;
  }
  r.covered /= r.defined;
  r.defined /= draws;
  for (double& share : r.zones) share /= draws;
  return r;
}

Values moved(Values values, double factor, double by) {
  for (double& x : values) x = factor * x + by;
  return values;
}

/// The effect on A in deviations of the differences, n seeds on both, the same spread.
Rates rates(double effect, double theta, std::size_t n) {
  return rates_of(theta, Random(5).at("carried", n), [=](Random& random) {
    Values a = normal_values(random, n, effect);
    return std::pair(std::move(a), normal_values(random, n, theta * effect));
  });
}

TEST(CarriedShareSimulation, Coverage) {
  for (const double effect : {1.0, 3.0, 6.0}) {
    for (const std::size_t n : {3U, 5U, 10U}) {
      const Rates whole = rates(effect, 1, n);
      const Rates none = rates(effect, 0, n);
      if (effect >= 3) {
        EXPECT_GT(whole.covered, 0.95 - error);
        EXPECT_GT(none.covered, 0.95 - error);
      }
      expect_rates_on_page(fmt::format("{} | {}", effect, n),
                           {whole.defined, whole.covered, none.covered});
    }
  }
}

void expect_zones_on_page(double effect, double theta, std::size_t n, const Rates& r) {
  expect_rates_on_page(fmt::format("{} | {} | {}", effect, theta, n),
                       {r.of(Zone::reproduces), r.of(Zone::weaker), r.of(Zone::share_open),
                        r.of(Zone::at_most), r.of(Zone::reverses), r.of(Zone::cannot_tell)});
}

// Nominal is 2.5 % on each side: three standard errors are 0.94 points.
TEST(CarriedShareSimulation, AWrongZoneIsRare) {
  constexpr double most = 0.025 + 0.0094;
  for (const std::size_t n : {5U, 20U}) {
    const Rates half = rates(3, 0.5, n);
    EXPECT_LE(half.of(Zone::reproduces), most) << n;
    EXPECT_LE(half.of(Zone::weaker) + half.of(Zone::at_most) + half.of(Zone::reverses), most) << n;
    expect_zones_on_page(3, 0.5, n, half);
    const Rates none = rates(3, 0, n);
    EXPECT_LE(none.of(Zone::reproduces) + none.of(Zone::weaker) + none.of(Zone::share_open), most);
    EXPECT_LE(none.of(Zone::reverses), most) << n;
    expect_zones_on_page(3, 0, n, none);
  }
  const Rates nowhere = rates(0, 0, 5);
  EXPECT_LE(1 - nowhere.of(Zone::cannot_tell), 0.05 + error);
  expect_zones_on_page(0, 0, 5, nowhere);
}

TEST(CarriedShareSimulation, Power) {
  for (const auto& [effect, theta, n] :
       {std::tuple(1.0, 1.0, 20U), std::tuple(3.0, 1.0, 5U), std::tuple(3.0, 1.0, 10U),
        std::tuple(3.0, -1.0, 5U), std::tuple(6.0, 1.0, 5U), std::tuple(6.0, 0.25, 5U),
        std::tuple(6.0, 0.0, 5U)}) {
    expect_zones_on_page(effect, theta, n, rates(effect, theta, n));
  }
}

/// Of the differences on A and on B: 0 and deviation 1 on average.
template <class A, class B>
void expect_coverage_on_page(const std::string& what, std::size_t on_a, std::size_t on_b,
                             const A& of_a, const B& of_b, double factor_b = 1) {
  const auto covered = [&](double theta) {
    const auto sample = [&](Random& random) {
      Values a = moved(of_a(random, on_a), 1, 3);
      return std::pair(a, moved(of_b(random, on_b), factor_b, 3 * theta));
    };
    return rates_of(theta, Random(6).at(what, on_a, on_b), sample).covered;
  };
  expect_rates_on_page(fmt::format("{} | {} | {}", what, on_a, on_b), {covered(1), covered(0)});
}

Values normal(Random& random, std::size_t n) { return normal_values(random, n); }

TEST(CarriedShareSimulation, UnequalSpreadsAndSeeds) {
  expect_coverage_on_page("B spreads 3 times as far", 5, 5, normal, normal, 3);
  expect_coverage_on_page("B spreads a third as far", 5, 5, normal, normal, 1.0 / 3);
  expect_coverage_on_page("few seeds on A", 3, 10, normal, normal);
  expect_coverage_on_page("few seeds on B", 10, 3, normal, normal);
}

TEST(CarriedShareSimulation, SkewedAndHeavyTails) {
  for (const std::size_t n : {5U, 20U}) {
    expect_coverage_on_page("heavy tails (Laplace)", n, n, test::laplace_values,
                            test::laplace_values);
    expect_coverage_on_page("skewed (exponential)", n, n, test::skewed_values, test::skewed_values);
    expect_coverage_on_page("one seed in ten falls by 10", n, n, normal, test::falling_values);
  }
}

// Differences on A and B that share most of their noise are no independent samples: at theta = 1
// the interval is too wide, at -1 too narrow.
TEST(CarriedShareSimulation, WhereTheTwoAreCoupled) {
  const auto covered = [](double theta) {
    return rates_of(theta, Random(6).at("coupled"),
                    [theta](Random& random) {
                      const Values a = normal_values(random, 5);
                      Values b = normal_values(random, 5);
                      for (std::size_t i = 0; i < 5; ++i) b[i] = 0.8 * a[i] + 0.6 * b[i];
                      return std::pair(moved(a, 1, 3), moved(b, 1, 3 * theta));
                    })
        .covered;
  };
  EXPECT_GT(covered(1), 0.99);
  EXPECT_LT(covered(-1), 0.93);
  expect_rates_on_page("coupled, r = 0.8", {covered(1), covered(0), covered(-1)});
}

}  // namespace
}  // namespace gapbench::compare

// What intervals and tests promise, by simulation. Every line must stand in docs/statistics.md:
// where a test fails, its message has the new one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compare/findings/recovery.h"
#include "compare/simulation.h"
#include "compare/statistics/interval.h"
#include "compare/statistics/paired_t.h"
#include "compare/statistics/signed_rank.h"

namespace gapbench::compare {
namespace {

using test::expect_on_page;
using test::heavy_values;
using test::normal_values;
using test::share_of;
using test::Values;

constexpr std::size_t draws = 2000;
constexpr std::size_t more_draws = 10000;

double coverage_of_t(std::size_t n) {
  return share_of(draws, Random(1).at("t", n), [n](Random& random) {
    return t_interval(normal_values(random, n, 3))->covers(3);
  });
}

TEST(Coverage, OfMeans) {
  for (const std::size_t n : {5U, 10U, 20U}) {
    const double t = coverage_of_t(n);
    EXPECT_NEAR(t, 0.95, 0.015) << n;
    expect_on_page(fmt::format("| {} | {:.1f} |", n, 100 * t));
  }
}

struct Known {
  double defined = 0;
  double covered = 0;  ///< of those that are defined
};

// Large batch around 0 by seed, small batch 4 above it on average, the method half way.
template <class Sample>
Known coverage_of_recovery(std::size_t n, const char* name, const Sample& sample) {
  std::size_t known = 0;
  const double covered = share_of(more_draws, Random(1).at(name, n), [&](Random& random) {
    const auto r = recovery(sample(random, n, 2), sample(random, n, 0), sample(random, n, 4));
    known += r.interval ? 1U : 0U;
    return r.interval && r.interval->covers(0.5);
  });
  const double defined = static_cast<double>(known) / static_cast<double>(more_draws);
  return {defined, covered / defined};
}

Values heavy_around(Random& random, std::size_t n, double mean) {
  Values values = heavy_values(random, n);
  for (double& x : values) x = mean + x / std::sqrt(2.0);
  return values;
}

TEST(Coverage, OfRecovery) {
  for (const std::size_t n : {3U, 5U, 10U, 20U}) {
    const Known normal = coverage_of_recovery(n, "recovery", normal_values);
    const Known heavy = coverage_of_recovery(n, "heavy recovery", heavy_around);
    EXPECT_NEAR(normal.covered, 0.95, 0.0075) << n;
    EXPECT_GT(heavy.covered, 0.94) << n;
    expect_on_page(fmt::format("| {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} |", n,
                               100 * normal.defined, 100 * normal.covered, 100 * heavy.defined,
                               100 * heavy.covered));
  }
}

// Three standard errors of a rate of 5 % over 10,000 draws: 0.65 points.
constexpr double nominal = 0.05 + 0.0065;

template <class Sample>
std::pair<double, double> false_positives(std::size_t n, const char* name, const Sample& sample) {
  const double t = share_of(more_draws, Random(2).at(name, n), [&](Random& random) {
    return paired_t_test(sample(random, n))->p < 0.05;
  });
  const double w = share_of(more_draws, Random(2).at(name, n), [&](Random& random) {
    return signed_rank_test(sample(random, n))->p < 0.05;
  });
  EXPECT_LE(t, nominal) << name << n;
  EXPECT_LE(w, nominal) << name << n;
  return {t, w};
}

TEST(FalsePositives, OfPairedTests) {
  const auto normal = [](Random& random, std::size_t n) { return normal_values(random, n); };
  for (const std::size_t n : {5U, 6U, 10U, 20U, 30U}) {
    const auto [t, w] = false_positives(n, "normal", normal);
    const auto [heavy_t, heavy_w] = false_positives(n, "heavy", heavy_values);
    EXPECT_EQ(w == 0, n == 5) << "five seeds cannot reach 0.05, six can";
    const std::string line = fmt::format("| {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} |", n, 100 * t,
                                         100 * w, 100 * heavy_t, 100 * heavy_w);
    expect_on_page(line);
  }
}

// An effect that is just as large as the margin must pass for none in 5 % of the draws at most.
TEST(FalsePositives, OfEquivalence) {
  for (const std::size_t n : {5U, 10U, 20U}) {
    const auto rate = [n](double effect) {
      return share_of(more_draws, Random(3).at("margin", n), [&](Random& random) {
        return *equivalence_p(normal_values(random, n, effect), 1) < 0.05;
      });
    };
    EXPECT_LE(rate(1), nominal) << n;
    EXPECT_GT(rate(0), rate(1)) << n;
    const std::string line =
        fmt::format("| {} | {:.1f} | {:.1f} |", n, 100 * rate(1), 100 * rate(0));
    expect_on_page(line);
  }
}

}  // namespace
}  // namespace gapbench::compare

// Steps against batch size: the curve of two asymptotes, its intervals, its regimes.
#include "compare/statistics/batch_scaling.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "error_of.h"
#include "simulation.h"

namespace gapbench::compare {
namespace {

using test::Values;
using ::testing::HasSubstr;

constexpr double infinite = std::numeric_limits<double>::infinity();

std::vector<StepsAtBatch> points(const Values& batches, double least_steps, double examples) {
  std::vector<StepsAtBatch> all;
  for (const double b : batches) all.push_back({b, least_steps + examples / b});
  return all;
}

/// Of log steps - log(s (1 + critical / B)), written out.
double squares(const std::vector<StepsAtBatch>& all, double s, double critical) {
  double sum = 0;
  for (const auto& [batch, steps] : all) {
    const double e = std::log(steps / (s * (1 + critical / batch)));
    sum += e * e;
  }
  return sum;
}

/// The least over the height, by hand: the mean of the logarithms.
double least_squares(const std::vector<StepsAtBatch>& all, double critical) {
  double mean = 0;
  for (const auto& [batch, steps] : all) {
    mean += std::log(steps / (1 + critical / batch)) / static_cast<double>(all.size());
  }
  return squares(all, std::exp(mean), critical);
}

TEST(BatchScaling, FindsTheCurveThatThePointsLieOn) {
  const BatchScaling fit = batch_scaling(points({16, 64, 256, 1024, 4096}, 100, 25600));
  EXPECT_NEAR(fit.critical, 256, 1e-3);
  EXPECT_NEAR(fit.least_steps, 100, 1e-4);
  EXPECT_NEAR(fit.least_examples, 25600, 1e-2);
  EXPECT_NEAR(fit.misfit, 1, 1e-6);
  EXPECT_NEAR(fit.critical_interval->low, 256, 1e-3);
  EXPECT_NEAR(curve_at(fit, 512), 150, 1e-3);
}

TEST(BatchScaling, OneAsymptoteAlone) {
  const BatchScaling perfect = batch_scaling(points({16, 64, 256}, 0, 6400));
  EXPECT_EQ(perfect.critical, infinite);
  EXPECT_EQ(perfect.least_steps, 0);
  EXPECT_NEAR(perfect.least_examples, 6400, 1e-9);
  EXPECT_EQ(perfect.critical_interval->high, infinite);
  EXPECT_EQ(perfect.least_steps_interval->low, 0);
  EXPECT_NEAR(curve_at(perfect, 64), 100, 1e-9);
  const BatchScaling flat = batch_scaling(points({16, 64, 256}, 50, 0));
  EXPECT_EQ(flat.critical, 0);
  EXPECT_NEAR(flat.least_steps, 50, 1e-9);
  EXPECT_EQ(flat.least_examples, 0);
  EXPECT_EQ(flat.critical_interval->low, 0);
}

// Off the curve by factors of 1.1 and 1 / 1.1.
TEST(BatchScaling, IntervalsEndWhereTheSumOfSquaresDoes) {
  std::vector<StepsAtBatch> all = points({8, 32, 128, 512, 2048, 8192}, 100, 25600);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].steps *= i % 3 == 0 ? 1.1 : 1 / 1.1;
  const BatchScaling fit = batch_scaling(all);
  const double least = squares(all, fit.least_steps, fit.critical);
  const double most = least * (1 + 7.708647 / 4);  // F of 1 and 4 degrees of freedom, tables
  EXPECT_LE(least, least_squares(all, fit.critical * 1.01));
  EXPECT_LE(least, least_squares(all, fit.critical / 1.01));
  for (const double end : {fit.critical_interval->low, fit.critical_interval->high}) {
    EXPECT_NEAR(least_squares(all, end), most, 0.01 * most);
  }
  for (const double s : {fit.least_steps_interval->low, fit.least_steps_interval->high}) {
    double lowest = infinite;
    for (double critical = 1; critical < 1e5; critical *= 1.001) {
      lowest = std::min(lowest, squares(all, s, critical));
    }
    EXPECT_NEAR(lowest, most, 0.01 * most);
  }
  for (const double examples :
       {fit.least_examples_interval->low, fit.least_examples_interval->high}) {
    double lowest = infinite;
    for (double critical = 1; critical < 1e5; critical *= 1.001) {
      lowest = std::min(lowest, squares(all, examples / critical, critical));
    }
    EXPECT_NEAR(lowest, most, 0.01 * most);
  }
}

TEST(BatchScaling, WhatIsNoCurveIsRefused) {
  EXPECT_FALSE(batch_scaling(points({16, 64}, 1, 1)).critical_interval) << "nothing is left over";
  const auto refused = [](const std::vector<StepsAtBatch>& all) {
    return test::error_of([&] { batch_scaling(all); });
  };
  EXPECT_THAT(refused({{16, 1}}), HasSubstr("two are needed"));
  EXPECT_THAT(refused({{16, 1}, {16, 2}}), HasSubstr("stands twice"));
  EXPECT_THAT(refused({{16, 0}, {32, 2}}), HasSubstr("above 0"));
  EXPECT_THAT(refused({{16, infinite}, {32, 2}}), HasSubstr("above 0"));
}

// B* / (B* + B) is 0.9 at B = B* / 9 and 0.1 at B = 9 B*.
TEST(BatchScaling, RegimesByHand) {
  const auto said = [](double batch, double low, double high) {
    const Regimes r = regimes_at(batch, {low, high});
    return std::string(r.perfect ? "p" : "") + (r.diminishing ? "d" : "") + (r.maximal ? "m" : "");
  };
  EXPECT_EQ(said(10, 90, 900), "p");
  EXPECT_EQ(said(11, 90, 900), "pd");
  EXPECT_EQ(said(101, 90, 900), "d");
  EXPECT_EQ(said(809, 90, 900), "d");
  EXPECT_EQ(said(810, 90, 900), "dm");
  EXPECT_EQ(said(8100, 90, 900), "m");
  EXPECT_EQ(said(1e9, 90, infinite), "pdm");
  EXPECT_EQ(said(1, 0, 90), "pdm");
  EXPECT_EQ(said(1, infinite, infinite), "p");
  EXPECT_EQ(said(1, 0, 0), "m");
}

/// Percent of 1,000 draws of log-normal errors of 0.1 in which B* and S are covered, and in which an
/// end of B* is open.
std::string line(std::size_t sizes, double critical) {
  constexpr std::size_t draws = 1000;
  Values batches;
  for (std::size_t i = 0; i < sizes; ++i) batches.push_back(std::pow(4, 2 + double(i)));
  std::size_t covers = 0, steps = 0, open = 0;
  const Random random(17);
  for (std::size_t d = 0; d < draws; ++d) {
    std::vector<StepsAtBatch> all = points(batches, 100, 100 * critical);
    Random own = random.at("draw", d);
    for (StepsAtBatch& p : all) p.steps *= std::exp(0.1 * own.normal());
    const BatchScaling fit = batch_scaling(all);
    covers += fit.critical_interval->covers(critical) ? 1U : 0U;
    steps += fit.least_steps_interval->covers(100) ? 1U : 0U;
    open += std::isinf(fit.critical_interval->high) || fit.critical_interval->low == 0 ? 1U : 0U;
  }
  const auto percent = [](std::size_t hits) { return 100.0 * static_cast<double>(hits) / draws; };
  return fmt::format("| {} to {:g} | {:g} | {:.1f} | {:.1f} | {:.1f} |", 16, batches.back(),
                     critical, percent(covers), percent(steps), percent(open));
}

TEST(BatchScaling, IntervalsCover) {
  for (const auto& [sizes, critical] :
       {std::pair<std::size_t, double>{4, 128}, {6, 16}, {6, 512}, {6, 16384}, {6, 1e6}}) {
    test::expect_on_page(line(sizes, critical));
  }
}

}  // namespace
}  // namespace gapbench::compare

// Draws of the training set and of the test images: by hand, then by simulation. Every line of a
// simulation must stand in docs/statistics.md: where a test fails, its message has the new one.
#include "compare/statistics/draws.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compare/error_of.h"
#include "compare/page_line.h"
#include "compare/statistics/image_sampling.h"

namespace gapbench::compare {
namespace {

using test::error_of;
using test::expect_rates_on_page;
using test::Values;
using ::testing::HasSubstr;

constexpr std::size_t draws = 4000;
constexpr double error = 0.0104;  ///< three standard errors of a rate of 5 % over the draws

// Means 2 6, MS between 2 * 8 = 16, within (2 + 8) / 2 = 5: tau^2 = (16 - 5) / 2.
TEST(OverDraws, ByHand) {
  const std::vector<Values> two{{1, 3}, {4, 8}};
  const OverDraws r = over_draws(two);
  EXPECT_EQ(r.draws, 2U);
  EXPECT_EQ(r.values, 4U);
  EXPECT_EQ(r.mean, 4);
  EXPECT_NEAR(r.interval->low, t_interval(Values{2, 6})->low, 1e-12);
  EXPECT_NEAR(r.interval->high, t_interval(Values{2, 6})->high, 1e-12);
  EXPECT_NEAR(*r.tau, std::sqrt(5.5), 1e-14);
  EXPECT_NEAR(*r.sigma, std::sqrt(5.0), 1e-14);
  const std::vector<Values> alike{{1, 3}, {1, 3}};
  EXPECT_EQ(over_draws(alike).tau, 0);
}

// Means 2 6 5; grand (1 + 3 + 4 + 8 + 6 + 5) / 6 = 4.5 less the last draw of one: N = 5, sizes 2 2
// 1, grand 21 / 5 = 4.2, between 2 * 2.2^2 + 2 * 1.8^2 + 0.8^2 = 16.8, k = (5 - 9 / 5) / 2 = 1.6.
TEST(OverDraws, OfUnequalSizes) {
  const std::vector<Values> three{{1, 3}, {4, 8}, {5}};
  EXPECT_NEAR(*over_draws(three).tau, std::sqrt((16.8 / 2 - 5) / 1.6), 1e-14);
  EXPECT_NEAR(over_draws(three).mean, 13 / 3.0, 1e-14);
}

TEST(OverDraws, OfLittle) {
  const std::vector<Values> one{{1, 3, 4}};
  EXPECT_FALSE(over_draws(one).interval);
  EXPECT_FALSE(over_draws(one).tau);
  const std::vector<Values> single{{1}, {3}};
  EXPECT_TRUE(over_draws(single).interval);
  EXPECT_FALSE(over_draws(single).tau);
  const std::vector<Values> hole{{1}, {}};
  EXPECT_EQ(error_of([&] { over_draws(hole); }), "over draws: a draw has no values");
  EXPECT_EQ(error_of([] { over_draws({}); }), "over draws: no draws");
  const std::vector<Values> broken{{1, std::numeric_limits<double>::quiet_NaN()}};
  EXPECT_THAT(error_of([&] { over_draws(broken); }), HasSubstr("value 1 is nan"));
}

// sigma = 1; all seeds taken for independent is what a table over one list of seeds would do.
TEST(OverDrawsSimulation, Coverage) {
  for (const double tau : {0.0, 0.5, 1.0}) {
    for (const auto& [number, k] : {std::pair(5U, 1U), std::pair(5U, 3U), std::pair(10U, 2U)}) {
      std::size_t covered = 0;
      std::size_t pooled = 0;
      Random random = Random(9).at("draws", number, k);
      for (std::size_t i = 0; i < draws; ++i) {
        std::vector<Values> sample;
        Values all;
        for (std::size_t d = 0; d < number; ++d) {
          sample.push_back(test::normal_values(random, k, tau * random.normal()));
          all.insert(all.end(), sample.back().begin(), sample.back().end());
        }
        covered += over_draws(sample).interval->covers(0) ? 1U : 0U;
        pooled += t_interval(all)->covers(0) ? 1U : 0U;
      }
      EXPECT_NEAR(static_cast<double>(covered) / draws, 0.95, error);
      expect_rates_on_page(
          fmt::format("{} | {} | {}", tau, number, k),
          {static_cast<double>(covered) / draws, static_cast<double>(pooled) / draws});
    }
  }
}

// n seeds on one draw of the training set: how often their t interval covers the effect over draws.
TEST(OverDrawsSimulation, OneDrawDoesNotSpeakForAll) {
  for (const double tau : {0.0, 0.5, 1.0}) {
    const double covered = test::share_of(draws, Random(9).at("one draw"), [tau](Random& random) {
      return t_interval(test::normal_values(random, 5, tau * random.normal()))->covers(0);
    });
    expect_rates_on_page(fmt::format("{} | 1 | 5", tau), {covered});
  }
}

// Only the method right on 3 of 8 images, only the baseline on 1.
TEST(ImageSampling, ByHand) {
  const auto r = image_sampling(Values{1, 1, 1, -1, 0, 0, 0, 0});
  EXPECT_EQ(r->images, 8U);
  EXPECT_EQ(r->difference, 0.25);
  EXPECT_NEAR(r->error, std::sqrt((4 / 8.0 - 1 / 16.0) / 7), 1e-15);
  EXPECT_EQ(r->share, 1);
  const auto sure = image_sampling(Values{1, 1, 1, 0.5});
  EXPECT_NEAR(sure->share, 1.959963985 * 0.125 / 0.875, 1e-9);
  EXPECT_EQ(image_sampling(Values{0, 0, 0})->share, 1);
  EXPECT_EQ(image_sampling(Values{0, 0, 0})->error, 0);
  EXPECT_FALSE(image_sampling(Values{1}));
  EXPECT_EQ(error_of([] {
              image_sampling(Values{0, 2});
            }),
            "image sampling: image 1 has 2, a difference of two shares is in [-1, 1]");
}

// Only the method is right on 12 % of all images, only the baseline on 10 %; and a test set in
// which each image comes twice.
TEST(ImageSamplingSimulation, Coverage) {
  const auto covered = [](std::size_t copies) {
    return test::share_of(2000, Random(10).at("images"), [copies](Random& random) {
      Values images(1000);
      for (std::size_t i = 0; i < images.size(); i += copies) {
        const double u = random.uniform();
        const double outcome = u < 0.12 ? 1 : (u < 0.22 ? -1 : 0);
        for (std::size_t c = 0; c < copies; ++c) images[i + c] = outcome;
      }
      const auto r = image_sampling(images);
      return std::abs(r->difference - 0.02) <= 1.959964 * r->error;
    });
  };
  EXPECT_NEAR(covered(1), 0.95, 0.015);
  expect_rates_on_page("1000 images", {covered(1)});
  expect_rates_on_page("500 images, each twice", {covered(2)});
}

}  // namespace
}  // namespace gapbench::compare

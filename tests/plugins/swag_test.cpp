// swag by hand: iterates on a line, and the moments of its draws.
#include <gmock/gmock.h>

#include <cmath>

#include "plugins/around_sgd.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;

/// With an inner sgd of rate 1, which goes by (1, 2) a step from (0, 0).
std::unique_ptr<Optimizer> walked(const std::string& text, std::uint64_t steps) {
  auto swag = around_sgd("optimizers_swag", text, tensors(2));
  Weights w{0, 0};
  for (std::uint64_t k = 0; k < steps; ++k) {
    PencilStep step(w, 0, {-1, -2});
    step.at_index(k);
    swag->step(step);
  }
  EXPECT_EQ(w, (Weights{static_cast<float>(steps), 2 * static_cast<float>(steps)}));
  return swag;
}

Weights drawn(Optimizer& swag, std::size_t k) {
  Weights w(2);
  swag.posterior()->draw(k, Random(7), w);
  return w;
}

// Taken are (2, 4), (3, 6), (4, 8): mean (3, 6), diag (2/3, 8/3). Columns: 0 of the first, 3 - 2.5 of
// the second, 4 - 3 of the third, and twice that.
TEST(Swag, DrawByHand) {
  const auto swag = walked("burn_in=1 every=1", 4);
  EXPECT_THAT(swag->posterior()->center(), ::testing::ElementsAre(3, 6));
  for (const std::size_t k : {0U, 5U}) {
    Random numbers = Random(7).at("draw", k);
    Weights z1(2);
    Weights z2(3);
    numbers.normals(z1);
    numbers.normals(z2);
    const double along = (0.5 * z2[1] + 1.0 * z2[2]) / std::sqrt(4);
    const Weights w = drawn(*swag, k);
    EXPECT_NEAR(w[0], 3 + std::sqrt(1.0 / 3) * z1[0] + along, 1e-5);
    EXPECT_NEAR(w[1], 6 + std::sqrt(4.0 / 3) * z1[1] + 2 * along, 1e-5);
  }
}

// The same iterates, the last two columns: covariance diag / 2 + D D^T / 2 with D D^T = 1.25 (1, 2;
// 2, 4). 20,000 draws: a variance is known to 1 %, here within five of that.
TEST(Swag, CovarianceOfItsDraws) {
  const auto swag = walked("burn_in=1 every=1 rank=2", 4);
  double xx = 0;
  double xy = 0;
  double yy = 0;
  constexpr std::size_t draws = 20000;
  for (std::size_t k = 0; k < draws; ++k) {
    const Weights w = drawn(*swag, k);
    xx += (w[0] - 3.0) * (w[0] - 3.0) / draws;
    xy += (w[0] - 3.0) * (w[1] - 6.0) / draws;
    yy += (w[1] - 6.0) * (w[1] - 6.0) / draws;
  }
  EXPECT_NEAR(xx / (1.0 / 3 + 0.625), 1, 0.05);
  EXPECT_NEAR(yy / (4.0 / 3 + 2.5), 1, 0.05);
  EXPECT_NEAR(xy / 1.25, 1, 0.09);
}

// Burn-in 2, every 3: (5, 10) after step 5, (8, 16) after step 8.
TEST(Swag, TakesWhatItIsTold) {
  EXPECT_FALSE(walked("burn_in=2 every=3", 7)->posterior()->is_ready());
  const auto swag = walked("burn_in=2 every=3", 10);
  EXPECT_TRUE(swag->posterior()->is_ready());
  EXPECT_THAT(swag->posterior()->center(), ::testing::ElementsAre(6.5, 13));
  Weights w(2);
  EXPECT_THROW(walked("burn_in=2 every=3", 5)->posterior()->draw(0, Random(1), w), Error);
}

}  // namespace
}  // namespace gapbench::test

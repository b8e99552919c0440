// sgld by hand, and its stationary variance on a quadratic.
#include <gmock/gmock.h>

#include <cmath>

#include "gapbench/stand_in_step.h"
#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;

constexpr std::size_t examples = 10;

/// A pencil step of ten examples, whose random numbers are other ones in every step.
class Numbered final : public StandInStep {
 public:
  using StandInStep::StandInStep;
  std::size_t training_examples() const noexcept override { return examples; }
  Random random(std::string_view purpose) const override {
    return Random(5).at(purpose, step().index());
  }
};

std::unique_ptr<Optimizer> make(const std::string& text, std::size_t size) {
  const Component& c = component("optimizers_sgld");
  return c.make_optimizer(options(c, text), tensors(size));
}

void advance(Optimizer& optimizer, std::span<float> w, std::uint64_t steps, double schedule = 1) {
  for (std::uint64_t k = 0; k < steps; ++k) {
    PencilStep pencil(w, 0.3);
    pencil.at_index(k).at_schedule(schedule);
    Numbered step(pencil);
    optimizer.step(step);
  }
}

// 1 - 0.5 (0.3 + 1 / (10 * 1)) = 0.8; at half the schedule 0.9.
TEST(Sgld, DescendsWithoutTemperature) {
  const std::string text = "learning_rate=0.5 prior_variance=1 temperature=0 burn_in=0";
  Weights w{1, -2};
  advance(*make(text, 2), w, 1);
  EXPECT_FLOAT_EQ(w[0], 0.8F);
  EXPECT_FLOAT_EQ(w[1], -1.6F);
  w = {1, -2};
  advance(*make(text, 2), w, 1, 0.5);
  EXPECT_FLOAT_EQ(w[0], 0.9F);
}

// At 0 nothing pulls: what is left is sqrt(2 * 0.8 * 0.5 / 10) e.
TEST(Sgld, NoiseByHand) {
  Weights w(6, 0);
  advance(*make("learning_rate=0.8 prior_variance=1 temperature=0.5 burn_in=0", 6), w, 1);
  Weights e(6);
  Random(5).at("sgld", 0).normals(e);
  for (std::size_t i = 0; i < w.size(); ++i) {
    EXPECT_NEAR(w[i], std::sqrt(0.08) * e[i], 1e-6) << i;
  }
}

// P = 10 * 0.3 + 1 = 4 and epsilon = 2 * 0.5 / 10 = 0.1: 1 / (P (1 - epsilon P / 4)) = 1 / 3.6, where
// the posterior's is 1 / 4. 40,000 parameters are as many chains: five deviations of their variance
// are 5 sqrt(2 / 40,000) = 3.5 %.
TEST(Sgld, StationaryVariance) {
  Weights w(40000, 0);
  advance(*make("learning_rate=0.5 prior_variance=1 burn_in=0 every=1000", w.size()), w, 60);
  double sum = 0;
  for (const float x : w) sum += double{x} * x;
  EXPECT_NEAR(sum / 40000 * 3.6, 1, 0.035);
}

TEST(Sgld, ItsIteratesAreTheDraws) {
  const auto sgld = make("learning_rate=0.5 prior_variance=1 burn_in=2 every=2", 3);
  Posterior* posterior = sgld->posterior();
  ASSERT_NE(posterior, nullptr);
  EXPECT_FALSE(posterior->is_ready());
  Weights w(3, 1);
  advance(*sgld, w, 4);
  ASSERT_EQ(posterior->size(), 1U);
  Weights kept(3);
  posterior->draw(0, Random(1), kept);
  EXPECT_EQ(kept, w);
}

}  // namespace
}  // namespace gapbench::test

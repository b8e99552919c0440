// hmc: its trajectories run backwards, their energy errors are of second order, its states are exact
// draws of a Gaussian, its step is adapted.
#include "plugins/samplers.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "core/state.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;
using ::testing::HasSubstr;

/// F = |w|^4 / 4 parameter by parameter, in steps of ten examples.
class Quartic final : public StandInStep {
 public:
  using StandInStep::StandInStep;
  double gradient(const At& at, std::span<float> out, std::span<float>) override {
    double value = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const float w = at.parameters[i];
      out[i] = w * w * w;
      value += double{w} * w * w * w / 4;
    }
    return value;
  }
  std::size_t training_examples() const noexcept override { return 10; }
  std::size_t batch_size() const noexcept override { return 10; }
  Random random(std::string_view purpose) const override {
    return Random(5).at(purpose, step().index());
  }
};

struct Phase {
  double w;
  double p;
};

/// The same trajectory for one parameter, in double.
Phase leapfrog(Phase x, double size, int steps) {
  const auto slope = [](double w) { return 10 * w * w * w + w; };
  for (int l = 0; l < steps; ++l) {
    x.p -= size / 2 * slope(x.w);
    x.w += size * x.p;
    x.p -= size / 2 * slope(x.w);
  }
  return x;
}

double momentum(std::uint64_t step) {
  Weights p(1);
  Random(5).at("hmc momentum", step).normals(p);
  return p[0];
}

// From (w, p) to (w', p'), then from (w', -p') back to (w, -p): the start is chosen so that the
// momentum of step 1 is -p'.
TEST(Hmc, TrajectoriesRunBackwards) {
  const double p0 = momentum(0);
  const double wanted = -momentum(1);
  double low = -3;
  double high = 3;
  for (int k = 0; k < 100; ++k) {  // the end's momentum falls as the start grows
    const double middle = (low + high) / 2;
    (leapfrog({middle, p0}, 0.02, 10).p > wanted ? low : high) = middle;
  }
  ASSERT_NEAR(leapfrog({low, p0}, 0.02, 10).p, wanted, 1e-12);
  const auto hmc = sampler("hmc", "step_size=0.02 trajectory=0.2 prior_variance=1 burn_in=0", 1);
  Weights w{static_cast<float>(low)};
  for (std::uint64_t k = 0; k < 2; ++k) {
    PencilStep pencil(w, 0);
    pencil.at_index(k);
    Quartic step(pencil);
    hmc->step(step);
    if (k == 0) {
      EXPECT_NEAR(w[0], leapfrog({low, p0}, 0.02, 10).w, 1e-5);
      EXPECT_GT(std::abs(w[0] - low), 0.05) << "it went somewhere";
    }
  }
  EXPECT_NEAR(w[0], low, 1e-5);
  EXPECT_GT(reported(*hmc->posterior()).at("acceptance"), 0.99);
}

/// |H_end - H_start| of one trajectory of length 0.8.
double energy_error(const std::string& size) {
  Weights w(50);
  Random(3).normals(w);
  const auto hmc =
      sampler("hmc", "trajectory=0.8 prior_variance=1 burn_in=0 step_size=" + size, 50);
  advance(*hmc, w, {});
  return reported(*hmc->posterior()).at("energy_error");
}

TEST(Hmc, EnergyErrorIsOfSecondOrder) {
  const double coarse = energy_error("0.1");
  EXPECT_GT(coarse, 0.01);
  EXPECT_NEAR(coarse / energy_error("0.05"), 4, 0.15);
  EXPECT_NEAR(coarse / energy_error("0.025"), 16, 1);
}

// Steps so coarse that leapfrogs alone would spread by 1 / (P (1 - e^2 P / 4)), P = 4, e = 0.7: nearly
// twice the variance. 30,000 trajectories of one leapfrog, a quarter turn.
TEST(Hmc, RefusalsMakeTheMomentsRight) {
  const auto hmc =
      sampler("hmc", "step_size=0.7 trajectory=0.7 prior_variance=1 burn_in=0 every=100000", 1);
  Weights w{0};
  double sum = 0;
  double squares = 0;
  constexpr std::uint64_t steps = 30000;
  for (std::uint64_t k = 0; k < steps; ++k) {
    advance(*hmc, w, {.first = k, .slope = {-0.4F}});
    sum += w[0];
    squares += double{w[0]} * w[0];
  }
  const double mean = sum / steps;  // 10 * 0.4 / 4
  EXPECT_NEAR(mean, 1, 0.02);
  EXPECT_NEAR((squares / steps - mean * mean) * 4, 1, 0.06);
  const double acceptance = reported(*hmc->posterior()).at("acceptance");
  EXPECT_GT(acceptance, 0.3);
  EXPECT_LT(acceptance, 0.95);
}

// 100 parameters at temperature 2: variance 1 / 2.
TEST(Hmc, AdaptsItsStepAndThenKeepsIt) {
  const auto hmc = sampler("hmc",
                           "step_size=0.001 trajectory=0.8 most_leapfrogs=50 prior_variance=1 "
                           "temperature=2 burn_in=300 every=100000",
                           100);
  Weights w(100, 0);
  advance(*hmc, w, {.steps = 301});
  const double fixed = reported(*hmc->posterior()).at("step_size");
  EXPECT_GT(fixed, 0.05);
  double squares = 0;
  for (std::uint64_t k = 301; k < 701; ++k) {
    advance(*hmc, w, {.first = k});
    squares += mean_square(w) / 400;
  }
  const auto report = reported(*hmc->posterior());
  EXPECT_EQ(report.at("step_size"), fixed);
  EXPECT_EQ(report.at("leapfrogs"), std::round(0.8 / fixed));
  EXPECT_NEAR(report.at("acceptance"), 0.8, 0.1);
  EXPECT_EQ(report.at("divergent"), 0);
  EXPECT_NEAR(squares * 2, 1, 0.04);
}

// e = 10 on curvature 4: the energy explodes.
TEST(Hmc, StaysWhereATrajectoryBreaksOff) {
  const auto hmc = sampler("hmc", "step_size=10 trajectory=100 prior_variance=1 burn_in=0", 2);
  Weights w{1, -2};
  advance(*hmc, w, {.steps = 3});
  EXPECT_EQ(w, (Weights{1, -2}));
  const auto report = reported(*hmc->posterior());
  EXPECT_EQ(report.at("divergent"), 3);
  EXPECT_EQ(report.at("acceptance"), 0);
  EXPECT_EQ(report.count("energy_error"), 0U);
  EXPECT_EQ(hmc->posterior()->size(), 3U) << "a state that is refused counts again";
}

// (pi / 2) sqrt(0.04) = 0.314.
TEST(Hmc, AQuarterTurnOfThePrior) {
  const auto hmc = sampler("hmc", "step_size=0.01 prior_variance=0.04 burn_in=0", 1);
  Weights w{0.1F};
  advance(*hmc, w, {});
  EXPECT_EQ(reported(*hmc->posterior()).at("leapfrogs"), 31);
}

TEST(Hmc, RefusesMiniBatchesUnlessTold) {
  Weights w{1};
  PencilStep pencil(w, 1);
  Numbered step(pencil, 4);
  try {
    sampler("hmc", "step_size=0.01 prior_variance=1 burn_in=0", 1)->step(step);
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("got mini-batches of 4 of 10 examples; write batch: all"));
  }
  sampler("hmc", "step_size=0.01 prior_variance=1 burn_in=0 mini_batches=true", 1)->step(step);
  EXPECT_NE(w[0], 1);
}

}  // namespace
}  // namespace gapbench::test

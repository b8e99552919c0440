// variational: divergence by hand, the gradient of the bound against differences at fixed noise, the
// best Gaussian of a quadratic.
#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "plugin/conformance/scenes.h"
#include "plugins/gaussian_weights.h"
#include "plugins/samplers.h"
#include "plugins/windows.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;
using plugin::conformance::PlainStep;
using plugin::conformance::Scene;

/// q at w with sigma 0.5, before it has moved.
std::unique_ptr<Optimizer> begun(const std::string& text, Weights w) {
  auto optimizer = around(
      "variational", [](Step&) {}, "start_deviation=0.5 " + text, tensors(w.size()));
  advance(*optimizer, w, {});
  return optimizer;
}

// (0.25 + 1) / 8 - 1/2 - log(0.25 / 4) / 2 = 1.0425444 and (0.25 + 4) / 8 - 1/2 + 1.3862944.
TEST(Variational, DivergenceByHand) {
  const auto q = begun("prior_variance=4", {1, -2});
  const Posterior& posterior = *q->posterior();
  EXPECT_NEAR(posterior.divergence()->nats, 1.0425444 + 1.4175444, 1e-6);
  EXPECT_EQ(posterior.divergence()->choice, 0);
  EXPECT_THAT(posterior.center(), ::testing::ElementsAre(1, -2));
  EXPECT_NEAR(posterior.variances()[1], 0.25, 1e-7);
  EXPECT_NEAR(reported(posterior).at("deviation"), 0.5, 1e-7);
}

TEST(Variational, RefusesToLoseWhatOthersDoToItsMean) {
  Weights w{1, -2};
  const auto q = begun("prior_variance=4", w);
  EXPECT_NO_THROW(advance(*q, w, {}));
  w[1] = 0;
  EXPECT_THROW(advance(*q, w, {}), Error);
}

TEST(Variational, ThePriorItselfCostsNothing) {
  EXPECT_NEAR(begun("prior_variance=0.25", {0, 0, 0})->posterior()->divergence()->nats, 0, 1e-6);
}

TEST(Variational, AMixtureOfTwoEqualsIsOne) {
  const double closed = begun("prior_variance=4", {1, -2})->posterior()->divergence()->nats;
  const auto mixture =
      begun("prior_variance=4 prior=scale_mixture narrow_variance=4 wide_share=0.3", {1, -2});
  EXPECT_NEAR(mixture->posterior()->divergence()->nats, closed, 1e-6);
}

// The integral over w of q log(q / p), by Simpson's rule of 20,000 pieces.
TEST(Variational, DivergenceFromAMixture) {
  const auto density = [](double w, double m, double v) {
    return std::exp(-(w - m) * (w - m) / (2 * v)) / std::sqrt(2 * std::numbers::pi * v);
  };
  const auto term = [&](double w) {
    const double q = density(w, 0.3, 0.25);
    const double p = 0.75 * density(w, 0, 2) + 0.25 * density(w, 0, 0.04);
    return q == 0 ? 0 : q * std::log(q / p);
  };
  double integral = 0;
  constexpr int pieces = 20000;
  constexpr double width = 10.0 / pieces;
  for (int k = 0; k <= pieces; ++k) {
    const double weight = k == 0 || k == pieces ? 1 : k % 2 == 1 ? 4 : 2;
    integral += weight * width / 3 * term(-5 + width * k);
  }
  const auto q =
      begun("prior_variance=2 prior=scale_mixture narrow_variance=0.04 wide_share=0.75", {0.3F});
  EXPECT_NEAR(q->posterior()->divergence()->nats, integral, 1e-5);
}

class Bound : public ::testing::TestWithParam<std::string> {};

TEST_P(Bound, GradientAgainstDifferencesAtFixedNoise) {
  const Scene scene = plugin::conformance::usual_scene(3);
  std::size_t asked = 0;
  const auto optimizer = around(
      "variational",
      [&](Step& step) {
        ++asked;
        ASSERT_EQ(step.dimension(), 2 * scene.w.size());
        EXPECT_EQ(step.tensors().front().name, scene.problem->tensors().front().name + ".mean");
        EXPECT_EQ(step.tensors().back().offset + step.tensors().back().size, step.dimension());
        EXPECT_EQ(step.initial_parameters().size(), step.dimension());
        expect_derivative(step);
      },
      // kl_weight makes both terms of the objective count.
      "prior_variance=1 start_deviation=0.5 kl_weight=500 " + GetParam(), scene.problem->tensors());
  Weights w = scene.w;
  PlainStep step(*scene.problem, w, 2);
  optimizer->step(step);
  EXPECT_EQ(asked, 1U);
  EXPECT_EQ(w, scene.w) << "the inner optimizer did not move the mean";
}

INSTANTIATE_TEST_SUITE_P(Variational, Bound,
                         ::testing::Values("", "draws=3",
                                           "prior=scale_mixture narrow_variance=0.1 draws=2"));

// Draws 0 and 1 of one are the two of two, and draw 1 of two is the next pair.
TEST(Variational, AveragesOverItsDraws) {
  const auto value = [](const std::string& draws, std::uint64_t draw) {
    double seen = 0;
    const auto q = around(
        "variational", [&](Step& s) { seen = s.value({.draw = draw}); },
        "prior_variance=1 start_deviation=0.5 draws=" + draws, tensors(3));
    Weights w{1, 2, 3};
    advance(*q, w, {});
    return seen;
  };
  EXPECT_NEAR(value("2", 0), (value("1", 0) + value("1", 1)) / 2, 1e-9);
  EXPECT_NEAR(value("2", 1), (value("1", 2) + value("1", 3)) / 2, 1e-9);
  EXPECT_GT(std::abs(value("1", 0) - value("1", 1)), 0.01);
}

/// sgd of rate 1 on a pencil step, whose schedule anneals.
Weights trained(Optimizer& optimizer, Weights w, double curvature, float slope) {
  for (std::uint64_t k = 0; k < 900; ++k) {
    advance(optimizer, w,
            {.curvature = curvature,
             .schedule = k < 600 ? 0.5 : 0.02,
             .first = k,
             .slope = Weights(w.size(), slope)});
  }
  return w;
}

std::unique_ptr<Optimizer> by_sgd(const std::string& text, std::size_t size) {
  return around(
      "variational",
      [](std::span<const TensorInfo> t) {
        const Component& sgd = component("optimizers_sgd");
        return sgd.make_optimizer(options(sgd, "learning_rate=1"), t);
      },
      text, tensors(size));
}

// Ten examples, curvature 0.3, slope -0.4, prior precision 1: q = N(4 / 4, 1 / 4), of 4,000 parameters.
TEST(Variational, FindsTheBestGaussianOfAQuadratic) {
  const auto optimizer = by_sgd("prior_variance=1 start_deviation=0.1", 4000);
  const Weights w = trained(*optimizer, Weights(4000, 0), 0.3, -0.4F);
  double mean = 0;
  double variance = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    mean += w[i] / 4000;
    variance += optimizer->posterior()->variances()[i] / 4000;
  }
  EXPECT_NEAR(mean, 1, 0.01);
  EXPECT_NEAR(variance * 4, 1, 0.03);
  EXPECT_TRUE(std::ranges::equal(w, optimizer->posterior()->center()));
}

TEST(Variational, RefusesWhatIsNotThere) {
  const auto refusal = [](const Asks& asks, const std::string& text) -> std::string {
    try {
      Weights w{1};
      const auto q = around("variational", asks, "prior_variance=1 " + text, tensors(1));
      advance(*q, w, {});
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(refusal([](Step&) {}, "estimate=local prior=scale_mixture"),
              HasSubstr("local draws no weights"));
  const Asks curious = [](Step& s) {
    Weights v(s.dimension());
    Weights out(s.dimension());
    s.hessian_vector(v, out);
  };
  EXPECT_THAT(refusal(curious, ""), HasSubstr("asks for Hessian-vector products"));
}

// What an averaging inner optimizer stands for is what q stands for.
TEST(Variational, StandsForTheInnerAverage) {
  class Averaging final : public Optimizer {
   public:
    explicit Averaging(std::size_t size) : average_(size, -1) {}
    void step(Step&) override {}
    void archive(State&) override {}
    std::span<const float> evaluated() const noexcept override { return average_; }

   private:
    Weights average_;
  };
  const auto q = around(
      "variational",
      [](std::span<const TensorInfo> t) {
        return std::make_unique<Averaging>(t.back().offset + t.back().size);
      },
      "prior_variance=1", tensors(2));
  Weights w{3, 4};
  advance(*q, w, {});
  EXPECT_THAT(q->evaluated(), ::testing::ElementsAre(-1, -1));
  EXPECT_THAT(q->posterior()->center(), ::testing::ElementsAre(-1, -1));
  EXPECT_NEAR(q->posterior()->variances()[0], std::exp(-2), 1e-6);
}

/// Three examples of two inputs and one output, r = 0.5.
Windows three() { return {{{{{1, 2}}, {1}}, {{{-1, 0.5F}}, {0}}, {{{0.5F, 3}}, {2}}}, 0.5, false}; }

TEST(VariationalLocal, GradientAgainstDifferencesAtFixedNoise) {
  const Windows problem = three();
  std::size_t asked = 0;
  const auto optimizer = around(
      "variational",
      [&](Step& step) {
        ++asked;
        expect_derivative(step);
      },
      "estimate=local draws=2 prior_variance=1 start_deviation=0.5 kl_weight=5", problem.tensors());
  Weights w{0.4F, -0.3F};
  WholeStep step(problem, w);
  optimizer->step(step);
  EXPECT_EQ(asked, 1U);
  ASSERT_FALSE(step.asked.empty());
  EXPECT_FALSE(step.asked.front().variances.empty());
}

struct Moments {
  std::vector<double> mean;
  std::vector<double> variance;
};

/// Of the gradient by (mu_0, mu_1, rho_0, rho_1) over 8,000 draws, sigma = 0.5, without the divergence.
Moments moments_of(const std::string& estimate) {
  constexpr std::size_t draws = 8000;
  const Windows problem = three();
  Moments m{std::vector<double>(4), std::vector<double>(4)};
  const auto optimizer = around(
      "variational",
      [&](Step& step) {
        Weights g(4);
        for (std::size_t k = 0; k < draws; ++k) {
          step.gradient({.draw = k}, g);
          for (std::size_t i = 0; i < 4; ++i) {
            m.mean[i] += g[i] / static_cast<double>(draws);
            m.variance[i] += double{g[i]} * g[i] / draws;
          }
        }
      },
      "prior_variance=1 start_deviation=0.5 kl_weight=0 estimate=" + estimate, problem.tensors());
  Weights w{0.4F, -0.3F};
  WholeStep step(problem, w);
  optimizer->step(step);
  for (std::size_t i = 0; i < 4; ++i) m.variance[i] -= m.mean[i] * m.mean[i];
  return m;
}

// With r^-2 = 4, n = 3, s = 1/4 and H = (4 / 3) sum x x^T the gradient by mu_j has variance
//   weights: sum_k H_jk^2 s;   local: (4 / 3)^2 sum_i x_ij^2 v_i,  v_i = s |x_i|^2.
// Variances of 8,000 draws are known to 1.6 %, here within five of that.
TEST(VariationalLocal, LowersTheVarianceByTheFactorOfTheFormula) {
  const double x[3][2] = {{1, 2}, {-1, 0.5}, {0.5, 3}};
  const Moments weights = moments_of("weights");
  const Moments local = moments_of("local");
  for (std::size_t j = 0; j < 2; ++j) {
    double h[2] = {};
    double by_local = 0;
    for (const auto& row : x) {
      for (std::size_t k = 0; k < 2; ++k) h[k] += 4 / 3.0 * row[j] * row[k];
      by_local += 16 / 9.0 * row[j] * row[j] * (row[0] * row[0] + row[1] * row[1]) / 4;
    }
    const double by_weights = (h[0] * h[0] + h[1] * h[1]) / 4;
    EXPECT_NEAR(weights.variance[j] / by_weights, 1, 0.08) << j;
    EXPECT_NEAR(local.variance[j] / by_local, 1, 0.08) << j;
    EXPECT_LT(by_local, 0.9 * by_weights);
    // Both estimate the same: d/d rho of E_q F is s H_jj.
    EXPECT_NEAR(local.mean[j], weights.mean[j], 5 * std::sqrt(2 * by_weights / 8000));
    for (const Moments* m : {&weights, &local}) {
      EXPECT_NEAR(m->mean[2 + j], h[j] / 4, 5 * std::sqrt(m->variance[2 + j] / 8000)) << j;
    }
    EXPECT_LT(local.variance[2 + j], weights.variance[2 + j]);
  }
}

// One input of 1 and one weight: n examples with noise of their own have 1/n of the variance.
TEST(VariationalLocal, OfOneWeightByTheNumberOfExamples) {
  const Windows problem(std::vector<Windows::Example>(12, {{{1}}, {0}}), 1, false);
  double variance[2] = {};
  for (const bool local : {false, true}) {
    const auto optimizer = around(
        "variational",
        [&](Step& step) {
          Weights g(2);
          for (std::size_t k = 0; k < 4000; ++k) {
            step.gradient({.draw = k}, g);
            variance[local ? 1 : 0] += double{g[0]} * g[0] / 4000;
          }
        },
        std::string("prior_variance=1 kl_weight=0 estimate=") + (local ? "local" : "weights"),
        problem.tensors());
    Weights w{0};
    WholeStep step(problem, w);
    optimizer->step(step);
  }
  EXPECT_NEAR(variance[0] / variance[1] / 12, 1, 0.15);
}

}  // namespace
}  // namespace gapbench::test

// variational: divergence by hand, the gradient of the bound against differences at fixed noise, the
// best Gaussian of a quadratic.
#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "plugin/conformance/oracle.h"
#include "plugin/conformance/scenes.h"
#include "plugins/samplers.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;
using Asks = std::function<void(Step&)>;
using plugin::conformance::PlainStep;
using plugin::conformance::Scene;

/// An inner optimizer that is a function.
class Asking final : public Optimizer {
 public:
  explicit Asking(Asks asks) : asks_(std::move(asks)) {}
  void step(Step& step) override { asks_(step); }
  void archive(State&) override {}

 private:
  Asks asks_;
};

std::unique_ptr<Optimizer> around(const Handed::Maker& inner, const std::string& text,
                                  std::span<const TensorInfo> shape) {
  const Component& c = component("optimizers_variational");
  const auto specs = plugin::options_of(c);
  OptionMap given = plugin::parse_example(c.about.name, specs, text);
  given.insert({"inner", "sgd"});
  Handed handed;
  handed.optimizers["inner"] = inner;
  return c.make_optimizer(Options::resolve(c.about.name, specs, given, std::move(handed)), shape);
}

std::unique_ptr<Optimizer> around(const Asks& asks, const std::string& text,
                                  std::span<const TensorInfo> shape) {
  return around([asks](std::span<const TensorInfo>) { return std::make_unique<Asking>(asks); },
                text, shape);
}

/// q at w with sigma 0.5, before it has moved.
std::unique_ptr<Optimizer> begun(const std::string& text, Weights w) {
  auto optimizer = around([](Step&) {}, "start_deviation=0.5 " + text, tensors(w.size()));
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

/// Differences of value() against gradient(), both asked by the inner optimizer at one noise.
void expect_derivative(Step& step) {
  Weights v(step.parameters().begin(), step.parameters().end());
  Random(4).at("away").normals(v);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = step.parameters()[i] + 0.3F * v[i];
  const At at{.parameters = v, .draw = 3};
  Weights g(v.size());
  const double value = step.gradient(at, g);
  EXPECT_NEAR(step.value(at), value, 1e-6 * std::abs(value));
  for (std::size_t i = 0; i < v.size(); ++i) {
    constexpr double h = 0.01;  // f32 outputs: a smaller one would measure their rounding
    const float there = v[i];
    v[i] = there + static_cast<float>(h);
    const double above = step.value(at);
    v[i] = there - static_cast<float>(h);
    const double below = step.value(at);
    v[i] = there;
    EXPECT_NEAR(g[i], (above - below) / (2 * h), 2e-3 + 5e-3 * std::abs(g[i])) << i;
  }
}

class Bound : public ::testing::TestWithParam<std::string> {};

TEST_P(Bound, GradientAgainstDifferencesAtFixedNoise) {
  const Scene scene = plugin::conformance::usual_scene(3);
  std::size_t asked = 0;
  const auto optimizer = around(
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
    const auto q = around([&](Step& s) { seen = s.value({.draw = draw}); },
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
      const auto q = around(asks, "prior_variance=1 " + text, tensors(1));
      advance(*q, w, {});
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(refusal([](Step&) {}, "estimate=local"), HasSubstr("write estimate: weights"));
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

}  // namespace
}  // namespace gapbench::test

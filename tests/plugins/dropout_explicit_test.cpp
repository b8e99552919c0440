// Dropout taken apart: its explicit penalty against Srivastava's ridge, enumeration over all masks
// and the Monte Carlo of the probe; the knock-in by its formula and by the covariance of all masks.
#include <gmock/gmock.h>

#include <array>
#include <cmath>

#include "gapbench/error.h"
#include "plugin/conformance/oracle.h"
#include "plugin/conformance/reference.h"
#include "plugins/hand.h"
#include "plugins/noisy_line.h"
#include "plugins/product_problem.h"
#include "plugins/snapshots.h"

namespace gapbench::test {
namespace {

using plugin::conformance::PlainMicroBatch;
using plugin::conformance::Reference;
using plugin::conformance::Vector;
using ::testing::HasSubstr;

struct Answer {
  double value = 0;
  Vector gradient;
};

Answer penalize(const std::string& text, MicroBatch& m) {
  const Component& c = component("regularizers_dropout_explicit");
  const auto regularizer = c.make_regularizer(options(c, text));
  Answer answer{0, Vector(m.dimension())};
  answer.value = regularizer->penalize_micro_batch(m, answer.gradient);
  EXPECT_EQ(regularizer->penalize_micro_batch(m, {}), answer.value);
  return answer;
}

/// Two values of a factor, of mean 1.
struct Two {
  float low;
  float high;
  double share_of_low;
};
Two dropout(double rate) { return {0, static_cast<float>(1 / (1 - rate)), rate}; }
Two around(double deviation) {
  const auto d = static_cast<float>(deviation);
  return {1 - d, 1 + d, 0.5};
}

/// The exact mean of f(micro-batch under the factors) over all ways to give `units` factors their
/// two values, the same for all examples: right for whatever is a mean over examples.
template <class F>
double mean_over_masks(const Problem& problem, const Vector& w,
                       const std::vector<std::uint32_t>& examples, std::size_t units,
                       const Two& two, F f) {
  double mean = 0;
  for (std::size_t mask = 0; mask < std::size_t{1} << units; ++mask) {
    double probability = 1;
    std::vector<float> factors(units);
    for (std::size_t e = 0; e < units; ++e) {
      const bool is_low = (mask >> e & 1U) != 0;
      factors[e] = is_low ? two.low : two.high;
      probability *= is_low ? two.share_of_low : 1 - two.share_of_low;
    }
    const GivenFactors noise(factors);
    PlainMicroBatch m(problem, w, examples, Random(1));
    m.under({}, &noise);
    mean += probability * f(m);
  }
  return mean;
}

// x^2 is 1, 4, 1/4 and 9, 1, 1: on average 5, 5/2, 5/8. At w = (1, -1, 2), rate 1/5, v = 1/4:
// R = v (5 + 5/2 + 5/2) = 5/2, grad R = 2 v w x^2 = (5/2, -5/4, 5/8).
class Ridge : public ::testing::Test {
 protected:
  const NoisyLine problem_{{{{1, 2, 0.5F}, 1}, {{3, -1, 1}, 2}}};
  const Vector w_{1, -1, 2};
  const std::vector<std::uint32_t> both_{0, 1};
};

TEST_F(Ridge, IsSrivastavasOnLinearRegression) {
  PlainMicroBatch m(problem_, w_, both_, Random(1));
  const Answer r = penalize("rate=0.2", m);
  EXPECT_NEAR(r.value, 2.5, 1e-6);
  EXPECT_THAT(r.gradient,
              ::testing::Pointwise(::testing::FloatNear(1e-6F), Vector{2.5F, -1.25F, 0.625F}));
}

// The loss under dropout, over all eight masks of three units, is the loss and the penalty: nothing
// else.
TEST_F(Ridge, IsAllThatDropoutDoesThereOnAverage) {
  for (const double rate : {0.2, 0.5, 0.75}) {
    PlainMicroBatch m(problem_, w_, both_, Random(1));
    const double plain = m.value(m.loss());
    const double dropped = mean_over_masks(problem_, w_, both_, 3, dropout(rate),
                                           [](PlainMicroBatch& b) { return b.value(b.loss()); });
    EXPECT_NEAR(penalize("rate=" + std::to_string(rate), m).value, dropped - plain, 1e-5) << rate;
  }
}

// 1 / (2 r^2) of the squared error's.
TEST_F(Ridge, OfALikelihoodInItsUnits) {
  const NoisyLine problem({{{1, 2, 0.5F}, 1}, {{3, -1, 1}, 2}}, 0.5);
  PlainMicroBatch m(problem, w_, both_, Random(1));
  EXPECT_NEAR(penalize("rate=0.2", m).value, 2 * 2.5, 1e-6);
}

// s = (z - y)^2, ds/df_e = 2 (z - y) w_e x_e; its derivative by w is 2 x w_e x_e + 2 (z - y) x_e at
// e.
TEST_F(Ridge, KnockInByHand) {
  PlainMicroBatch m(problem_, w_, {0}, Random(6));  // z = 0, z - y = -1
  const Answer both = penalize("rate=0.2 knock_in=true", m);
  const Answer without = penalize("rate=0.2", m);
  Random signs = Random(6).at("knock in");
  double value = 0;
  Vector gradient(3);
  const Vector x{1, 2, 0.5F};
  for (std::size_t e = 0; e < 3; ++e) {
    const double u = signs.uniform() < 0.5 ? -0.5 : 0.5;  // sqrt v = 1/2
    value += u * -2 * w_[e] * x[e];
    for (std::size_t k = 0; k < 3; ++k) {
      gradient[k] += static_cast<float>(u * (2 * x[k] * w_[e] * x[e] + (k == e ? -2 * x[e] : 0)));
    }
  }
  EXPECT_NEAR(both.value - without.value, value, 1e-6);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(both.gradient[k] - without.gradient[k], gradient[k], 1e-5) << k;
  }
}

// The gradient's covariance over 4,000 draws of signs against the exact one under factors 1 + d and
// 1 - d, all eight ways for three units: d^2 = v is small, so that the first order is all.
TEST_F(Ridge, KnockInHasTheNoisesCovariance) {
  constexpr double v = 1e-4;
  const std::string rate = "rate=" + std::to_string(v / (1 + v));
  const std::vector<std::uint32_t> one{1};
  const auto gradient = [](PlainMicroBatch& m) {
    Vector g(3);
    m.gradient(m.loss(), g);
    return g;
  };
  PlainMicroBatch still(problem_, w_, one, Random(1));
  const Vector center = gradient(still);
  const Vector calm = penalize(rate, still).gradient;
  constexpr std::size_t draws = 4000;
  std::array<double, 9> found{};
  std::array<double, 3> means{};
  for (std::size_t k = 0; k < draws; ++k) {
    PlainMicroBatch m(problem_, w_, one, Random(100 + k));
    const Vector g = penalize(rate + " knock_in=true", m).gradient;
    for (std::size_t a = 0; a < 3; ++a) {
      means[a] += double{g[a] - calm[a]} / draws;
      for (std::size_t b = 0; b < 3; ++b) {
        found[3 * a + b] += double{g[a] - calm[a]} * (g[b] - calm[b]) / draws;
      }
    }
  }
  for (std::size_t a = 0; a < 3; ++a) {
    EXPECT_NEAR(means[a], 0, 5 * std::sqrt(found[4 * a] / draws)) << a;
    for (std::size_t b = 0; b < 3; ++b) {
      const double exact =
          mean_over_masks(problem_, w_, one, 3, around(std::sqrt(v)), [&](PlainMicroBatch& m) {
            const Vector g = gradient(m);
            return double{g[a] - center[a]} * (g[b] - center[b]);
          });
      EXPECT_NEAR(found[3 * a + b], exact, 0.08 * std::sqrt(found[4 * a] * found[4 * b])) << a << b;
    }
  }
}

// What the probe draws is noise of variance 1/4 (factors 1/2 and 3/2), as dropout of rate 1/5 has
// it.
TEST_F(Ridge, IsWhatTheProbeMeasures) {
  const auto found =
      measure("dropout_regularizer", "micro_batch=2 count=1 draws=4000", problem_, w_, w_);
  EXPECT_NEAR(found.at("regularizer"), 2.5, 5 * found.at("error"));
  EXPECT_LT(found.at("error"), 0.15);
  EXPECT_NEAR(found.at("deviation"), found.at("error") * std::sqrt(4000), 1e-9);
  PlainMicroBatch m(problem_, w_, both_, Random(1));
  EXPECT_EQ(found.at("loss"), m.value(m.loss()));
  EXPECT_EQ(found.size(), 4U);
}

TEST_F(Ridge, OnlyWhereItIsTold) {
  PlainMicroBatch m(problem_, w_, both_, Random(1));
  EXPECT_EQ(penalize("rate=0.2 sites=input", m).value, penalize("rate=0.2", m).value);
  try {
    penalize("rate=0.2 sites=hidden1", m);
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("\"hidden1\" is no noise site; must be all or one of input"));
  }
  EXPECT_EQ(penalize("rate=0", m).value, 0);
}

/// sum over the columns of the Fisher's root: the expectation over labels.
double exact_penalty(MicroBatch& m, double variance) {
  double sum = 0;
  Vector by_factor(m.size() * 4);
  for (std::size_t c = 0; c < 3; ++c) {
    m.noise_gradient(FisherRoot(m.loss(), c), by_factor);
    for (const float x : by_factor) sum += double{x} * x;
  }
  return variance / 2 * sum / static_cast<double>(m.size());
}

class Classifier : public ::testing::Test {
 protected:
  Classifier() : w_(39) {
    problem_.initialize(Random(2), w_);
    for (std::uint32_t i = 0; i < 16; ++i) examples_.push_back(i);
  }
  const Reference problem_;
  Vector w_;
  std::vector<std::uint32_t> examples_;
};

// Factors that stay near 1: the outputs are linear in them, what is left out is of fourth order in
// d.
TEST_F(Classifier, SecondOrderOfTheLossOverAllFactors) {
  PlainMicroBatch m(problem_, w_, examples_, Random(1));
  const double plain = m.value(m.loss());
  constexpr double d = 0.1;
  const double above = mean_over_masks(problem_, w_, examples_, 4, around(d),
                                       [](PlainMicroBatch& b) { return b.value(b.loss()); }) -
                       plain;
  EXPECT_GT(above, 1e-4);
  EXPECT_NEAR(exact_penalty(m, d * d), above, 0.02 * above);
}

// 2,000 labels an example: their mean is known to a few percent.
TEST_F(Classifier, SampledLabelsEstimateIt) {
  PlainMicroBatch m(problem_, w_, examples_, Random(1));
  const double exact = exact_penalty(m, 1);
  EXPECT_NEAR(penalize("rate=0.5 labels=2000", m).value, exact, 0.05 * exact);
  EXPECT_NE(penalize("rate=0.5", m).value, penalize("rate=0.5 labels=2", m).value);
}

// The conformance check has the sampled labels alone.
TEST_F(Classifier, KnockInsGradientIsItsValues) {
  PlainMicroBatch m(problem_, w_, examples_, Random(1));
  const Answer at_w = penalize("rate=0.5 knock_in=true", m);
  Vector v(39);
  Random(8).normal(v);
  const auto moved = [&](float step) {
    Vector there = w_;
    for (std::size_t i = 0; i < there.size(); ++i) there[i] += step * v[i];
    PlainMicroBatch near(problem_, there, examples_, Random(1));
    near.draws_labels_at(w_);
    return penalize("rate=0.5 knock_in=true", near).value;
  };
  double along = 0;
  for (std::size_t i = 0; i < v.size(); ++i) along += double{at_w.gradient[i]} * v[i];
  const double difference = (moved(0.01F) - moved(-0.01F)) / 0.02;
  EXPECT_NEAR(difference, along, 0.02 * std::abs(along) + 1e-3);
}

TEST(DropoutExplicit, NeedsNoiseSites) {
  const ProductProblem problem({{1, 0}});
  PlainMicroBatch m(problem, Vector{1, 1}, {0}, Random(1));
  try {
    penalize("rate=0.5", m);
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("dropout_explicit: needs a network with noise sites"));
  }
}

}  // namespace
}  // namespace gapbench::test

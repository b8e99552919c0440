// Laplace approximations where they are exact: linear models with Gaussian noise, by hand.
#include <gmock/gmock.h>

#include <numbers>

#include "gapbench/error.h"
#include "plugins/laplace.h"
#include "train/line_problem.h"

namespace gapbench::test {
namespace {

using ::testing::HasSubstr;
using testing::Line;
using testing::LineProblem;

using Weights = std::vector<float>;
const double log_two_pi = std::log(2 * std::numbers::pi);

// X = (1, 0; 1, 1), y = (1, 2), r = 1, prior N(0, I): precision (3, 1; 1, 2), covariance (2, -1;
// -1, 3) / 5, mean (4, 3) / 5; y ~ N(0, (2, 1; 1, 3)), of determinant 5 and y^T C^-1 y = 7/5.
class TwoWeights : public ::testing::Test {
 protected:
  const LineProblem problem_{{{{1, 0}, 1}, {{1, 1}, 2}}, {}, 1};
  const Weights best_{0.8F, 0.6F};
  const double evidence_ = -0.7 - std::log(5.0) / 2 - log_two_pi;
};

TEST_F(TwoWeights, FullIsBayesianLinearRegression) {
  const auto posterior = fitted("full", "", problem_, best_);
  EXPECT_THAT(posterior->center(), ::testing::ElementsAreArray(best_));
  for (std::size_t k = 0; k < 5; ++k) {
    EXPECT_NEAR(squared_distance(*posterior, k, Random(3), {3, 1, 1, 2}, 0, 2),
                squared_normals(Random(3), k, 0, 2), 1e-5);
  }
  EXPECT_NEAR(*posterior->log_evidence(), evidence_, 1e-6);
  // Their trace is 1 and |mean|^2 = 1: what is left of the divergence is the determinants'.
  EXPECT_NEAR(posterior->divergence()->nats, std::log(5.0) / 2, 1e-6);
  EXPECT_EQ(posterior->divergence()->choice, 0);
  EXPECT_EQ(posterior->prediction(), Posterior::Prediction::linearized);
  EXPECT_TRUE(posterior->variances().empty());
  EXPECT_FALSE(posterior->noise_deviation());
  // gamma = tr N F P^-1 = (2 2 - 1 1 - 1 1 + 1 3) / 5.
  EXPECT_NEAR(reported(*posterior).at("effective_parameters"), 1, 1e-6);
}

// 20,000 draws: a variance is known to 1 %, here within five of that.
TEST_F(TwoWeights, MomentsOfItsDraws) {
  const auto posterior = fitted("full", "", problem_, best_);
  constexpr std::size_t draws = 20000;
  double moments[5] = {};
  for (std::size_t k = 0; k < draws; ++k) {
    Weights w(2);
    posterior->draw(k, Random(4), w);
    const double x = w[0] - 0.8;
    const double y = w[1] - 0.6;
    const double terms[] = {x, y, x * x, x * y, y * y};
    for (std::size_t i = 0; i < 5; ++i) moments[i] += terms[i] / draws;
  }
  EXPECT_NEAR(moments[0], 0, 5 * std::sqrt(0.4 / draws));
  EXPECT_NEAR(moments[1], 0, 5 * std::sqrt(0.6 / draws));
  EXPECT_NEAR(moments[2], 0.4, 0.05 * 0.4);
  EXPECT_NEAR(moments[3], -0.2, 0.05 * 0.5);
  EXPECT_NEAR(moments[4], 0.6, 0.05 * 0.6);
}

// Precisions 2 + 1 and 1 + 1; the evidence has their product in place of the determinant.
TEST_F(TwoWeights, DiagonalLeavesTheCovarianceOut) {
  const auto posterior = fitted("diagonal", "", problem_, best_);
  ASSERT_EQ(posterior->variances().size(), 2U);
  EXPECT_NEAR(posterior->variances()[0], 1.0 / 3, 1e-6);
  EXPECT_NEAR(posterior->variances()[1], 1.0 / 2, 1e-6);
  EXPECT_NEAR(squared_distance(*posterior, 1, Random(3), {3, 0, 0, 2}, 0, 2),
              squared_normals(Random(3), 1, 0, 2), 1e-5);
  EXPECT_NEAR(*posterior->log_evidence(), evidence_ + (std::log(5.0) - std::log(6.0)) / 2, 1e-6);
}

// r = 1/2 and prior variance 4: precision 4 (2, 1; 1, 1) + I / 4.
TEST_F(TwoWeights, PriorAndDeviationWeighEachOther) {
  const LineProblem sharp({{{1, 0}, 1}, {{1, 1}, 2}}, {}, 0.5);
  const auto posterior = fitted("full", "prior_variance=4", sharp, best_);
  EXPECT_NEAR(squared_distance(*posterior, 0, Random(3), {8.25, 4, 4, 4.25}, 0, 2),
              squared_normals(Random(3), 0, 0, 2), 1e-4);
  const double determinant = 8.25 * 4.25 - 16;
  const double fit = -0.4 * 2 - 2 * std::log(0.5) - log_two_pi;  // squares .04 + .36
  EXPECT_NEAR(*posterior->log_evidence(), fit - std::log(16 * determinant) / 2 - 1 / 8.0, 1e-6);
}

// By the empirical Fisher each example weighs as its squared residual: .2^2 and .6^2.
TEST_F(TwoWeights, EmpiricalFisherByHand) {
  const auto posterior = fitted("full", "fisher=empirical", problem_, best_);
  EXPECT_NEAR(squared_distance(*posterior, 0, Random(3), {1.4, 0.36, 0.36, 1.36}, 0, 2),
              squared_normals(Random(3), 0, 0, 2), 1e-5);
}

// Ten examples x = 1, w* = 2: h = 10, p 4 = 10 / (10 + p), p = (sqrt 110 - 10) / 2.
TEST(LaplaceEvidence, PriorByHand) {
  std::vector<Line> lines(10, Line{{1}, 2});
  const LineProblem problem(lines, {}, 1);
  const auto posterior = fitted("full", "prior=evidence", problem, Weights{2});
  const double p = (std::sqrt(110.0) - 10) / 2;
  EXPECT_NEAR(reported(*posterior).at("prior_variance"), 1 / p, 1e-6);
  EXPECT_NEAR(reported(*posterior).at("effective_parameters"), 10 / (10 + p), 1e-6);
  EXPECT_NEAR(*posterior->log_evidence(), -5 * log_two_pi - (std::log(1 + 10 / p) + 4 * p) / 2,
              1e-5);
  EXPECT_FALSE(posterior->divergence()) << "its prior has seen the data";
}

std::vector<Line> scattered() {
  std::vector<Line> lines;
  Random random(11);
  for (int i = 0; i < 12; ++i) {
    const auto x = static_cast<float>(random.normal());
    lines.push_back({{1, x}, static_cast<float>(0.5 + 2 * x + 0.7 * random.normal())});
  }
  return lines;
}

double evidence_of(double deviation, double prior_variance, std::span<const float> w) {
  const LineProblem problem(scattered(), {}, deviation);
  return *fitted("full", "prior_variance=" + std::to_string(prior_variance), problem, w)
              ->log_evidence();
}

// Whatever deviation the data set has: the same maximum, higher than all around it.
TEST(LaplaceEvidence, NoiseAndPriorAtTheHighest) {
  const Weights w{0.4F, 2.1F};
  std::vector<double> found;
  for (const double given : {0.3, 2.0}) {
    const LineProblem problem(scattered(), {}, given);
    const auto posterior = fitted("full", "prior=evidence noise=evidence", problem, w);
    const double r = posterior->noise_deviation().value();
    const double variance = reported(*posterior).at("prior_variance");
    const double gamma = reported(*posterior).at("effective_parameters");
    EXPECT_NEAR(gamma * variance, 0.4 * 0.4 + 2.1 * 2.1, 1e-4) << "MacKay";
    const double highest = *posterior->log_evidence();
    EXPECT_NEAR(evidence_of(r, variance, w), highest, 1e-3);
    for (const double factor : {0.8, 1.25}) {
      EXPECT_LT(evidence_of(r * factor, variance, w), highest - 0.1);
      EXPECT_LT(evidence_of(r, variance * factor, w), highest - 0.005);
    }
    found.push_back(r);
  }
  EXPECT_NEAR(found[0], found[1], 1e-4);
  EXPECT_GT(found[0], 0.3);
  EXPECT_LT(found[0], 1.2);
}

TEST(LaplaceEvidence, OfTheNoiseUnderAFixedPrior) {
  const LineProblem problem(scattered(), {}, 1);
  const Weights w{0.4F, 2.1F};
  const auto posterior = fitted("full", "noise=evidence prior_variance=3", problem, w);
  const double r = posterior->noise_deviation().value();
  const double highest = *posterior->log_evidence();
  EXPECT_NEAR(reported(*posterior).at("prior_variance"), 3, 1e-12);
  EXPECT_LT(evidence_of(r * 0.8, 3, w), highest - 0.1);
  EXPECT_LT(evidence_of(r * 1.25, 3, w), highest - 0.1);
  // r^2 (N - gamma) is the residual.
  double residual = 0;
  for (const Line& line : scattered()) {
    residual += std::pow(line.y - double{w[0]} - double{w[1]} * line.x[1], 2);
  }
  EXPECT_NEAR(r * r * (12 - reported(*posterior).at("effective_parameters")), residual, 1e-4);
}

std::string refusal(const std::string& structure, const std::string& text, const Problem& problem) {
  try {
    fitted(structure, text, problem, Weights{1, 1});
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST_F(TwoWeights, WhatCannotBeIsRefused) {
  EXPECT_THAT(refusal("full", "largest=1", problem_),
              HasSubstr("laplace_full.largest: is 1, and there are 2 parameters"));
  EXPECT_THAT(refusal("full", "fisher=sampled", problem_),
              HasSubstr("laplace_full.fisher: \"sampled\" draws labels"));
  EXPECT_THAT(refusal("full", "fisher=empirical noise=evidence", problem_),
              HasSubstr("laplace_full.noise: \"evidence\" needs fisher: exact"));
  for (const char* structure : {"kronecker", "last_layer"}) {
    EXPECT_THAT(refusal(structure, "", problem_), HasSubstr("needs a problem with linear layers"));
  }
  const LineProblem squared({{{1, 0}, 1}, {{1, 1}, 2}}, {});
  EXPECT_THAT(refusal("diagonal", "", squared),
              HasSubstr("laplace_diagonal: weighs the loss against a prior"));
}

TEST_F(TwoWeights, KnowsNothingBeforeItIsFitted) {
  const Component& c = component("posteriors_laplace_full");
  const auto posterior = c.make_posterior(options(c, ""), problem_.tensors());
  EXPECT_FALSE(posterior->is_ready());
  EXPECT_FALSE(posterior->log_evidence());
  EXPECT_FALSE(posterior->divergence());
}

}  // namespace
}  // namespace gapbench::test

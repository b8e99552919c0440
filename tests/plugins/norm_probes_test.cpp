// Probes of first order by hand, on z = a b x, and against each other.
#include <gmock/gmock.h>

#include <cmath>

#include "plugin/conformance/reference.h"
#include "plugins/product_problem.h"
#include "plugins/snapshots.h"

namespace gapbench::test {
namespace {

using plugin::conformance::Reference;
using plugin::conformance::Vector;
using Report = std::map<std::string, double>;

TEST(WeightNorm, ByHand) {
  const Reference problem;  // weights [0, 20) and [24, 36), biases between and after
  Vector start(39);
  Vector w(39);
  w[0] = 3;
  w[30] = -4;
  w[21] = 12;
  start[38] = 84;
  const Report expected{{"norm", 13}, {"weight_norm", 5}, {"distance_from_start", 85}};
  EXPECT_EQ(measure("weight_norm", "", problem, w, start), expected);
}

// Examples (x, y) = (1, 0), (1, 1), (1, 2), (1, 3) at (a, b) = (1, 2): gradients 2 r (b, a) with
// r = 2, 1, 0, -1: (8, 4), (4, 2), (0, 0), (-4, -2), their mean (2, 1).
class OnAProduct : public ::testing::Test {
 protected:
  Report report(const std::string& probe, const std::string& text) {
    return measure(probe, text, problem_, w_, w_);
  }

  ProductProblem problem_{{{1, 0}, {1, 1}, {1, 2}, {1, 3}}};
  Vector w_{1, 2};
};

// Distances from the mean: (6, 3), (2, 1), (-2, -1), (-6, -3): 45 + 5 + 5 + 45 = 100, by 4 - 1.
TEST_F(OnAProduct, GradientCovarianceTrace) {
  for (const char* text : {"micro_batch=1 count=4", "micro_batch=1 count=4 estimate=per_example",
                           "micro_batch=2 count=2 estimate=per_example"}) {
    const Report found = report("gradient_covariance_trace", text);
    EXPECT_NEAR(found.at("trace"), 100.0 / 3, 1e-9) << text;
    EXPECT_EQ(found.at("mean_gradient_squared_norm"), 5);
  }
}

// J of the mean output is (b, a) = (2, 1); its square 5 in every direction of one output.
TEST_F(OnAProduct, JacobianNorm) {
  const Report expected{{"average_squared_norm", 5},
                        {"average_squared_norm_error", 0},
                        {"unit_squared_norm", 5},
                        {"unit_squared_norm_error", 0}};
  const Report found = report("jacobian_norm", "micro_batch=2 count=2");
  for (const auto& [name, value] : expected) EXPECT_NEAR(found.at(name), value, 1e-6) << name;
}

TEST_F(OnAProduct, FisherTraceRefusesARegression) {
  EXPECT_THROW(report("fisher_trace", "micro_batch=1 count=2"), Error);
}

// |J|_F^2 / width in expectation over u: 3,000 micro-batches of 1, about 3 % apart.
TEST(JacobianNorm, UnitDirectionsSeeEveryOutput) {
  const Reference problem;
  Vector w(39);
  problem.initialize(Random(5), w);
  const Report found = measure("jacobian_norm", "micro_batch=1 count=3000", problem, w, w);
  plugin::conformance::PlainSnapshot snapshot(problem, w, w);
  double frobenius = 0;
  double average = 0;
  const auto add = [&](MicroBatch& m, std::size_t) {
    for (std::size_t c = 0; c < 4; ++c) {
      Vector u(3, c == 3 ? 1.0F : 0.0F);
      if (c < 3) u[c] = 1;
      Vector g(39);
      m.gradient(Projection(u), g);
      (c == 3 ? average : frobenius) += plugin::conformance::dot(g, g) / 3000;
    }
  };
  snapshot.for_each_micro_batch({.size = 1, .count = 3000, .fixed = true}, add);
  EXPECT_NEAR(found.at("average_squared_norm"), average, 1e-9 * average);
  EXPECT_NEAR(found.at("unit_squared_norm"), frobenius / 3,
              4 * found.at("unit_squared_norm_error"));
  EXPECT_LT(found.at("unit_squared_norm_error"), 0.05 * frobenius / 3);
}

// Both estimates are of the same number: 1 % and 20 % noise.
TEST(GradientCovarianceTrace, EstimatesAgree) {
  const Reference problem;
  Vector w(39);
  problem.initialize(Random(5), w);
  const std::string sample = "micro_batch=16 count=250 estimate=";
  const double single =
      measure("gradient_covariance_trace", sample + "per_example", problem, w, w).at("trace");
  const double grouped =
      measure("gradient_covariance_trace", sample + "micro_batch", problem, w, w).at("trace");
  EXPECT_NEAR(grouped, single, 0.2 * single);
}

}  // namespace
}  // namespace gapbench::test

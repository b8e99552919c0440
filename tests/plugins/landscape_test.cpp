// landscape against the funnel's closed form, and against Euler steps of both flows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "plugins/snapshots.h"

namespace gapbench::test {
namespace {

using plugin::conformance::Vector;
using ::testing::HasSubstr;

class OfFunnel : public ::testing::Test {
 protected:
  std::map<std::string, double> measured(const std::string& text, const Vector& w) const {
    return measure("landscape", text, *problem_, w, start_);
  }

  std::unique_ptr<Problem> problem_ =
      component("problems_funnel")
          .make_problem(options(component("problems_funnel"), "examples=50 noise=0.5 along=true"),
                        Random(3));
  Vector start_{0, 1};
};

/// f = exp(u) v^2 / 2 and what follows from it.
struct Funnel {
  double u, v;

  double value() const { return std::exp(u) * v * v / 2; }
  std::array<double, 2> gradient() const { return {value(), std::exp(u) * v}; }
  /// H g, H = exp(u) [v^2 / 2, v; v, 1].
  std::array<double, 2> curved() const {
    const auto [a, b] = gradient();
    return {std::exp(u) * (v * v / 2 * a + v * b), std::exp(u) * (v * a + b)};
  }
};

// The tilts of the examples have mean 0: the loss is f, wherever training has come to.
TEST_F(OfFunnel, CornersAreAroundTheStart) {
  const auto found = measured("left=2 right=1 below=1.5 above=0.5 columns=4 rows=3", Vector{-5, 7});
  EXPECT_EQ(found.at("drawn_left"), -2);
  EXPECT_EQ(found.at("drawn_right"), 1);
  EXPECT_EQ(found.at("drawn_bottom"), -0.5);
  EXPECT_EQ(found.at("drawn_top"), 1.5);
  EXPECT_EQ(found.size(), 4U + 12U);
  for (int j = 0; j < 3; ++j) {
    for (int i = 0; i < 4; ++i) {
      const Funnel f{-2.0 + i, -0.5 + j};
      const std::string name = "drawn_loss_" + std::to_string(j) + "_" + std::to_string(i);
      EXPECT_NEAR(found.at(name), f.value(), 1e-6) << name;
    }
  }
}

TEST_F(OfFunnel, ArrowsAreThoseOfBothFlows) {
  const double e = 0.4;
  const auto found =
      measured("left=2 right=0 below=1 above=1 columns=2 rows=2 arrows=2 rate=0.4", start_);
  for (int j = 0; j < 2; ++j) {
    for (int i = 0; i < 2; ++i) {
      const Funnel f{-1.5 + i, 0.5 + j};
      const std::string place = "_" + std::to_string(j) + "_" + std::to_string(i) + "_";
      for (const std::size_t axis : {0U, 1U}) {
        const double flow = -f.gradient()[axis];
        const std::string end = place + std::to_string(axis);
        EXPECT_NEAR(found.at("drawn_flow" + end), flow, 1e-6) << end;
        EXPECT_NEAR(found.at("drawn_modified" + end), flow - e / 2 * f.curved()[axis], 1e-6) << end;
      }
    }
  }
  const auto plain = measured("columns=2 rows=2 arrows=1", start_);
  EXPECT_TRUE(plain.contains("drawn_flow_0_0_1"));
  EXPECT_FALSE(plain.contains("drawn_modified_0_0_1"));
}

TEST_F(OfFunnel, ARectangleHasAnExtent) {
  EXPECT_THAT(
      [] {
        try {
          options(component("probes_landscape"), "left=0 right=0");
          component("probes_landscape")
              .make_probe(options(component("probes_landscape"), "left=0 right=0"));
        } catch (const Error& e) {
          return std::string(e.what());
        }
        return std::string();
      }(),
      HasSubstr("no extent"));
}

}  // namespace
}  // namespace gapbench::test

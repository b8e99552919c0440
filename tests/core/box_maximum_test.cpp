// Maxima in boxes, where they are known.
#include "gapbench/box_maximum.h"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

namespace gapbench {
namespace {

using Floats = std::vector<float>;

TEST(BoxMaximum, OfALinearFunctionIsItsCorner) {
  std::size_t evaluations = 0;
  const SmoothFunction f = [&](std::span<const float> y, std::span<float> slope) {
    ++evaluations;
    slope[0] = 3;
    slope[1] = -2;
    return 3.0 * y[0] - 2.0 * y[1] + 7;
  };
  const BoxMaximum m = maximum_in_box(f, Floats{0.5F, 0.25F}, 1);
  EXPECT_EQ(m.start, 7);
  EXPECT_EQ(m.value, 7 + 1.5 + 0.5);
  EXPECT_EQ(evaluations, 2U);
}

// -10 (y0 - 0.3)^2 - (y1 - 2)^2: inside the box in y0, at its edge in y1.
TEST(BoxMaximum, FindsOneInsideAndAtTheEdge) {
  const SmoothFunction f = [](std::span<const float> y, std::span<float> slope) {
    EXPECT_LE(std::abs(y[0]), 1);
    EXPECT_LE(std::abs(y[1]), 1);
    slope[0] = -20 * (y[0] - 0.3F);
    slope[1] = -2 * (y[1] - 2);
    return -10 * std::pow(y[0] - 0.3, 2) - std::pow(y[1] - 2.0, 2);
  };
  EXPECT_NEAR(maximum_in_box(f, Floats{1, 1}, 10).value, -1, 1e-5);
}

// A valley that bends: 12 coupled coordinates, the top inside the box; f = 0 there.
TEST(BoxMaximum, ClimbsACoupledQuadratic) {
  const SmoothFunction f = [](std::span<const float> y, std::span<float> slope) {
    double value = 0;
    std::vector<double> r(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      r[i] = static_cast<double>(i + 1) * (y[i] - 0.1) + (i > 0 ? y[i - 1] - 0.1 : 0);
      value -= r[i] * r[i];
    }
    for (std::size_t i = 0; i < y.size(); ++i) {
      double s = -2 * static_cast<double>(i + 1) * r[i];
      if (i + 1 < y.size()) s -= 2 * r[i + 1];
      slope[i] = static_cast<float>(s);
    }
    return value;
  };
  const BoxMaximum m = maximum_in_box(f, Floats(12, 1), 40);
  EXPECT_LT(m.start, -6);
  EXPECT_NEAR(m.value, 0, 1e-3);
}

TEST(BoxMaximum, LeavesAMinimumWithoutSlope) {
  const SmoothFunction bowl = [](std::span<const float> y, std::span<float> slope) {
    slope[0] = 2 * y[0];
    slope[1] = 8 * y[1];
    return 1.0 * y[0] * y[0] + 4.0 * y[1] * y[1];
  };
  EXPECT_EQ(maximum_in_box(bowl, Floats{1, 0.5F}, 5).value, 2);
}

TEST(BoxMaximum, StaysWhereNothingRises) {
  const SmoothFunction top = [](std::span<const float> y, std::span<float> slope) {
    slope[0] = -2 * y[0];
    return -1.0 * y[0] * y[0];
  };
  const BoxMaximum m = maximum_in_box(top, Floats{1}, 5);
  EXPECT_EQ(m.start, 0);
  EXPECT_EQ(m.value, 0);
}

}  // namespace
}  // namespace gapbench

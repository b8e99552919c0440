// Lines of equal height, and what lies behind paths, by hand.
#include "compare/report/contours.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compare/prepare.h"
#include "compare/report/landscape.h"
#include "compare/report_tree.h"

namespace gapbench::compare {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Ends = std::array<double, 4>;

std::vector<Ends> lines(const Grid& grid, double level) {
  std::vector<Ends> all;
  for (const Contour& c : contours(grid, {level})) {
    all.push_back({c.from[0], c.from[1], c.to[0], c.to[1]});
  }
  return all;
}

// One cell from (0, 0) to (1, 2): corners 0 and 4 below, 0 and 4 above; 1 is a quarter of the way.
TEST(Contours, EndsLieLinearlyBetweenCorners) {
  EXPECT_THAT(lines({{0, 0}, {1, 2}, 2, 2, {0, 4, 0, 4}}, 1), ElementsAre(Ends{0.25, 0, 0.25, 2}));
  EXPECT_THAT(lines({{0, 0}, {1, 2}, 2, 2, {0, 0, 4, 0}}, 1), ElementsAre(Ends{0.75, 2, 0, 0.5}));
}

TEST(Contours, ACellIsPassedTwiceAroundItsMiddle) {
  // High at (0, 0) and (1, 1); the mean is 2.
  const Grid saddle{{0, 0}, {1, 1}, 2, 2, {4, 0, 0, 4}};
  EXPECT_THAT(lines(saddle, 1), ElementsAre(Ends{0.75, 0, 1, 0.25}, Ends{0.25, 1, 0, 0.75}))
      << "the middle is high: the low corners are cut off";
  EXPECT_THAT(lines(saddle, 3), ElementsAre(Ends{0, 0.25, 0.25, 0}, Ends{1, 0.75, 0.75, 1}))
      << "the middle is low: the high corners are cut off";
}

TEST(Contours, NothingWhereNothingIsPassed) {
  const Grid flat{{0, 0}, {1, 1}, 2, 2, {1, 1, 1, 1}};
  EXPECT_THAT(lines(flat, 2), IsEmpty());
  EXPECT_THAT(lines(flat, 1), IsEmpty()) << "a corner at the level is above it";
  EXPECT_THAT(lines({{0, 0}, {1, 1}, 2, 2, {0, NAN, 4, 4}}, 1), IsEmpty());
  EXPECT_THAT(halving_levels(flat, 3), IsEmpty());
}

TEST(Contours, LevelsHalveTheHeight) {
  EXPECT_THAT(halving_levels({{0, 0}, {1, 1}, 2, 2, {1, 9, NAN, 3}}, 3), ElementsAre(5, 3, 2));
}

// x^2 + y^2 on a fine grid: every piece of the line at 1 is on the circle, and they go round it.
TEST(Contours, GoRoundACircle) {
  Grid grid{{-2, -2}, {2, 2}, 81, 81, {}};
  for (int j = 0; j < 81; ++j) {
    for (int i = 0; i < 81; ++i)
      grid.values.push_back(std::pow(i / 20.0 - 2, 2) + std::pow(j / 20.0 - 2, 2));
  }
  double length = 0;
  for (const auto& [x, y, x2, y2] : lines(grid, 1)) {
    EXPECT_NEAR(std::hypot(x, y), 1, 1e-3);
    length += std::hypot(x2 - x, y2 - y);
  }
  EXPECT_NEAR(length, 2 * std::acos(-1.0), 0.01);
}

/// The section of a tree whose trials have two parameters and a landscape of 3 x 2 corners and 2 x 2
/// arrows: the loss is its column, the flow (-1, 0), the modified one (-1, -2).
class LandscapeOfRecords : public ::testing::Test {
 protected:
  std::optional<Landscape> found(std::uint64_t dimension) {
    test::write_landscape(root_, dimension);
    prepared_ = prepare(records::read_records({root_.path()}), {}, true);
    return landscape_of(prepared_.all.sections.at(0));
  }

  test::TemporaryFolder root_;
  Prepared prepared_;
};

TEST_F(LandscapeOfRecords, IsReadFromTheFirstTrial) {
  const auto landscape = found(2);
  ASSERT_TRUE(landscape);
  EXPECT_EQ(landscape->loss.columns, 3U);
  EXPECT_EQ(landscape->loss.rows, 2U);
  EXPECT_THAT(landscape->loss.values, ElementsAre(0, 1, 2, 0, 1, 2));
  EXPECT_THAT(landscape->loss.low, ElementsAre(-4, 0));
  EXPECT_THAT(landscape->loss.high, ElementsAre(0, 1));
  ASSERT_EQ(landscape->arrows.size(), 8U);
  // A part is 2 wide and 1/2 high: (-1, -2) is (1/2, 4) of them, and becomes 0.9 of hypot(1/2, 4).
  const double scale = 0.9 / std::hypot(0.5, 4.0);
  const Arrow& flow = landscape->arrows[3];
  EXPECT_EQ(flow.field, "flow");
  EXPECT_THAT(flow.from, ElementsAre(-1, 0.75));
  EXPECT_NEAR(flow.to[0], -1 - scale, 1e-12);
  EXPECT_EQ(flow.to[1], 0.75);
  const Arrow& modified = landscape->arrows[4];
  EXPECT_EQ(modified.field, "modified");
  EXPECT_THAT(modified.from, ElementsAre(-3, 0.25));
  EXPECT_NEAR(modified.to[1], 0.25 - 2 * scale, 1e-12);
}

TEST_F(LandscapeOfRecords, OfTwoParametersAlone) { EXPECT_FALSE(found(3)); }

}  // namespace
}  // namespace gapbench::compare

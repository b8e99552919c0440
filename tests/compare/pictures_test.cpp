// Pictures of theory: their lines from records, by hand.
#include "compare/report/pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compare/prepare.h"
#include "compare/report/chart_numbers.h"
#include "compare/report/report.h"
#include "compare/report_tree.h"

namespace gapbench::compare {
namespace {

using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// S = [4, 2; 2, 3], whose inverse is [3, -2; -2, 4] / 8.
TEST(Pictures, AnEllipseIsOneDeviationAway) {
  const Points points = ellipse(4, 2, 3);
  ASSERT_EQ(points.size(), 61U);
  for (const auto& [x, y] : points) EXPECT_NEAR((3 * x * x - 4 * x * y + 4 * y * y) / 8, 1, 1e-12);
  EXPECT_EQ(points.front(), points.back());
  EXPECT_EQ(points.front(), (std::array<double, 2>{2, 1}));
  EXPECT_NEAR(points[15][1], std::sqrt(2.0), 1e-12) << "a quarter further";
  for (const auto& [x, y] : ellipse(0, 0, 4)) EXPECT_EQ(x, 0);  // a line
}

TEST(Pictures, MeansGoAsFarAsTheShortest) {
  EXPECT_THAT(mean_line({{{0, 1}, {2, 3}, {9, 9}}, {{2, 3}, {4, 7}}}),
              ElementsAre(ElementsAre(1, 2), ElementsAre(3, 5)));
  EXPECT_TRUE(mean_line({}).empty());
}

TEST(Pictures, ThinningKeepsTheEnds) {
  EXPECT_THAT(thinned(5, 3), ElementsAre(0, 2, 4));
  EXPECT_THAT(thinned(3, 100), ElementsAre(0, 1, 2));
  EXPECT_THAT(thinned(1, 100), ElementsAre(0));
}

class PicturesOfRecords : public ::testing::Test {
 protected:
  PicturesOfRecords() {
    test::write_pictures(root_);
    prepared_ = prepare(records::read_records({root_.path()}), {}, true);
    std::vector<records::BrokenRecord> broken;
    pictures_ = pictures_of(prepared_.all.sections.at(0), read_histories(prepared_.all, broken));
  }

  TemporaryFolder root_;
  Prepared prepared_;
  std::vector<Picture> pictures_;
};

TEST_F(PicturesOfRecords, Paths) {
  ASSERT_EQ(pictures_.size(), 3U) << "no relative profile was measured";
  const Picture& paths = pictures_[0];
  ASSERT_EQ(paths.lines.size(), 4U);
  EXPECT_EQ(paths.lines[1].name, "seed 2");
  EXPECT_EQ(paths.lines[1].points.back(), (std::array<double, 2>{-6, 0}));
  EXPECT_EQ(paths.lines[3].look, Look::mean);
  EXPECT_EQ(paths.lines[3].points.front(), (std::array<double, 2>{0, 1}));
  EXPECT_EQ(paths.lines[3].points[1][0], -2);  // of -1, -2 and -3
}

// The measured covariances are 1, 2 and 3 times diag(4, 1), the predictions 2 times.
TEST_F(PicturesOfRecords, EllipsesHaveTheMeanOfCovariances) {
  const Picture& ellipses = pictures_[1];
  ASSERT_EQ(ellipses.lines.size(), 6U);
  EXPECT_EQ(ellipses.lines[2].points[0][0], std::sqrt(12.0));
  EXPECT_EQ(ellipses.lines[3].name, "mean over 3 seeds");
  EXPECT_EQ(ellipses.lines[3].points, ellipse(8, 0, 2));
  EXPECT_EQ(ellipses.lines[4].look, Look::dashed);
  EXPECT_EQ(ellipses.lines[4].points, ellipse(8, 0, 2));
  EXPECT_EQ(ellipses.lines[5].look, Look::dotted);
}

TEST_F(PicturesOfRecords, Profiles) {
  const Picture& profiles = pictures_[2];
  EXPECT_EQ(profiles.name, "w + s e");
  EXPECT_THAT(profiles.lines.at(3).points,
              ElementsAre(ElementsAre(-0.5, 2), ElementsAre(0, 0), ElementsAre(0.5, 2)));
  EXPECT_EQ(to_json(profiles)["lines"][0]["points"].dump(), "[[-0.5,1.0],[0.0,0.0],[0.5,1.0]]");
}

TEST_F(PicturesOfRecords, WhatIsDrawnIsNoColumn) {
  const std::string page = report(records::read_records({root_.path()}), {});
  const std::string tables = page.substr(0, page.find("id=\"data\""));
  EXPECT_THAT(tables, HasSubstr("loss_profile.rise"));
  EXPECT_THAT(tables, HasSubstr("<h3>Sharp and flat</h3>"));
  EXPECT_THAT(page, Not(HasSubstr("drawn_")));
}

}  // namespace
}  // namespace gapbench::compare

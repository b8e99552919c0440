// Slopes in logarithms against what makes rows, by hand.
#include "compare/sections/slopes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compare/compare.h"
#include "compare/prepare.h"
#include "core/temporary_folder.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using test::some_record;
using ::testing::HasSubstr;
using ::testing::Not;

// log y = 2 log x + c; and (0, 0), (1, 3), (2, 3) in logarithms of 2: slope 3 / 2.
TEST(Slopes, OfALineInLogarithms) {
  EXPECT_NEAR(*log_slope({1, 10, 100}, {7, 700, 70000}), 2, 1e-12);
  EXPECT_NEAR(*log_slope({1, 2, 4}, {1, 8, 8}), 1.5, 1e-12);
  EXPECT_FALSE(log_slope({1, 2, 4}, {1, 0, 8}));
  EXPECT_FALSE(log_slope({1, 2, 4}, {1, -1, 8}));
  EXPECT_FALSE(log_slope({0, 2, 4}, {1, 1, 8}));
  EXPECT_FALSE(log_slope({2, 2}, {1, 8}));
  EXPECT_FALSE(log_slope({1, 2, 4}, {1, 2}));
}

class SlopesOfRecords : public ::testing::Test {
 protected:
  /// A probe that is `scale` width^power, for widths 1, 10 and 100.
  void add(std::uint64_t seed, double scale, double power, std::size_t widths = 3) {
    double width = 1;
    for (std::size_t i = 0; i < widths; ++i) {
      records::Record r = some_record("sgd", seed, "aaaa" + std::to_string(number_++));
      r.settings["network.width"] = static_cast<std::int64_t>(width);
      r.outcome.final->probes = {{"ntk", "change", scale * std::pow(width, power), ""}};
      test::write_record(root_.path(), r);
      width *= 10;
    }
  }

  records::Records read() const { return records::read_records({root_.path()}); }
  CompareOptions options(Format format = Format::markdown) const {
    CompareOptions o;
    o.format = format;
    o.rows = {"network.width"};
    return o;
  }

  test::TemporaryFolder root_;
  int number_ = 1000;
};

const Slope* of_change(const std::vector<Slope>& all) {
  const auto found = std::ranges::find(all, "probe.ntk.change", &Slope::metric);
  return found == all.end() ? nullptr : &*found;
}

// Slopes -1/2 and -1, whatever the scales: mean -3/4, half width 12.706 * 0.35355 / sqrt(2).
TEST_F(SlopesOfRecords, AreOneASeed) {
  add(1, 5, -0.5);
  add(2, 9, -1);
  add(3, 1, 4, 2);  // has not all widths
  const Prepared prepared = prepare(read(), options(), true);
  const std::vector<Slope> all = slopes_of(prepared.all.sections.at(0));
  const Slope* slope = of_change(all);
  ASSERT_NE(slope, nullptr);
  EXPECT_EQ(slope->method, "sgd");
  EXPECT_EQ(slope->key, "network.width");
  EXPECT_EQ(slope->values, 3U);
  EXPECT_EQ(slope->seeds, 2U);
  EXPECT_NEAR(slope->mean, -0.75, 1e-12);
  EXPECT_NEAR(slope->interval->low, -0.75 - 3.1766, 1e-3);
  EXPECT_NEAR(slope->interval->high, -0.75 + 3.1766, 1e-3);
}

TEST_F(SlopesOfRecords, StandOnThePageAndInJson) {
  add(1, 5, -0.5);
  add(2, 9, -1);
  const std::string page = compare(read(), options());
  EXPECT_THAT(page, HasSubstr("| sgd | ntk.change | 3 | 2 | -0.75 [-3.93, +2.43] |"));
  const auto json = nlohmann::json::parse(compare(read(), options(Format::json)));
  bool found = false;
  for (const auto& s : json["sections"][0]["slopes"])
    found = found || s["metric"] == "probe.ntk.change";
  EXPECT_TRUE(found);
}

TEST_F(SlopesOfRecords, NeedThreeValuesOfWhatMakesRows) {
  add(1, 5, -0.5, 2);
  EXPECT_THAT(compare(read(), options()), Not(HasSubstr("d log metric")));
  add(2, 5, -0.5, 3);
  EXPECT_THAT(compare(read(), {}), Not(HasSubstr("d log metric"))) << "widths are sections";
}

}  // namespace
}  // namespace gapbench::compare

#include "compare/statistics/uniform.h"

#include <gtest/gtest.h>

#include <vector>

namespace gapbench::compare {
namespace {

std::vector<std::string> texts(const std::vector<Statistic>& column, Style style) {
  const UniformStyle uniform(column, style);
  std::vector<std::string> all;
  for (const Statistic& value : column) all.push_back(uniform.text(value));
  return all;
}

using Texts = std::vector<std::string>;

TEST(UniformStyle, OnePrefixAndItsDecimalsForAll) {
  EXPECT_EQ(texts({{8e5, 0, 5}, {3e5, 0, 5}, {1.511e6, 8e3, 5}}, Style::prefixed),
            (Texts{"0.800 M", "0.300 M", "1.511 ± 0.008 M"}));
  EXPECT_EQ(texts({{10.2e12, 0, 5}, {38.4e12, 0, 5}}, Style::prefixed),
            (Texts{"10.2 T", "38.4 T"}));
  EXPECT_EQ(texts({{27, 0, 1}, {300, 0, 1}}, Style::prefixed), (Texts{"27", "300"}));
  EXPECT_EQ(texts({{0, 0, 1}}, Style::prefixed), (Texts{"0"}));
}

// What would read as 0 keeps its own digits.
TEST(UniformStyle, NothingIsRoundedAway) {
  EXPECT_EQ(texts({{12, 0, 1}, {3e12, 0, 1}}, Style::prefixed), (Texts{"12", "3.000 T"}));
}

TEST(UniformStyle, SecondsHaveTheDecimalsOfTheSmallest) {
  EXPECT_EQ(texts({{215, 42, 5}, {42.64, 2.2, 5}}, Style::three_digits),
            (Texts{"215.0 ± 42.0", "42.6 ± 2.2"}));
  EXPECT_EQ(texts({{1234, 1, 2}, {1.234, 0.1, 2}}, Style::three_digits),
            (Texts{"1234.00 ± 1.00", "1.23 ± 0.10"}));
}

TEST(UniformStyle, OthersHaveTheirDecimalsAlready) {
  EXPECT_EQ(texts({{71.2, 0.346, 3}, {0.2, 0, 1}}, Style::two_decimals),
            (Texts{"71.20 ± 0.35", "0.20"}));
  EXPECT_EQ(texts({{0.8, 0.001, 2}, {1e-9, 0, 1}}, Style::loss),
            (Texts{"0.8000 ± 0.0010", "1.000e-09"}));
}

TEST(Decimals, ShowTwoDigitsOfTheNarrowestInterval) {
  const std::vector<double> differences{2.3, -0.2};
  EXPECT_EQ(decimals_of(differences, std::vector<Interval>{{1, 3}, {-0.3, 0.3}}), 2);  // ± 0.3
  EXPECT_EQ(decimals_of(differences, std::vector<Interval>{{-12, 12}}), 0);
  EXPECT_EQ(decimals_of(differences, {}), 3);  // of 0.2
  EXPECT_EQ(decimals_of({}, {}), 0);
  EXPECT_EQ(decimals_of(differences, std::vector<Interval>{{0, 1e-12}}), 6);
}

TEST(Decimals, Signed) {
  EXPECT_EQ(signed_fixed(1.64, 3), "+1.640");
  EXPECT_EQ(signed_fixed(-0.0902, 2), "-0.09");
  EXPECT_EQ(signed_fixed(0.001, 2), "0.00");
  EXPECT_EQ(signed_fixed(-0.001, 2), "0.00");
  EXPECT_EQ(signed_fixed(0, 1), "0.0");
}

}  // namespace
}  // namespace gapbench::compare

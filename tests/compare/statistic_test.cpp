#include "compare/statistics/statistic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gapbench::compare {
namespace {

TEST(Statistic, ByHand) {
  const std::vector<double> values{2, 4, 4, 4, 5, 5, 7, 9};  // mean 5, squares sum to 32
  const auto s = statistic(values);
  EXPECT_EQ(s->mean, 5);
  EXPECT_EQ(s->deviation, std::sqrt(32.0 / 7));
  EXPECT_EQ(s->n, 8U);
  EXPECT_FALSE(statistic({}));
  EXPECT_EQ(statistic(std::vector<double>{3})->deviation, 0);
}

TEST(Statistic, TwoPassesKeepSmallSpreadsOfLargeNumbers) {
  const std::vector<double> values{1e9 + 1, 1e9 + 2, 1e9 + 3};
  EXPECT_EQ(statistic(values)->mean, 1e9 + 2);
  EXPECT_EQ(statistic(values)->deviation, 1);  // the one-pass formula loses this
}

std::string text(double mean, Style style) { return to_text(Statistic{mean, 0, 1}, style); }

TEST(Text, Styles) {
  EXPECT_EQ(to_text(Statistic{71.2, 0.346, 3}, Style::two_decimals), "71.20 ± 0.35");
  EXPECT_EQ(text(71.2, Style::two_decimals), "71.20");
  EXPECT_EQ(text(-0.001, Style::two_decimals), "0.00");
  EXPECT_EQ(text(-0.01, Style::two_decimals), "-0.01");
  EXPECT_EQ(to_text(Statistic{0.8, 0.00126, 2}, Style::loss), "0.8000 ± 0.0013");
  EXPECT_EQ(text(0.00012, Style::loss), "1.200e-04");
  EXPECT_EQ(to_text(Statistic{12345, 10, 2}, Style::loss), "1.234e+04 ± 1.0e+01");
  EXPECT_EQ(text(0, Style::loss), "0.0000");
  EXPECT_EQ(text(1.234, Style::three_digits), "1.23");
  EXPECT_EQ(text(9.996, Style::three_digits), "10.0");
  EXPECT_EQ(to_text(Statistic{12.34, 0.26, 2}, Style::three_digits), "12.3 ± 0.3");
  EXPECT_EQ(text(1234.4, Style::three_digits), "1234");
}

TEST(Text, Prefixes) {
  EXPECT_EQ(text(0, Style::prefixed), "0");
  EXPECT_EQ(text(999, Style::prefixed), "999");
  EXPECT_EQ(text(2.5, Style::prefixed), "2.50");
  EXPECT_EQ(text(1000, Style::prefixed), "1.00 k");
  EXPECT_EQ(text(1.2e6, Style::prefixed), "1.20 M");
  EXPECT_EQ(text(999999, Style::prefixed), "1.00 M");
  EXPECT_EQ(text(45.67e9, Style::prefixed), "45.7 G");
  EXPECT_EQ(text(8e12, Style::prefixed), "8.00 T");
  EXPECT_EQ(text(123.4e15, Style::prefixed), "123 P");
  EXPECT_EQ(to_text(Statistic{1.2e6, 0, 5}, Style::prefixed), "1.20 M");
  EXPECT_EQ(to_text(Statistic{1.2e6, 3e4, 5}, Style::prefixed), "1.20 ± 0.03 M");
}

TEST(Text, ExactReadsBack) {
  EXPECT_EQ(exact(0.1), "0.1");
  EXPECT_EQ(std::stod(exact(0.1 + 0.2)), 0.1 + 0.2);
  EXPECT_EQ(exact(std::numeric_limits<double>::quiet_NaN()), "nan");
}

}  // namespace
}  // namespace gapbench::compare

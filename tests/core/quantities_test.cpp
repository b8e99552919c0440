// Times and sizes as people write them.
#include "core/quantities.h"

#include <gtest/gtest.h>

namespace gapbench {
namespace {

TEST(Quantities, Times) {
  EXPECT_EQ(seconds_in("90s"), 90);
  EXPECT_EQ(seconds_in("10m"), 600);
  EXPECT_EQ(seconds_in("2h"), 7200);
  EXPECT_EQ(seconds_in("0.25"), 0.25);
  EXPECT_EQ(seconds_in("1e3s"), 1000);
  EXPECT_EQ(seconds_in("1e10"), 1e10);
  for (const char* wrong : {"", "s", "0", "-1s", "nan", "inf", "infs", "1e11", "1e300h", "10 m",
                            "10d", "10ms", "1h30m", " 10", "+10", "0x10"}) {
    EXPECT_EQ(seconds_in(wrong), std::nullopt) << wrong;
  }
}

TEST(Quantities, Sizes) {
  EXPECT_EQ(bytes_in("1"), 1U);
  EXPECT_EQ(bytes_in("512M"), std::uint64_t{512} << 20);
  EXPECT_EQ(bytes_in("1.5G"), std::uint64_t{3} << 29);
  EXPECT_EQ(bytes_in("1T"), std::uint64_t{1} << 40);
  for (const char* wrong :
       {"", "G", "0", "0.5", "-1", "nan", "inf", "infK", "1e19", "4GB", "4Gi", "4 G", "4g", "1P"}) {
    EXPECT_EQ(bytes_in(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace gapbench

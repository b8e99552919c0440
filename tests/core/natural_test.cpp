#include "core/natural.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gapbench {
namespace {

TEST(Natural, DigitsCountAsNumbers) {
  std::vector<std::string> names{"probe_18", "probe_2", "probe", "probe_19",
                                 "a10b2",    "a10b10",  "a9",    "probe_02"};
  std::ranges::sort(names, NaturalLess());
  EXPECT_EQ(names, (std::vector<std::string>{"a9", "a10b2", "a10b10", "probe", "probe_02",
                                             "probe_2", "probe_18", "probe_19"}));
}

TEST(Natural, IsAnOrder) {
  const std::vector<std::string> names{"", "0", "00", "1", "01", "a", "a0", "a00", "b", "a1", "1a"};
  const NaturalLess less;
  for (const auto& x : names) {
    EXPECT_FALSE(less(x, x));
    for (const auto& y : names) {
      EXPECT_EQ(x != y, less(x, y) != less(y, x)) << x << " " << y;
      for (const auto& z : names) {
        EXPECT_TRUE(!(less(x, y) && less(y, z)) || less(x, z)) << x << " " << y << " " << z;
      }
    }
  }
}

TEST(Natural, LongRunsDoNotOverflow) {
  EXPECT_TRUE(NaturalLess()("x99999999999999999999998", "x99999999999999999999999"));
}

}  // namespace
}  // namespace gapbench

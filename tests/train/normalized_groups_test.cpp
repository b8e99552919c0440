// Left-over examples under batch normalization, by hand.
#include "train/normalized_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gapbench/error.h"

namespace gapbench::train {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(NormalizedGroups, AreWhatIsLeft) {
  EXPECT_EQ(smallest_group(50000, 128, 32, 0), 16U);  // 50000 = 390 * 128 + 80, 80 = 2 * 32 + 16
  EXPECT_EQ(smallest_group(128, 128, 32, 0), 32U);
  EXPECT_EQ(smallest_group(129, 128, 32, 0), 1U);
  EXPECT_EQ(smallest_group(130, 128, 128, 0), 2U);
  EXPECT_EQ(smallest_group(1000, 100, 30, 0), 10U);  // 100 = 3 * 30 + 10
  EXPECT_EQ(smallest_group(64, 64, 1, 0), 1U);
  EXPECT_EQ(smallest_group(64, 64, 64, 16), 16U);
  EXPECT_EQ(smallest_group(64, 64, 64, 21), 1U);  // 64 = 3 * 21 + 1
  EXPECT_EQ(smallest_group(20, 100, 32, 0), 20U);
}

TrialSettings settings(std::size_t batch, std::size_t micro_batch) {
  TrialSettings s;
  s.batch = batch;
  s.micro_batch = micro_batch;
  return s;
}

TEST(NormalizedGroups, OfOneExampleAreRefused) {
  try {
    require_groups(settings(128, 0), 129);
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), AllOf(HasSubstr("batch: 129 training examples in batches of 128 and "
                                          "micro-batches of 32 leave one example by itself"),
                                HasSubstr("norm: group")));
  }
  EXPECT_THROW(require_groups(settings(1, 0), 64), Error);
}

TEST(NormalizedGroups, OfAFewAreNoted) {
  EXPECT_THAT(require_groups(settings(128, 128), 130),
              ElementsAre(HasSubstr("130 training examples in batches of 128 and micro-batches of "
                                    "128 leave 2 to batch normalization by themselves")));
  EXPECT_THAT(require_groups(settings(128, 128), 135), ElementsAre(HasSubstr("leave 7 to")));
  EXPECT_THAT(require_groups(settings(128, 128), 136), IsEmpty());
  TrialSettings ghost = settings(64, 64);
  ghost.network.options["ghost"] = std::int64_t{4};
  EXPECT_THAT(require_groups(ghost, 64), ElementsAre(HasSubstr("leave 4 to")));
}

}  // namespace
}  // namespace gapbench::train

#include "train/draws.h"

#include <gtest/gtest.h>

namespace gapbench::train {
namespace {

TEST(Draws, AreWrittenAsTheyAreRead) {
  EXPECT_EQ(draws_text(1), "seed");
  EXPECT_EQ(draws_text(12), "seed/12");
  EXPECT_EQ(seeds_per_draw_of("seed"), 1U);
  EXPECT_EQ(seeds_per_draw_of("seed/1"), 1U);
  EXPECT_EQ(seeds_per_draw_of("seed/12"), 12U);
  for (const char* other : {"", "see", "seeds", "seed/", "seed/0", "seed/-1", "seed/ 2", "seed/2x",
                            "seed/2.5", "seed/99999999999999999999", "3"}) {
    EXPECT_FALSE(seeds_per_draw_of(other)) << other;
  }
}

TEST(Draws, SeedsInTurnShareOne) {
  for (const std::uint64_t seed : {1, 2, 3}) EXPECT_EQ(draw_of(seed, 3), 1U) << seed;
  for (const std::uint64_t seed : {4, 5, 6}) EXPECT_EQ(draw_of(seed, 3), 2U) << seed;
  EXPECT_EQ(draw_of(0, 3), 0U);
  EXPECT_EQ(draw_of(7, 1), 7U);
  EXPECT_EQ(draw_of(~std::uint64_t{0}, 2), std::uint64_t{1} << 63U);
}

}  // namespace
}  // namespace gapbench::train

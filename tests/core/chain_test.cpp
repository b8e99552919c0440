// The chain by hand, and averages that end at 0.
#include "gapbench/chain.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/state.h"
#include "gapbench/error.h"
#include "gapbench/numeric.h"
#include "gapbench/optimizer.h"

namespace gapbench {
namespace {

using testing::ElementsAre;

Chain chain(std::int64_t burn_in, std::int64_t every, std::int64_t capacity) {
  static const std::vector<TensorInfo> tensors{{"w", TensorKind::weight, {1}, 0, 1}};
  return {Options::resolve("chain", Chain::options,
                           {{"burn_in", burn_in}, {"every", every}, {"capacity", capacity}}),
          tensors};
}

// After step k the point is (k).
void walk(Chain& c, int from, int to) {
  for (int k = from; k <= to; ++k) c.offer(std::vector<float>{static_cast<float>(k)});
}

std::vector<float> states(const Chain& c) {
  std::vector<float> all;
  for (std::size_t k = 0; k < c.size(); ++k) {
    std::vector<float> w(1);
    c.draw(k, Random(0), w);
    all.push_back(w[0]);
  }
  return all;
}

TEST(Chain, KeepsEveryThirdAfterTheBurnIn) {
  Chain c = chain(2, 3, 8);
  walk(c, 1, 4);
  EXPECT_FALSE(c.is_ready());
  walk(c, 5, 14);
  EXPECT_TRUE(c.is_ready());
  EXPECT_THAT(states(c), ElementsAre(5, 8, 11, 14));
}

// Full at 4: 2, 4 stay and every becomes 2; full again at 8: 4, 8; then 12, 16.
TEST(Chain, ThinsByDoublingAndSpansTheWhole) {
  Chain c = chain(0, 1, 4);
  walk(c, 1, 3);
  EXPECT_THAT(states(c), ElementsAre(1, 2, 3));
  walk(c, 4, 4);
  EXPECT_THAT(states(c), ElementsAre(2, 4));
  walk(c, 5, 7);
  EXPECT_THAT(states(c), ElementsAre(2, 4, 6));
  walk(c, 8, 8);
  EXPECT_THAT(states(c), ElementsAre(4, 8));
  walk(c, 9, 15);
  EXPECT_THAT(states(c), ElementsAre(4, 8, 12));
}

// An odd capacity keeps equal distances, too: 1 2 3 -> 2; 4 -> 2 4; 6 -> 4.
TEST(Chain, OddCapacitiesStayEquallyFarApart) {
  Chain c = chain(0, 1, 3);
  walk(c, 1, 5);
  EXPECT_THAT(states(c), ElementsAre(2, 4));
  walk(c, 6, 8);
  EXPECT_THAT(states(c), ElementsAre(4, 8));
}

TEST(Chain, GoesOnFromACheckpoint) {
  Chain whole = chain(1, 2, 4);
  Chain before = chain(1, 2, 4);
  walk(whole, 1, 23);
  walk(before, 1, 10);
  StateWriter writer("chain");
  before.archive(writer);
  const std::string blob = writer.blob();
  Chain after = chain(1, 2, 4);
  StateReader reader("chain", blob);
  after.archive(reader);
  reader.finish();
  walk(after, 11, 23);
  EXPECT_EQ(states(after), states(whole));
}

TEST(Chain, SaysWhatItDoesNotHave) {
  Chain c = chain(5, 1, 4);
  std::vector<float> w(1);
  EXPECT_THROW(c.draw(0, Random(0), w), Error);
  std::vector<float> two(2);
  EXPECT_THROW(c.offer(two), Error);
}

// 0.9^k leaves the normal numbers at k = 830: from there on the average is 0.
TEST(Average, EndsAtZeroAndNotInSubnormals) {
  float v = 1;
  for (int k = 0; k < 900; ++k) {
    const float plain = 0.9F * v;
    v = normal_or_zero(plain);
    const bool subnormal = plain != 0 && plain < std::numeric_limits<float>::min();
    EXPECT_EQ(v, subnormal ? 0 : plain) << k;
  }
  EXPECT_EQ(v, 0);
  EXPECT_EQ(normal_or_zero(-std::numeric_limits<float>::min()), -std::numeric_limits<float>::min());
  EXPECT_EQ(normal_or_zero(-std::numeric_limits<float>::denorm_min()), 0);
  EXPECT_TRUE(std::isnan(normal_or_zero(NAN)));
  EXPECT_EQ(normal_or_zero(-INFINITY), -INFINITY);
}

}  // namespace
}  // namespace gapbench

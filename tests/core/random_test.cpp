// Random numbers: known answers, keys, and the moments of what is drawn.
#include "gapbench/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <set>
#include <vector>

namespace gapbench {
namespace {

__extension__ using Wide = unsigned __int128;

// Philox4x64-10 as the paper's figure 2 has it, in the plainest way.
std::array<std::uint64_t, 4> philox(std::array<std::uint64_t, 2> key,
                                    std::array<std::uint64_t, 4> c) {
  for (int round = 0; round < 10; ++round) {
    const Wide a = Wide{0xD2E7470EE14C6C93} * c[0];
    const Wide b = Wide{0xCA5A826395121157} * c[2];
    c = {static_cast<std::uint64_t>(b >> 64) ^ c[1] ^ key[0], static_cast<std::uint64_t>(b),
         static_cast<std::uint64_t>(a >> 64) ^ c[3] ^ key[1], static_cast<std::uint64_t>(a)};
    key = {key[0] + 0x9E3779B97F4A7C15, key[1] + 0xBB67AE8584CAA73B};
  }
  return c;
}

// From Random123's kat_vectors: philox4x64, 10 rounds.
TEST(Random, ThePlainPhiloxGivesTheKnownAnswers) {
  using Four = std::array<std::uint64_t, 4>;
  EXPECT_EQ(philox({0, 0}, {0, 0, 0, 0}),
            (Four{0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}));
  EXPECT_EQ(
      philox({0x452821e638d01377, 0xbe5466cf34e90c6c},
             {0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89}),
      (Four{0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}));
}

TEST(Random, TheFirstBlockOfSeedZeroIsTheKnownAnswer) {
  Random r(0);
  EXPECT_EQ(r.bits(), 0x16554d9eca36314cU);
  EXPECT_EQ(r.bits(), 0xdb20fe9d672d0fdcU);
  EXPECT_EQ(r.bits(), 0xd7e772cee186176bU);
  EXPECT_EQ(r.bits(), 0x7e68b68aec7ba23bU);
}

TEST(Random, TheSeedIsTheKeyAndTheCounterCountsBlocks) {
  Random r(77);
  for (std::uint64_t block = 0; block < 3; ++block) {
    for (const std::uint64_t expected : philox({77, 0}, {block, 0, 0, 0})) {
      EXPECT_EQ(r.bits(), expected);
    }
  }
}

// The purpose enters by FNV-1a, whose value for "a" is published: af63dc4c8601ec8c.
TEST(Random, ADerivedKeyIsPhiloxOfPurposeAndNumbers) {
  const auto words = philox({5, 0}, {0xaf63dc4c8601ec8c, 7, 9, 1});
  Random derived = Random(5).at("a", 7, 9);
  EXPECT_EQ(derived.bits(), philox({words[0], words[1]}, {0, 0, 0, 0})[0]);
}

TEST(Random, StreamsOfDifferentKeysDiffer) {
  const Random root(1);
  std::set<std::uint64_t> first;
  for (Random r : {root, Random(2), root.at("a"), root.at("b"), root.at("a", 1), root.at("a", 0, 1),
                   root.at("a", 1, 1), root.at("a").at("b"), root.at("b").at("a"), root.at("")}) {
    first.insert(r.bits());
  }
  EXPECT_EQ(first.size(), 10U);
}

TEST(Random, DerivingUsesTheKeyNotThePosition) {
  Random r(3);
  const std::uint64_t before = r.at("x").bits();
  r.bits();
  EXPECT_EQ(r.at("x").bits(), before);
}

TEST(Random, ACopyGoesOnFromThePosition) {
  Random r(4);
  r.bits();
  Random copy = r;
  for (int i = 0; i < 9; ++i) EXPECT_EQ(copy.bits(), r.bits());
}

TEST(Random, UniformIsInTheUnitIntervalWithItsMoments) {
  Random r(5);
  constexpr int n = 200000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double u = r.uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    ASSERT_EQ(u * 0x1p53, std::floor(u * 0x1p53));
    sum += u;
    squares += u * u;
  }
  // Five standard errors: sqrt(1/12/n) = 6.5e-4, sqrt(4/45/n) = 6.7e-4.
  EXPECT_NEAR(sum / n, 1.0 / 2, 3.3e-3);
  EXPECT_NEAR(squares / n, 1.0 / 3, 3.4e-3);
}

TEST(Random, NormalHasItsMoments) {
  Random r(6);
  constexpr int n = 200000;
  double moments[5] = {};
  for (int i = 0; i < n; ++i) {
    const double x = r.normal();
    for (int k = 1; k < 5; ++k) moments[k] += std::pow(x, k) / n;
  }
  // Five standard errors: the variance of x^k is 1, 2, 15, 96.
  EXPECT_NEAR(moments[1], 0, 5 * std::sqrt(1.0 / n));
  EXPECT_NEAR(moments[2], 1, 5 * std::sqrt(2.0 / n));
  EXPECT_NEAR(moments[3], 0, 5 * std::sqrt(15.0 / n));
  EXPECT_NEAR(moments[4], 3, 5 * std::sqrt(96.0 / n));
}

// Box and Muller's cosine, with 1 - u so that the logarithm is never that of 0.
TEST(Random, NormalByHand) {
  Random r(13), same(13);
  for (int i = 0; i < 3; ++i) {
    const double u = same.uniform();
    const double v = same.uniform();
    EXPECT_EQ(r.normal(), std::sqrt(-2 * std::log(1 - u)) * std::cos(2 * std::numbers::pi * v));
  }
}

TEST(Random, NormalFillsWithADeviation) {
  Random one(7), two(7);
  std::vector<float> values(5);
  one.normal(values, 2.0);
  for (const float x : values) EXPECT_EQ(x, static_cast<float>(2 * two.normal()));
}

// Moments, the chi-square of 32 equally likely cells, and no lag in the pairs.
TEST(Random, FastNormalsAreNormal) {
  constexpr std::size_t n = 1 << 20;
  std::vector<float> x(n);
  Random(31).normals(x);
  double sum[4] = {};
  double lagged = 0;
  std::vector<double> cells(32);
  float longest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double v = x[i];
    for (double power = v; double& s : sum) {
      s += power;
      power *= v;
    }
    if (i > 0) lagged += v * x[i - 1];
    const double p = std::erfc(-v / std::numbers::sqrt2) / 2;
    cells[std::min<std::size_t>(31, static_cast<std::size_t>(32 * p))] += 1;
    longest = std::max(longest, std::abs(x[i]));
  }
  const double deviation = 1 / std::sqrt(double{n});
  EXPECT_NEAR(sum[0] / n, 0, 5 * deviation);
  EXPECT_NEAR(sum[1] / n, 1, 5 * std::sqrt(2.0) * deviation);
  EXPECT_NEAR(sum[2] / n, 0, 5 * std::sqrt(15.0) * deviation);
  EXPECT_NEAR(sum[3] / n, 3, 5 * std::sqrt(96.0) * deviation);
  EXPECT_NEAR(lagged / n, 0, 5 * deviation);
  double chi_square = 0;
  for (const double c : cells) chi_square += (c - n / 32.0) * (c - n / 32.0) / (n / 32.0);
  EXPECT_LT(chi_square, 31 + 5 * std::sqrt(62.0));
  EXPECT_GT(longest, 4.3F);
  EXPECT_LT(longest, 6.7F);
}

// Philox4x32-10 on the counter (block, 0, second key) under the first key, in the plainest way.
std::array<std::uint32_t, 4> philox32(std::array<std::uint32_t, 2> key,
                                      std::array<std::uint32_t, 4> c) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key = {key[0] + 0x9E3779B9, key[1] + 0xBB67AE85};
  }
  return c;
}

TEST(Random, FastNormalsAreBoxMullersInDouble) {
  std::vector<float> x(1000);
  Random(0x123456789ABCDEF).normals(x);
  for (std::uint32_t block = 0; block < 250; ++block) {
    const auto bits = philox32({0x89ABCDEF, 0x1234567}, {block, 0, 0, 0});
    for (std::size_t pair = 0; pair < 2; ++pair) {
      const double u = ((bits[2 * pair] >> 1) + 0.5) * 0x1p-31;
      const double angle = 2 * std::numbers::pi * bits[2 * pair + 1] * 0x1p-32;
      const double radius = std::sqrt(-2 * std::log(u));
      const std::size_t at = 4 * block + 2 * pair;
      EXPECT_NEAR(x[at], radius * std::cos(angle), 2e-6) << at;
      EXPECT_NEAR(x[at + 1], radius * std::sin(angle), 2e-6) << at;
    }
  }
}

TEST(Random, FastNormalsGoOnAndLeaveTheOthersAlone) {
  std::vector<float> whole(700);
  Random(32).normals(whole);
  Random r(32), same(32);
  std::vector<float> first(256), second(300);
  r.normals(first);
  r.normals(second);
  for (std::size_t i = 0; i < 256; ++i) ASSERT_EQ(first[i], whole[i]);
  for (std::size_t i = 0; i < 300; ++i) ASSERT_EQ(second[i], whole[256 + i]);
  EXPECT_EQ(r.bits(), same.bits());
  std::vector<float> other(4);
  Random(32).at("elsewhere").normals(other);
  EXPECT_NE(other[0], whole[0]);
}

TEST(Random, BelowCoversItsRangeEvenly) {
  Random r(8);
  EXPECT_EQ(r.below(1), 0U);
  std::vector<int> counts(6);
  constexpr int n = 60000;
  for (int i = 0; i < n; ++i) ++counts.at(r.below(6));
  // Five standard deviations of a binomial count: sqrt(n 1/6 5/6) = 91.
  for (const int count : counts) EXPECT_NEAR(count, n / 6, 456);
}

// At 3 * 2^62 a plain remainder would give values under 2^62 twice as often as they deserve.
TEST(Random, BelowIsUnbiasedAtLargeBounds) {
  Random r(9);
  constexpr std::uint64_t bound = std::uint64_t{3} << 62;
  constexpr int n = 30000;
  int low = 0;
  for (int i = 0; i < n; ++i) {
    const std::uint64_t x = r.below(bound);
    ASSERT_LT(x, bound);
    low += x < (bound / 3) ? 1 : 0;
  }
  EXPECT_NEAR(low, n / 3, 5 * std::sqrt(n * 2.0 / 9));  // a half of them, if biased
}

TEST(Random, BelowTheLargestBound) {
  Random r(10), same(10);
  EXPECT_EQ(r.below(~std::uint64_t{0}), same.bits());
}

TEST(Random, ShuffleIsAPermutationAndFair) {
  Random r(11);
  std::vector<int> first(4);
  for (int i = 0; i < 24000; ++i) {
    std::vector<std::uint32_t> items(4);
    std::iota(items.begin(), items.end(), 0U);
    r.shuffle(items);
    ++first.at(items[0]);
    std::sort(items.begin(), items.end());
    ASSERT_EQ(items, (std::vector<std::uint32_t>{0, 1, 2, 3}));
  }
  for (const int count : first) EXPECT_NEAR(count, 6000, 336);  // five deviations of 67
  std::vector<std::uint32_t> none;
  r.shuffle(none);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace gapbench

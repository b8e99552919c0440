// ReLU, tanh, pooling, flatten and sequences: four passes against naive loops.

#include <gmock/gmock.h>

#include <limits>

#include "gapbench/error.h"
#include "nn/layer_bench.h"
#include "nn/layers/affine/linear.h"
#include "nn/layers/flatten.h"
#include "nn/layers/pooling/adaptive_average_pool.h"
#include "nn/layers/pooling/average_pool.h"
#include "nn/layers/pooling/global_average_pool.h"
#include "nn/layers/pooling/max_pool.h"
#include "nn/layers/relu.h"
#include "nn/layers/sequence.h"
#include "nn/layers/tanh.h"

namespace gapbench::nn {
namespace {

constexpr ImageShape image{5, 6, 7};

TEST(Relu, IsExact) {
  const Relu layer(image);
  expect_passes(layer, reference::Relu(), make_feed(layer, image.size(), 3, true), 0);
  expect_passes(layer, reference::Relu(), make_feed(layer, image.size(), 3, false), 0);
}

TEST(Relu, KeepsNan) {
  const Relu layer({1, 1, 2});
  Feed feed = make_feed(layer, 2, 1, true);
  feed.x = {std::numeric_limits<float>::quiet_NaN(), -1};
  const Passed p = run(layer, feed);
  EXPECT_TRUE(std::isnan(p.forward[0]));
  EXPECT_EQ(p.forward[1], 0.0F);
}

// In place of its input, as behind a convolution, it must give what it gives beside it.
TEST(Relu, WorksOverItsInput) {
  const Relu layer({1, 1, 4});
  Arena arena;
  Bench bench{1, arena, nullptr, dnnl::stream(cpu().device)};
  const Flow in = bench.flow({1, 1, 4}, true, true);
  const Bound bound = layer.bind(*layer.plan(1), in, bench);
  ASSERT_EQ(bound.output.value, in.value);
  EXPECT_FALSE(bound.output.overwritable);
  const auto fill = [](void* to, std::vector<float> from) { put(from, to, Precision::f32); };
  const auto got = [](const void* from) { return get(from, 4, Precision::f32); };
  const auto none = layer.make_weights();
  fill(in.value, {-1, 2, 0, 3});
  bound.stage->forward(*none, Mode::training);
  fill(in.cotangent, {5, 6, 7, 8});
  bound.stage->backward(*none, {});
  fill(in.tangent, {1, 2, 3, 4});
  bound.stage->tangent_forward(*none, *none);
  fill(in.cotangent_tangent, {9, 8, 7, 6});
  bound.stage->tangent_backward(*none, *none, {});
  EXPECT_THAT(got(in.value), testing::ElementsAre(0, 2, 0, 3));
  EXPECT_THAT(got(in.cotangent), testing::ElementsAre(0, 6, 0, 8));
  EXPECT_THAT(got(in.tangent), testing::ElementsAre(0, 2, 0, 4));
  EXPECT_THAT(got(in.cotangent_tangent), testing::ElementsAre(0, 8, 0, 6));
}

TEST(Tanh, IsClose) {
  const Tanh layer(cpu().device, image);
  // y within 2e-7, and no factor in a derivative is larger than 2 * 3 * 3.
  expect_passes(layer, reference::Tanh(), make_feed(layer, image.size(), 3, false), 2e-6);
  expect_passes(layer, reference::Tanh(), make_feed(layer, image.size(), 3, true), 1e-5);
}

TEST(Tanh, ValueIsWithinTheStatedError) {
  const Tanh layer(cpu().device, {1, 1, 4001});
  Feed feed = make_feed(layer, 4001, 1, true);
  for (std::size_t i = 0; i < feed.x.size(); ++i) {
    feed.x[i] = static_cast<float>(i) * 0.005F - 10.0F;
  }
  const Passed p = run(layer, feed);
  for (std::size_t i = 0; i < feed.x.size(); ++i) {
    ASSERT_LE(std::abs(p.forward[i] - std::tanh(static_cast<double>(feed.x[i]))), 2e-7)
        << feed.x[i];
  }
}

struct PoolCase {
  const char* name;
  Windows windows;
};
const PoolCase pools[] = {
    {"Tiling", {{6, 8, 16}, 2, 2, 2}},
    {"Tails", {{4, 4, 3}, 2, 2, 2}},
    {"LeftOver", {{7, 5, 6}, 2, 2, 2}},
    {"Overlapping", {{7, 7, 5}, 4, 4, 2}},
    {"Apart", {{7, 7, 4}, 2, 2, 3}},
    {"Rectangular", {{6, 8, 2}, 1, 4, 2}},
    {"OverlappingRows", {{6, 8, 2}, 4, 1, 1}},
    {"OnePixel", {{3, 3, 2}, 1, 1, 1}},
    {"Whole", {{4, 8, 9}, 4, 8, 1}},
    {"InBlocks", {{6, 8, 12, 4}, 2, 2, 2}},
    {"WholeInBlocks", {{4, 4, 12, 4}, 4, 4, 1}},
    {"OverlappingInBlocks", {{6, 6, 32, 16}, 4, 4, 2}},
    {"LeftOverChannels", {{7, 5, 37}, 2, 2, 3}},
};
class PoolPasses : public testing::TestWithParam<PoolCase> {};

const PoolCase padded_pools[] = {
    {"Even", {{8, 6, 5}, 3, 3, 2, 1}},         {"Odd", {{7, 9, 4}, 3, 3, 2, 1}},
    {"Apart", {{7, 7, 4}, 2, 2, 3, 1}},        {"Wide", {{4, 5, 3}, 4, 5, 1, 3}},
    {"InBlocks", {{6, 8, 12, 4}, 3, 3, 2, 1}}, {"ManyChannels", {{6, 8, 20}, 3, 3, 2, 1}},
};
class PaddedPoolPasses : public testing::TestWithParam<PoolCase> {};

TEST_P(PaddedPoolPasses, MaximumIsExact) {
  const MaxPool layer(GetParam().windows);
  const reference::Pool naive(reference::Pool::Kind::max, GetParam().windows);
  const std::size_t size = GetParam().windows.input.size();
  expect_passes(layer, naive, make_feed(layer, size, 3, true), 0, GetParam().windows.input);
}

INSTANTIATE_TEST_SUITE_P(Windows, PaddedPoolPasses, testing::ValuesIn(padded_pools),
                         [](const auto& i) { return std::string(i.param.name); });

// A border of negative numbers stays negative: padding is no 0. 4x4 -> 2x2.
TEST(MaxPool, PaddingIsSmallerThanAnyNumber) {
  const MaxPool layer({{4, 4, 1}, 3, 3, 2, 1});
  Feed feed = make_feed(layer, 16, 1, true);
  for (std::size_t i = 0; i < 16; ++i) feed.x[i] = -1 - static_cast<float>(i);
  feed.dy = {1, 2, 3, 4};
  const Passed p = run(layer, feed);
  EXPECT_THAT(p.forward, testing::ElementsAre(-1, -2, -5, -6));
  EXPECT_EQ(p.backward[0], 1);
  EXPECT_EQ(p.backward[5], 4);
}

// Small integers are full of equal numbers: the first of them counts.
TEST_P(PoolPasses, MaximumIsExact) {
  const MaxPool layer(GetParam().windows);
  const reference::Pool naive(reference::Pool::Kind::max, GetParam().windows);
  const std::size_t size = GetParam().windows.input.size();
  expect_passes(layer, naive, make_feed(layer, size, 3, true), 0, GetParam().windows.input);
}

TEST_P(PoolPasses, MaximumOfRandomNumbersIsExactButForSums) {
  const MaxPool layer(GetParam().windows);
  const reference::Pool naive(reference::Pool::Kind::max, GetParam().windows);
  const std::size_t size = GetParam().windows.input.size();
  const double tolerance = GetParam().windows.overlap() ? sum_tolerance(16) : 0;
  expect_passes(layer, naive, make_feed(layer, size, 2, false), tolerance,
                GetParam().windows.input);
}

TEST_P(PoolPasses, AverageIsExactOverPowersOfTwo) {
  const AveragePool layer(GetParam().windows);
  const reference::Pool naive(reference::Pool::Kind::average, GetParam().windows);
  expect_passes(layer, naive, make_feed(layer, GetParam().windows.input.size(), 3, true), 0,
                GetParam().windows.input);
}

INSTANTIATE_TEST_SUITE_P(Windows, PoolPasses, testing::ValuesIn(pools),
                         [](const auto& i) { return std::string(i.param.name); });

// 5 rows into 2: the middle one belongs to both windows. 6 columns into 3.
TEST(AdaptiveAveragePool, ByHand) {
  const AdaptiveAveragePool layer({5, 6, 1}, 2, 3);
  Feed feed = make_feed(layer, 30, 1, true);
  for (std::size_t i = 0; i < 30; ++i) feed.x[i] = static_cast<float>(i);
  feed.moved_x = feed.x;
  feed.dy = {6, 0, 0, 12, 0, 18};
  feed.moved_dy = {0, 6, 0, 0, 0, 0};
  const Passed p = run(layer, feed);
  EXPECT_THAT(p.forward,
              testing::Pointwise(testing::FloatEq(), {6.5F, 8.5F, 10.5F, 18.5F, 20.5F, 22.5F}));
  EXPECT_EQ(p.tangent_forward, p.forward);
  const std::vector<float> dx{1, 1, 0, 0, 0, 0,  // rows 0 and 1: the first window alone
                              1, 1, 0, 0, 0, 0,  //
                              3, 3, 0, 0, 3, 3,  // both
                              2, 2, 0, 0, 3, 3,  //
                              2, 2, 0, 0, 3, 3};
  EXPECT_THAT(p.backward, testing::Pointwise(testing::FloatEq(), dx));
  EXPECT_THAT(p.tangent_backward[2], testing::FloatEq(1));
  EXPECT_EQ(p.tangent_backward[18], 0);
}

// Where the size divides, it is a plain average.
TEST(AdaptiveAveragePool, IsAPlainAverageOverPowersOfTwo) {
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    for (const std::size_t block : {0U, 4U}) {
      const ImageShape shape{8, 8, 12, block, precision};
      const AdaptiveAveragePool layer(shape, 2, 2);
      expect_passes(layer, reference::Pool(reference::Pool::Kind::average, {shape, 4, 4, 4}),
                    make_feed(layer, shape.size(), 3, true), 0, shape);
    }
  }
}

TEST(AdaptiveAveragePool, RefusesToEnlarge) {
  EXPECT_THROW(AdaptiveAveragePool({4, 4, 1}, 5, 1), Error);
  EXPECT_THROW(AdaptiveAveragePool({4, 4, 1}, 1, 0), Error);
}

TEST(AveragePool, OverNineIsClose) {
  const Windows windows{{9, 9, 5}, 3, 3, 3};
  const AveragePool layer(windows);
  const reference::Pool naive(reference::Pool::Kind::average, windows);
  expect_passes(layer, naive, make_feed(layer, windows.input.size(), 2, false), sum_tolerance(9));
}

TEST(GlobalAveragePool, IsTheMeanOverPixels) {
  const auto layer = make_global_average_pool({4, 4, 3});
  EXPECT_EQ(layer->output().height, 1U);
  EXPECT_EQ(layer->output().width, 1U);
  EXPECT_EQ(layer->output().channels, 3U);
  const reference::Pool naive(reference::Pool::Kind::average, {{4, 4, 3}, 4, 4, 1});
  expect_passes(*layer, naive, make_feed(*layer, 48, 2, true), 0);
}

TEST(Pool, RefusesWindowsThatDoNotFit) {
  const auto message = [](Windows windows) -> std::string {
    try {
      const MaxPool layer(windows);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(message({{3, 2, 1}, 2, 3, 1}),
            "max_pool: a 2x3 window needs an input at least that large, got 3x2");
  EXPECT_THAT(message({{3, 3, 1}, 2, 2, 0}), testing::HasSubstr("at least 1"));
  EXPECT_THROW(AveragePool({{1, 1, 1}, 2, 2, 2}), Error);
  EXPECT_EQ(message({{4, 4, 1}, 2, 3, 1, 2}),
            "max_pool: padding must be smaller than a window's side, got 2 for 2x3");
}

TEST(Flatten, KeepsTheOrderOfMemory) {
  const Flatten layer({2, 3, 4});
  EXPECT_EQ(layer.output().channels, 24U);
  expect_passes(layer, reference::Flatten(), make_feed(layer, 24, 2, true), 0);
}

// Behind a constant input a layer without parameters has no companions.
TEST(Parameterless, HasNoTangentBehindAConstantInput) {
  const MaxPool layer({{4, 4, 2}, 2, 2, 2});
  const Passed p = run(layer, make_feed(layer, 32, 1, true), false);
  EXPECT_THAT(p.forward, testing::Contains(testing::Ne(0.0F)));
  EXPECT_THAT(p.tangent_forward, testing::Each(0.0F));
}

TEST(Sequence, NestsAndOrdersItsParameters) {
  const auto pair = [](const char* name, std::size_t in, std::size_t out) {
    std::vector<std::unique_ptr<Layer>> layers;
    layers.push_back(make_linear(name, cpu(), {1, 1, in}, out, 1));
    layers.push_back(std::make_unique<Relu>(ImageShape{1, 1, out}));
    return std::make_unique<Sequence>(std::move(layers));
  };
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(pair("a", 2, 3));
  layers.push_back(pair("b", 3, 1));
  const Sequence tree(std::move(layers));
  std::vector<std::string> names;
  for (const auto& p : tree.parameters()) names.push_back(p.tensor.name);
  EXPECT_THAT(names, testing::ElementsAre("a.weight", "a.bias", "b.weight", "b.bias"));
  // a: (x1, x2, -x1) + (0, 0, 1), rectified; b: 1, 10, 100 of them, + 1000.
  Feed feed{1, {2, 3}, {1, 0}, {1, 0, 0, 1, -1, 0, 0, 0, 1, 1, 10, 100, 1000}, {}, {1}, {0}};
  feed.v.assign(13, 0.0F);
  const Passed p = run(tree, feed);
  EXPECT_THAT(p.forward, testing::ElementsAre(1032));
  EXPECT_THAT(p.backward, testing::ElementsAre(1, 10));
  EXPECT_THAT(p.gradient, testing::ElementsAre(2, 3, 20, 30, 0, 0, 1, 10, 0, 2, 3, 0, 1));
  EXPECT_THAT(p.tangent_forward, testing::ElementsAre(1));
  EXPECT_THAT(p.gradient_tangent, testing::ElementsAre(1, 0, 10, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0));
}

}  // namespace
}  // namespace gapbench::nn

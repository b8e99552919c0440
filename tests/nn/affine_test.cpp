// Linear and convolution: four passes against naive loops.

#include <gmock/gmock.h>

#include "gapbench/error.h"
#include "nn/layer_bench.h"
#include "nn/layers/affine/linear.h"
#include "nn/layers/convolution.h"

namespace gapbench::nn {
namespace {

struct Case {
  const char* name;
  std::size_t examples;
  ImageShape input;
  ConvolutionShape shape;
};

// Blocks of 16 channels, tails, strides, paddings, even kernels, pixels left over by the stride.
const Case cases[] = {
    {"Stem", 3, {8, 8, 3}, {.outputs = 32, .kernel = 3, .padding = 1}},
    {"Blocked", 2, {6, 6, 32}, {.outputs = 64, .kernel = 3, .padding = 1}},
    {"LenetFirst", 4, {12, 12, 1}, {.outputs = 6, .kernel = 5, .padding = 2}},
    {"LenetSecond", 2, {9, 9, 6}, {.outputs = 16, .kernel = 5}},
    {"Strided", 2, {8, 8, 16}, {.outputs = 32, .kernel = 3, .stride = 2, .padding = 1}},
    {"StridedOdd", 2, {7, 9, 16}, {.outputs = 16, .kernel = 3, .stride = 2, .padding = 1}},
    {"Projection", 2, {8, 8, 16}, {.outputs = 32, .kernel = 1, .stride = 2}},
    {"PixelsLeftOver", 1, {9, 9, 5}, {.outputs = 7, .kernel = 2, .stride = 2}},
    {"StrideThreeLeftOver", 2, {11, 10, 4}, {.outputs = 3, .kernel = 2, .stride = 3, .padding = 1}},
    {"WholeImage", 3, {5, 5, 4}, {.outputs = 10, .kernel = 5}},
    {"OneChannel", 2, {4, 4, 1}, {.outputs = 1, .kernel = 3, .padding = 1}},
    {"Tails", 5, {5, 6, 20}, {.outputs = 40, .kernel = 3, .padding = 1}},
    {"FewPositions", 3, {4, 4, 32}, {.outputs = 64, .kernel = 3, .padding = 1}},
    {"FewStrided", 2, {7, 6, 40}, {.outputs = 70, .kernel = 3, .stride = 2, .padding = 1}},
    {"OnePixel", 1, {1, 1, 3}, {.outputs = 2, .kernel = 1}},
};

class ConvolutionPasses : public testing::TestWithParam<Case> {};

TEST_P(ConvolutionPasses, AreExactOnSmallIntegers) {
  const Case& c = GetParam();
  const auto layer = make_convolution("conv", cpu(), c.input, c.shape, 2);
  const Feed feed = make_feed(*layer, c.input.size(), c.examples, true);
  expect_passes(*layer, reference::Convolution(c.input, c.shape), feed, 0);
}

TEST_P(ConvolutionPasses, AreCloseOnRandomNumbers) {
  const Case& c = GetParam();
  const auto layer = make_convolution("conv", cpu(), c.input, c.shape, 2);
  const Feed feed = make_feed(*layer, c.input.size(), c.examples, false);
  // The longest sum: two products for each output pixel of all examples, or for each tap.
  const std::size_t taps =
      std::max(c.input.channels, c.shape.outputs) * c.shape.kernel * c.shape.kernel;
  const std::size_t pixels = c.examples * layer->output().height * layer->output().width;
  expect_passes(*layer, reference::Convolution(c.input, c.shape), feed,
                sum_tolerance(2 * std::max(taps, pixels) + 1));
}

// Where the layer stands first, x' = 0 and dx is not asked for.
TEST_P(ConvolutionPasses, FirstLayerIsExact) {
  const Case& c = GetParam();
  const auto layer = make_convolution("conv", cpu(), c.input, c.shape, 2);
  Feed feed = make_feed(*layer, c.input.size(), c.examples, true);
  std::ranges::fill(feed.moved_x, 0.0F);
  const Passed first = run(*layer, feed, false);
  const Passed inner = run(*layer, feed, true);
  EXPECT_EQ(first.forward, inner.forward);
  EXPECT_EQ(first.gradient, inner.gradient);
  EXPECT_EQ(first.tangent_forward, inner.tangent_forward);
  EXPECT_EQ(first.gradient_tangent, inner.gradient_tangent);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ConvolutionPasses, testing::ValuesIn(cases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(Convolution, ByHand) {
  // A 2x2 image, one channel, kernel 2x2: y = 1*1 + 2*10 + 3*100 + 4*1000 + 5.
  const auto layer = make_convolution("conv", cpu(), {2, 2, 1}, {.outputs = 1, .kernel = 2}, 1);
  const Feed feed{1, {1, 2, 3, 4}, {1, 0, 0, 0}, {1, 10, 100, 1000, 5}, {0, 1, 0, 0, 7}, {2}, {3}};
  const Passed p = run(*layer, feed);
  EXPECT_THAT(p.forward, testing::ElementsAre(4326));
  EXPECT_THAT(p.backward, testing::ElementsAre(2, 20, 200, 2000));
  EXPECT_THAT(p.gradient, testing::ElementsAre(2, 4, 6, 8, 2));
  EXPECT_THAT(p.tangent_forward, testing::ElementsAre(1 + 2 + 7));
  EXPECT_THAT(p.tangent_backward, testing::ElementsAre(3, 30 + 2, 300, 3000));
  EXPECT_THAT(p.gradient_tangent, testing::ElementsAre(3 + 2, 6, 9, 12, 3));
  EXPECT_THAT(p.example_norms, testing::ElementsAre(4 + 16 + 36 + 64 + 4));
}

TEST(Convolution, CountsMultiplyAddsTwice) {
  const auto layer =
      make_convolution("conv", cpu(), {8, 8, 3}, {.outputs = 4, .kernel = 3, .padding = 1}, 1);
  const double product = 2.0 * 8 * 8 * 4 * 3 * 3 * 3;
  const PassFlops inner = layer->flops(true);
  EXPECT_EQ(inner.forward, product);
  EXPECT_EQ(inner.backward, 2 * product);
  EXPECT_EQ(inner.tangent_forward, 2 * product);
  EXPECT_EQ(inner.tangent_backward, 4 * product);
  const PassFlops first = layer->flops(false);
  EXPECT_EQ(first.forward, product);
  EXPECT_EQ(first.backward, product);
  EXPECT_EQ(first.tangent_forward, product);
  EXPECT_EQ(first.tangent_backward, product);
}

TEST(Convolution, RefusesWhatDoesNotFit) {
  const auto message = [](ImageShape input, ConvolutionShape shape) -> std::string {
    try {
      make_convolution("conv1", cpu(), input, shape, 1);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(message({4, 9, 1}, {.outputs = 1, .kernel = 5}),
            "conv1: a 5x5 kernel needs an input of at least 5 pixels a side, got 4x9 with padding "
            "0");
  EXPECT_THAT(message({4, 4, 1}, {.outputs = 0, .kernel = 3}), testing::HasSubstr("at least 1"));
  EXPECT_THAT(message({4, 4, 1}, {.outputs = 1, .kernel = 3, .stride = 0}),
              testing::HasSubstr("at least 1"));
  EXPECT_EQ(message({4, 4, 1}, {.outputs = 1, .kernel = 5, .padding = 1}), "");
}

struct LinearCase {
  std::size_t examples, inputs, outputs;
};
class LinearPasses : public testing::TestWithParam<LinearCase> {};

TEST_P(LinearPasses, AreExactOnSmallIntegers) {
  const auto [examples, inputs, outputs] = GetParam();
  const auto layer = make_linear("linear", cpu(), {1, 1, inputs}, outputs, 1);
  const Feed feed = make_feed(*layer, inputs, examples, true);
  expect_passes(*layer, reference::linear(inputs, outputs), feed, 0);
}

TEST_P(LinearPasses, AreCloseOnRandomNumbers) {
  const auto [examples, inputs, outputs] = GetParam();
  const auto layer = make_linear("linear", cpu(), {1, 1, inputs}, outputs, 1);
  const Feed feed = make_feed(*layer, inputs, examples, false);
  expect_passes(*layer, reference::linear(inputs, outputs), feed,
                sum_tolerance(2 * std::max({inputs, outputs, examples}) + 1));
}

INSTANTIATE_TEST_SUITE_P(Shapes, LinearPasses,
                         testing::Values(LinearCase{1, 1, 1}, LinearCase{2, 3, 4},
                                         LinearCase{7, 33, 10}, LinearCase{32, 100, 64},
                                         LinearCase{1, 257, 19}, LinearCase{64, 16, 1}));

TEST(Linear, ByHand) {
  // y = 2 x1 + 3 x2 + 1
  const auto layer = make_linear("linear", cpu(), {1, 1, 2}, 1, 1);
  const Feed feed{2, {5, 7, 1, 1}, {1, 0, 0, 0}, {2, 3, 1}, {10, 0, 4}, {1, 2}, {6, 0}};
  const Passed p = run(*layer, feed);
  EXPECT_THAT(p.forward, testing::ElementsAre(32, 6));
  EXPECT_THAT(p.backward, testing::ElementsAre(2, 3, 4, 6));
  EXPECT_THAT(p.gradient, testing::ElementsAre(5 + 2, 7 + 2, 3));
  EXPECT_THAT(p.tangent_forward, testing::ElementsAre(2 + 50 + 4, 10 + 4));
  EXPECT_THAT(p.tangent_backward, testing::ElementsAre(12 + 10, 18, 20, 0));
  EXPECT_THAT(p.gradient_tangent, testing::ElementsAre(30 + 1, 42, 6));
  EXPECT_THAT(p.example_norms, testing::ElementsAre(25 + 49 + 1, 4 * (1 + 1 + 1)));
}

TEST(Linear, SaysWhatItsParametersAre) {
  const auto layer = make_linear("hidden", cpu(), {2, 3, 4}, 5, 2);
  const auto p = layer->parameters();
  ASSERT_EQ(p.size(), 2U);
  EXPECT_EQ(p[0].tensor.name, "hidden.weight");
  EXPECT_EQ(p[0].tensor.kind, TensorKind::weight);
  EXPECT_THAT(p[0].tensor.shape, testing::ElementsAre(5, 24));
  EXPECT_EQ(p[0].deviation, std::sqrt(2.0 / 24));
  EXPECT_EQ(p[1].tensor.name, "hidden.bias");
  EXPECT_EQ(p[1].tensor.kind, TensorKind::bias);
  EXPECT_THAT(p[1].tensor.shape, testing::ElementsAre(5));
  EXPECT_EQ(p[1].deviation, 0);
}

}  // namespace
}  // namespace gapbench::nn

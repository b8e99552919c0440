// Descriptions of networks: shapes, parameters, refusals, text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "gapbench/error.h"
#include "gapbench/layers.h"
#include "gapbench/options.h"

namespace gapbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

constexpr double he = gain(Activation::relu);

// 7x9 under a 3x3 kernel of stride 2 with padding 1: floor((7 + 2 - 3) / 2) + 1 = 4 rows, and
// floor((9 + 2 - 3) / 2) + 1 = 5 columns.
TEST(Layers, FollowTheShape) {
  Layers layers({7, 9, 2});
  layers.convolution("a", {.outputs = 6, .kernel = 3, .stride = 2, .padding = 1}, he);
  EXPECT_EQ(layers.shape(), (Shape{4, 5, 6}));
  EXPECT_EQ(layers.parameters(), 6U * 2 * 9 + 6);
  EXPECT_EQ(Layers(layers).pool(Pooling::max, 2).shape(), (Shape{2, 2, 6}));
  EXPECT_EQ(Layers(layers).max_pool(3, 2, 1).shape(), (Shape{2, 3, 6}));
  EXPECT_EQ(Layers(layers).adaptive_average_pool(3).shape(), (Shape{3, 3, 6}));
  EXPECT_EQ(Layers(layers).global_average_pool().shape(), (Shape{1, 1, 6}));
  EXPECT_EQ(Layers(layers).flatten().shape(), (Shape{1, 1, 120}));
  layers.normalize("n", {.kind = Norm::Kind::group, .groups = 3}).activation(Activation::relu);
  EXPECT_EQ(layers.parameters(), 114U + 12);
  layers.linear("b", 4, he, false).noise("site");
  EXPECT_EQ(layers.shape(), (Shape{1, 1, 4}));
  EXPECT_EQ(layers.parameters(), 126U + 480);
}

TEST(Layers, OfAResidualAddUp) {
  Layers layers({4, 4, 3});
  Layers main = layers.branch();
  main.convolution("a", {.outputs = 5, .kernel = 3, .padding = 1, .bias = false}, he);
  Layers shortcut = layers.branch();
  shortcut.convolution("b", {.outputs = 5, .kernel = 1, .bias = false}, 1).noise("s");
  layers.noise("first").residual("block", main, shortcut);
  EXPECT_EQ(layers.shape(), (Shape{4, 4, 5}));
  EXPECT_EQ(layers.parameters(), 135U + 15);
  EXPECT_THAT(noise_sites(layers), ElementsAre("first", "s"));
  EXPECT_EQ(to_text(layers),
            "input 4x4x3\n"
            "first: noise site\n"
            "block: sum of\n"
            "  a: convolution 3x3, 5 outputs, stride 1, padding 1, no bias, gain 2\n"
            "and\n"
            "  b: convolution 1x1, 5 outputs, stride 1, padding 0, no bias, gain 1\n"
            "  s: noise site\n");
}

TEST(Layers, RefuseWhatDoesNotFit) {
  const auto layers = [](Shape input = {4, 6, 4}) { return Layers(input); };
  EXPECT_EQ(message([&] { layers().convolution("a", {.kernel = 7, .padding = 1}, he); }),
            "a: a 7x7 kernel needs an input of at least 7 pixels a side, got 4x6 with padding 1");
  EXPECT_EQ(message([&] { layers().convolution("a", {.stride = 0}, he); }),
            "a: kernel, stride and outputs must be at least 1, got 0");
  EXPECT_EQ(message([&] { layers().convolution("a", {.kernel = 3}, -1); }),
            "a: gain must be a number >= 0, got -1");
  EXPECT_EQ(message([&] { layers().linear("a", 0, he); }), "a: needs at least 1 output, got 0");
  EXPECT_EQ(message([&] { layers().pool(Pooling::average, 5); }),
            "pool: a 5x5 window needs an input at least that large, got 4x6");
  EXPECT_THAT(message([&] { layers().max_pool(2, 2, 2); }), HasSubstr("got 2 for 2x2"));
  EXPECT_THAT(message([&] { layers().adaptive_average_pool(5); }), HasSubstr("got 5x5"));
  EXPECT_THAT(message([&] {
                layers().normalize("n", {Norm::Kind::group, 3});
              }),
              HasSubstr("n: 4 channels cannot be split into 3 groups"));
  EXPECT_THAT(message([&] { layers().linear("Conv 1", 3, he); }), HasSubstr("got \"Conv 1\""));
  EXPECT_THAT(message([&] { layers().activation(static_cast<Activation>(9)); }),
              HasSubstr("activation: is relu or tanh, got kind 9"));
  EXPECT_THAT(message([&] { layers().pool(static_cast<Pooling>(7), 2); }), HasSubstr("kind 7"));
  EXPECT_THAT(message([&] { layers().normalize("n", {static_cast<Norm::Kind>(5)}); }),
              HasSubstr("got kind 5"));
  EXPECT_THAT(message([&] { layers({0, 4, 1}); }), HasSubstr("at least 1x1x1"));
  EXPECT_EQ(message([&] {
              require_side("net", {8, 7, 1}, 8);
            }),
            "net: needs an input of at least 8x8 pixels, got 8x7");
}

TEST(Layers, RefuseResidualsThatDoNotMeet) {
  Layers layers({4, 4, 3});
  Layers wide = layers.branch();
  wide.convolution("a", {.outputs = 5, .kernel = 1}, he);
  EXPECT_EQ(message([&] { Layers(layers).residual("block", wide); }),
            "block: both paths must give the same shape, the main path gives 4x4x5, the shortcut "
            "4x4x3");
  EXPECT_THAT(message([&] { Layers(layers).residual("block", layers.branch()); }),
              HasSubstr("block: the main path of a residual needs parameters"));
  EXPECT_THAT(message([&] {
                Layers(layers).residual("block", Layers({2, 2, 3}));
              }),
              HasSubstr("begin it with branch()"));
  EXPECT_EQ(message([&] { Layers(layers).residual("block", wide, wide); }), "no error");
}

// Sizes whose products no machine can hold are no wrap-around.
TEST(Layers, AreBounded) {
  const auto huge = [](std::size_t n) {
    return message([=] { Layers({1, 1, 9}).linear("a", n, 1); });
  };
  EXPECT_THAT(huge(std::size_t{1} << 60), HasSubstr("a: an example may have at most 2147483647"));
  EXPECT_THAT(huge(2000000000), HasSubstr("at most 2147483647 parameters"));
  EXPECT_THAT(message([] {
                Layers({4, 4, 1}).max_pool(std::size_t{1} << 62, 1, 0);
              }),
              HasSubstr("at most 65536"));
  Layers layers({1, 1, 1});
  EXPECT_THAT(message([&] {
                for (int i = 0; i < 10001; ++i) layers.flatten();
              }),
              HasSubstr("at most 10000 layers"));
  Layers nested({1, 1, 1});
  nested.linear("a", 1, 1);
  EXPECT_THAT(message([&] {
                for (int i = 0; i < 101; ++i) {
                  Layers outer({1, 1, 1});
                  outer.residual("r", nested);
                  nested = outer;
                }
              }),
              HasSubstr("at most 100 deep"));
}

Layers whole(const Options&, Shape input, std::size_t outputs) {
  return Layers(input).noise("x").linear("x", outputs, output_gain);
}
Layers wide(const Options&, Shape input, std::size_t) { return Layers(input).linear("x", 7, 1); }
Layers empty(const Options&, Shape input, std::size_t) { return Layers(input).flatten(); }
Layers other(const Options&, Shape, std::size_t outputs) {
  return Layers({1, 1, 2}).linear("x", outputs, 1);
}
Layers twice(const Options&, Shape input, std::size_t outputs) {
  Layers layers(input);
  layers.linear("x", 3, 1);
  return layers.residual("r", layers.branch().linear("x", 3, 1)).linear("y", outputs, 1);
}
Layers sites(const Options&, Shape input, std::size_t outputs) {
  return Layers(input).noise("x").noise("x").linear("y", outputs, 1);
}
Layers refuses(const Options&, Shape input, std::size_t) {
  return Layers(input).convolution("conv", {.kernel = 9}, 1);
}

TEST(DescribeNetwork, AsksForAWholeOne) {
  const auto said = [](NetworkBuilder* build, Shape input = {1, 1, 5}, std::size_t outputs = 3) {
    return message([=] { describe_network("net", build, {}, input, outputs); });
  };
  EXPECT_EQ(said(whole), "no error");
  EXPECT_EQ(said(wide),
            "net: must give 1x1x3 for 3 outputs, gives 1x1x7; end it with linear(\"output\", "
            "outputs, output_gain)");
  EXPECT_EQ(said(empty, {1, 1, 3}), "net: has no parameters: there is nothing to train");
  EXPECT_EQ(said(other), "net: was asked for an input of 1x1x5 and begins at 1x1x2");
  EXPECT_EQ(said(twice), "net: two layers have the name \"x\"");
  EXPECT_EQ(said(sites), "net: two noise sites have the name \"x\"");
  EXPECT_THAT(said(refuses), HasSubstr("net: conv: a 9x9 kernel"));
  EXPECT_EQ(said(whole, {0, 1, 1}), "net: needs an input of at least 1x1x1, got 0x1x1");
  EXPECT_EQ(said(whole, {1, 1, 5}, 0), "net: needs at least 1 output, got 0");
}

}  // namespace
}  // namespace gapbench

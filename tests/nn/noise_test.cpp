// Noise sites: the four passes with and without factors, where the factors lie, what they cost
// when nobody asks.

#include <gmock/gmock.h>

#include <algorithm>

#include "nn/layer_bench.h"
#include "nn/layers/affine/linear.h"
#include "nn/layers/multiplicative_noise.h"
#include "nn/layers/residual.h"
#include "nn/layers/sequence.h"
#include "nn/network_bench.h"

namespace gapbench::nn {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct NaiveNoise final : reference::Naive {
  explicit NaiveNoise(std::vector<float> noise) : factors(std::move(noise)) {}
  reference::Tensor scaled(const reference::Tensor& x) const {
    reference::Tensor y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = reference::Dual{factors[i]} * x[i];
    return y;
  }
  reference::Tensor forward(const reference::Tensor& x, const reference::Tensor&) const override {
    return scaled(x);
  }
  reference::Gradients backward(const reference::Tensor&, const reference::Tensor&,
                                const reference::Tensor& dy) const override {
    return {scaled(dy), {}};
  }
  std::vector<float> factors;
};

// Negative factors and zeros among them; products of small whole numbers are exact in bf16 too.
TEST(MultiplicativeNoise, IsExactInEveryLayout) {
  constexpr auto bf16 = Precision::bf16;
  for (const ImageShape shape :
       {ImageShape{1, 1, 37}, ImageShape{3, 4, 5}, ImageShape{3, 2, 12, 4}, ImageShape{1, 1, 12, 4},
        ImageShape{3, 2, 12, 4, bf16}, ImageShape{1, 1, 9, 0, bf16}}) {
    const MultiplicativeNoise layer("site", shape);
    Feed feed = make_feed(layer, shape.size(), 3, true);
    feed.factors = draw(Random(23), 3 * shape.size(), true);
    expect_passes(layer, NaiveNoise(feed.factors), feed, 0, shape);
    feed.mode = Mode::evaluation;  // noise acts in either mode
    expect_passes(layer, NaiveNoise(feed.factors), feed, 0, shape);
  }
}

TEST(MultiplicativeNoise, WithoutFactorsIsTheFlowItself) {
  const MultiplicativeNoise layer("site", {1, 1, 4});
  Arena arena;
  Bench bench{1, arena, nullptr, dnnl::stream(cpu().device)};
  for (const bool overwritable : {false, true}) {
    const Flow in = bench.flow({1, 1, 4}, true, overwritable);
    const Bound bound = layer.bind(*layer.plan(1), in, bench);
    EXPECT_EQ(bound.output.value, in.value);
    EXPECT_EQ(bound.output.cotangent_tangent, in.cotangent_tangent);
    EXPECT_EQ(bound.output.overwritable, overwritable);
  }
}

// y = (2, 0, -1, 3) x; the input stays, since ds/df is made of it.
TEST(MultiplicativeNoise, KeepsItsInputForTheFactors) {
  const MultiplicativeNoise layer("site", {1, 1, 4});
  Arena arena;
  AlignedVector<float> factors{2, 0, -1, 3};
  Bench bench{1, arena, nullptr, dnnl::stream(cpu().device)};
  bench.factors = factors;
  const Flow in = bench.flow({1, 1, 4}, true, true);
  const Bound bound = layer.bind(*layer.plan(1), in, bench);
  ASSERT_NE(bound.output.value, in.value);
  EXPECT_THAT(bench.factors, IsEmpty());
  std::vector<NoiseFactors*> noise;
  bound.stage->list_noise(noise);
  ASSERT_EQ(noise.size(), 1U);
  const auto none = layer.make_weights();
  const auto got = [](const void* from) { return get(from, 4, Precision::f32); };
  put({1, 2, 3, 4}, in.value, Precision::f32);
  bound.stage->forward(*none, Mode::training);
  const Flow& out = bound.output;
  EXPECT_THAT(got(out.value), ElementsAre(2, 0, -3, 12));
  put({5, 6, 7, 8}, out.cotangent, Precision::f32);
  bound.stage->backward(*none, {});
  EXPECT_THAT(got(in.cotangent), ElementsAre(10, 0, -7, 24));
  std::vector<float> by_factors(4);
  noise[0]->gradient(by_factors.data(), 4);
  EXPECT_THAT(by_factors, ElementsAre(5, 12, 21, 32));
  const auto tangents = [&] {
    put({1, 1, 1, 1}, in.tangent, Precision::f32);
    bound.stage->tangent_forward(*none, *none);
    put({1, 2, 3, 4}, out.cotangent_tangent, Precision::f32);
    bound.stage->tangent_backward(*none, *none, {});
  };
  tangents();
  EXPECT_THAT(got(out.tangent), ElementsAre(2, 0, -1, 3));
  EXPECT_THAT(got(in.cotangent_tangent), ElementsAre(2, 0, -3, 12));
  // y' = f x' + u x and (dx)' = f (dy)' + u dy.
  const std::vector<float> u{1, 0, 2, -1};
  noise[0]->move(u.data(), 4);
  tangents();
  EXPECT_THAT(got(out.tangent), ElementsAre(3, 0, 5, -1));
  EXPECT_THAT(got(in.cotangent_tangent), ElementsAre(7, 0, 11, 4));
  bound.stage->forward(*none, Mode::training);
  tangents();
  EXPECT_THAT(got(out.tangent), ElementsAre(2, 0, -1, 3)) << "f' = 0 after every forward";
}

TEST(MultiplicativeNoise, MayStandBehindAConstantInput) {
  const MultiplicativeNoise layer("site", {1, 1, 2});
  Feed feed = make_feed(layer, 2, 1, true);
  feed.x = {3, 4};
  feed.factors = {0.5F, 2};
  EXPECT_THAT(run(layer, feed, false).forward, ElementsAre(1.5F, 8));
}

std::unique_ptr<Layer> path(const std::string& name, bool linear) {
  std::vector<std::unique_ptr<Layer>> layers;
  if (linear) layers.push_back(make_linear(name, cpu(), {1, 1, 2}, 2, 1));
  layers.push_back(std::make_unique<MultiplicativeNoise>(name, ImageShape{1, 1, 2}));
  return std::make_unique<Sequence>(std::move(layers));
}

// y = f W x + g x with W = 1: the main path's factors come first, whichever path is bound first.
TEST(MultiplicativeNoise, KnowsItsFactorsInBothPathsOfAResidual) {
  const Residual layer("block", {1, 1, 2}, path("main", true), path("shortcut", false));
  ASSERT_EQ(layer.noise_sites().size(), 2U);
  EXPECT_EQ(layer.noise_sites()[0].name, "main");
  EXPECT_EQ(layer.noise_sites()[1].name, "shortcut");
  Feed feed = make_feed(layer, 2, 1, true);
  feed.x = {1, 10};
  feed.w = {1, 0, 0, 1, 0, 0};
  feed.factors = {2, 3, 5, 7};
  EXPECT_THAT(run(layer, feed).forward, ElementsAre(7, 100));
}

std::vector<std::string> names(const Network& network) {
  std::vector<std::string> all;
  for (const NoiseSite& site : network.noise_sites()) all.push_back(site.name);
  return all;
}

TEST(NoiseSites, StandBehindHiddenLayers) {
  EXPECT_THAT(names(*network("mlp", {}, {4, 4, 1}, 3)), ElementsAre("hidden1", "hidden2"));
  EXPECT_THAT(names(*network("cnn3", {}, {16, 16, 3}, 3)), ElementsAre("hidden"));
  EXPECT_THAT(names(*network("lenet5", {}, {16, 16, 3}, 3)), ElementsAre("hidden1", "hidden2"));
  EXPECT_THAT(names(*network("vgg11", {}, {32, 32, 3}, 3)), ElementsAre("hidden1", "hidden2"));
  EXPECT_THAT(names(*network("vgg16_bn", {}, {32, 32, 3}, 3)), ElementsAre("features"));
  EXPECT_THAT(names(*network("keskar_c1", {}, {32, 32, 3}, 3)), ElementsAre("hidden1", "hidden2"));
  EXPECT_THAT(names(*network("wide_resnet_10_1", {}, {16, 16, 3}, 3)),
              ElementsAre("stage1.block1", "stage2.block1", "stage3.block1"));
  EXPECT_THAT(names(*network("resnet8", {}, {16, 16, 3}, 3)), IsEmpty());
  EXPECT_EQ(network("vgg11", {}, {32, 32, 3}, 3)->noise_sites()[1].size, 512U);
  EXPECT_THAT(usual_noise_sites(find_architecture("lenet5")), ElementsAre("hidden1", "hidden2"));
}

const CrossEntropy head;

// Factors of 1 cost a sweep but change no bit; others act in training and in evaluation.
TEST(NoisyWorkspace, WithFactorsOfOneIsThePlainOne) {
  for (const char* name : {"mlp", "cnn3", "keskar_c1", "wide_resnet_10_1", "vgg11"}) {
    SCOPED_TRACE(name);
    OptionMap options{{"width", std::int64_t{4}}};
    if (std::string(name) == "vgg11") options["precision"] = std::string("auto");
    const auto net = network(name, options, {32, 32, 3}, 5);
    const Vector w = start(*net);
    const Vector v = direction(w.size(), 1);
    Questions plain(*net, 3, head);
    Questions noisy(*net, 3, head, net->make_noisy_workspace(3));
    EXPECT_EQ(noisy.outputs(w), plain.outputs(w));
    EXPECT_EQ(noisy.gradient(w), plain.gradient(w));
    EXPECT_EQ(noisy.hessian_vector(w, v), plain.hessian_vector(w, v));
    std::ranges::fill(noisy.workspace().factors(0), 0.5F);
    EXPECT_NE(noisy.outputs(w), plain.outputs(w));
    const auto point = net->make_point();
    point->assign(w);
    const auto evaluated = [&](Questions& ask) {
      const auto z = ask.workspace().forward(*point, Mode::evaluation);
      return Vector(z.begin(), z.end());
    };
    const Vector expected = evaluated(plain);
    EXPECT_NE(evaluated(noisy), expected);
    for (std::size_t site = 0; site < net->noise_sites().size(); ++site) {
      std::ranges::fill(noisy.workspace().factors(site), 1.0F);
    }
    EXPECT_EQ(evaluated(noisy), expected);
  }
}

// z = V (f relu(U x)) by hand: U = 1, V = (1, 10), x = 3, two examples.
TEST(NoisyWorkspace, MultipliesTheHiddenUnits) {
  const auto net =
      network("mlp", {{"width", std::int64_t{2}}, {"depth", std::int64_t{1}}}, {1, 1, 1}, 1);
  const Vector w{1, 1, 0, 0, 1, 10, 0};
  const auto workspace = net->make_noisy_workspace(2);
  std::ranges::fill(workspace->inputs(), 3.0F);
  std::ranges::copy(Vector{2, 0, 1, -1}, workspace->factors(0).begin());
  const auto point = net->make_point();
  point->assign(w);
  EXPECT_THAT(workspace->forward(*point, Mode::training), ElementsAre(6, -27));
  Vector g(w.size());
  workspace->backward(Vector{1, 1}, g);
  // dU = sum of V f x; db = V f; dV = sum of f h; dc = 2.
  EXPECT_THAT(g, ElementsAre(3 * (2 + 1), 3 * (0 - 10), 2 + 1, -10, 3 * (2 + 1), 3 * (0 - 1), 2));
}

// A site of images that Winograd's convolutions want in blocks takes its factors channel by channel
// in the pixel all the same: here channel 5 of pixel (1, 2) of example 1 grows.
TEST(NoisyWorkspace, NumbersImagesByPixelAndChannel) {
  const OptionMap options{{"width", std::int64_t{32}}};
  const OptionMap direct{{"width", std::int64_t{32}}, {"convolution", std::string("direct")}};
  std::vector<Vector> outputs;
  for (const OptionMap& given : {options, direct}) {
    const auto net = network("wide_resnet_10_1", given, {16, 16, 3}, 3);
    Questions ask(*net, 2, head, net->make_noisy_workspace(2));
    ASSERT_EQ(net->noise_sites()[0].size, 16U * 16 * 32);
    ask.workspace().factors(0)[16 * 16 * 32 + (1 * 16 + 2) * 32 + 5] = 100;
    outputs.push_back(ask.outputs(start(*net)));
    std::ranges::fill(ask.workspace().factors(0), 1.0F);
    outputs.push_back(ask.outputs(start(*net)));
  }
  EXPECT_GT(norm(moved(outputs[0], -1, outputs[1])), 0.05 * norm(outputs[1]));
  EXPECT_LT(norm(moved(outputs[0], -1, outputs[2])), 1e-3 * norm(outputs[0]));
}

// Smooth network, drawn factors: the tangent passes multiply by what the others multiply by.
TEST(NoisyWorkspace, HasExactDerivatives) {
  const auto net = network(
      "mlp", {{"width", std::int64_t{20}}, {"activation", std::string("tanh")}}, {4, 4, 2}, 4);
  Questions ask(*net, 5, head, net->make_noisy_workspace(5));
  for (std::size_t site = 0; site < 2; ++site) {
    const auto factors = ask.workspace().factors(site);
    EXPECT_EQ(factors.size(), 100U);
    std::ranges::copy(draw(Random(4).at("site", site), 100, true), factors.begin());
  }
  const Vector w = start(*net);
  const Vector v = direction(w.size(), 2);
  const Vector u = direction(w.size(), 1);
  constexpr double h = 3e-3;
  const Vector g = ask.gradient(w);
  const Vector along = moved(Vector(g.size()), 1 / norm(g), g);
  EXPECT_NEAR((ask.value(moved(w, h, along)) - ask.value(moved(w, -h, along))) / (2 * h), norm(g),
              3e-3 * norm(g));
  const Vector above = ask.gradient(moved(w, h, v));
  const Vector below = ask.gradient(moved(w, -h, v));
  const Vector hv = ask.hessian_vector(w, v);
  EXPECT_LT(norm(moved(hv, -1 / (2 * h), moved(above, -1, below))), 5e-3 * norm(hv));
  EXPECT_NEAR(dot(u, hv), dot(v, ask.hessian_vector(w, u)), 1e-5 * norm(hv));
}

}  // namespace
}  // namespace gapbench::nn

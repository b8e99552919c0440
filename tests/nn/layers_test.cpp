// Descriptions that are computed: drawn at random, so that layers meet in orders nobody wrote down.
#include <gmock/gmock.h>

#include <optional>
#include <set>

#include "core/engine_options.h"
#include "gapbench/error.h"
#include "nn/chain.h"
#include "nn/network_bench.h"

namespace gapbench::nn {
namespace {

/// Any layers one behind the other, from a key.
class Drawn {
 public:
  explicit Drawn(std::uint64_t key) : random_(Random(41).at("layers", key)) {}

  Layers network(Shape input, std::size_t outputs) {
    Layers layers(input);
    add(layers, 6, 1);
    return layers.linear("output", outputs, output_gain);
  }

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_.below(n)); }
  std::string name() { return "layer" + std::to_string(++names_); }

  void add(Layers& layers, std::size_t count, std::size_t residuals) {
    for (std::size_t i = 0; i < count; ++i) add_one(layers, residuals);
  }

  void add_one(Layers& layers, std::size_t residuals) {
    const std::size_t side = std::min(layers.shape().height, layers.shape().width);
    switch (below(9)) {
      case 0:
      case 1:
        // 3x3 of stride 1 is Winograd's where there are 16 channels or more.
        layers.convolution(name(), {.outputs = 16 * (1 + below(2)), .kernel = 3, .padding = 1}, 2);
        return;
      case 2: {
        const std::size_t kernel = 1 + below(2);
        layers.convolution(
            name(),
            {.outputs = 3 + below(3), .kernel = kernel, .padding = kernel - 1, .bias = false}, 1);
        return;
      }
      case 3:
        layers.activation(below(2) == 0 ? Activation::relu : Activation::tanh);
        return;
      case 4:
        layers.normalize(
            name(), {.kind = below(2) == 0 ? Norm::Kind::batch : Norm::Kind::group, .groups = 1});
        return;
      case 5:
        if (side >= 4) layers.pool(below(2) == 0 ? Pooling::max : Pooling::average, 2);
        return;
      case 6:
        if (side >= 4) layers.max_pool(3, 2, 1);
        return;
      case 7:
        layers.noise(name());
        return;
      default:
        if (residuals > 0) add_residual(layers, residuals - 1);
    }
  }

  void add_residual(Layers& layers, std::size_t residuals) {
    const std::size_t channels = 16 * (1 + below(2));
    Layers main = layers.branch();
    main.convolution(name(), {.outputs = 4, .kernel = 3, .padding = 1}, 2);
    if (below(2) == 0) main.activation(Activation::relu);
    if (residuals > 0) add_residual(main, residuals - 1);
    main.convolution(name(), {.outputs = channels, .kernel = 3, .padding = 1}, 1);
    if (below(2) == 0) main.normalize(name(), {.kind = Norm::Kind::batch});
    Layers shortcut = layers.branch();
    shortcut.convolution(name(), {.outputs = channels, .kernel = 1}, 1);
    layers.residual(name(), main, shortcut);
    if (below(2) == 0) layers.activation(Activation::relu);
  }

  Random random_;
  std::size_t names_ = 0;
};

Options engine(const char* precision, const char* convolution) {
  return Options::resolve(
      "drawn", engine_options,
      {{"precision", std::string(precision)}, {"convolution", std::string(convolution)}});
}

constexpr Shape input{9, 8, 3};
constexpr std::size_t outputs = 3;

TEST(DrawnLayers, AreComputedAsTheyAreDescribed) {
  std::set<std::string> texts;
  for (std::uint64_t key = 0; key < 40; ++key) {
    const Layers layers = Drawn(key).network(input, outputs);
    SCOPED_TRACE(to_text(layers));
    texts.insert(to_text(layers));
    const auto net = make_network(layers, engine("f32", "auto"));
    EXPECT_EQ(net->dimension(), layers.parameters());
    EXPECT_EQ(net->width(), outputs);
    std::vector<std::string> sites;
    for (const NoiseSite& s : net->noise_sites()) sites.push_back(s.name);
    EXPECT_EQ(sites, noise_sites(layers));
    const CrossEntropy head;
    Questions ask(*net, 4, head);
    const Vector w = start(*net);
    const Vector v = direction(net->dimension(), 1);
    const Vector u = direction(4 * outputs, 2);
    const Vector jv = ask.jacobian_vector(w, v);
    // Rounding: 1e-5 as for the networks by name, of numbers as large as both factors.
    const Vector ju = ask.vector_jacobian(w, u);
    EXPECT_NEAR(dot(u, jv), dot(ju, v), 1e-5 * (norm(jv) + norm(ju)));
    const Vector z = ask.outputs(w);
    const auto direct = make_network(layers, engine("f32", "direct"));
    const Vector zd = Questions(*direct, 4, head).outputs(w);
    for (std::size_t i = 0; i < z.size(); ++i) EXPECT_NEAR(z[i], zd[i], 1e-3 * (1 + norm(zd)));
  }
  EXPECT_EQ(texts.size(), 40U);
}

// One that ends in a convolution and is computed in bf16 gives f32, too.
TEST(DrawnLayers, GiveF32WhateverTheyEndIn) {
  Layers layers({4, 4, 3});
  layers.convolution("a", {.outputs = 3, .kernel = 4}, 1);
  const auto plain = make_network(layers, engine("f32", "direct"));
  std::unique_ptr<const Network> rounded;
  try {
    rounded = make_network(layers, engine("bf16", "direct"));
  } catch (const Error&) {
    GTEST_SKIP() << "this CPU has no bf16 products";
  }
  const CrossEntropy head;
  const Vector w = start(*plain);
  const Vector a = Questions(*plain, 2, head).outputs(w);
  const Vector b = Questions(*rounded, 2, head).outputs(w);
  // Each operand is rounded by at most 2^-9 of itself.
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 0.02 * norm(a)) << i;
  EXPECT_NE(a, b);
}

TEST(DrawnLayers, EveryArchitectureIsItsDescription) {
  for (const Architecture& a : architectures()) {
    SCOPED_TRACE(a.name);
    const auto options = Options::resolve(a.name, a.options, {});
    const Layers layers = layers_of(a.name, options, {32, 32, 3}, 10);
    EXPECT_EQ(network(a.name, {}, {32, 32, 3}, 10)->dimension(), layers.parameters());
  }
}

/// The shape behind one step, or nothing where it refuses.
template <class L, class F>
std::optional<Shape> behind(L layers, const F& step) {
  try {
    step(layers);
    const auto s = layers.shape();
    return Shape{s.height, s.width, s.channels};
  } catch (const Error&) {
    return std::nullopt;
  }
}

// The rules of descriptions and those of the layers behind them are two: they agree.
TEST(DrawnLayers, RefuseWhatTheLayersRefuse) {
  const Engine engine{dnnl::engine(dnnl::engine::kind::cpu, 0)};
  std::size_t refused = 0;
  const auto agree = [&](const auto& step) {
    const auto described = behind(Layers({3, 5, 4}), step);
    EXPECT_EQ(described, behind(Chain(engine, {3, 5, 4}), step));
    refused += described ? 0 : 1;
  };
  for (std::size_t side = 0; side <= 7; ++side) {
    for (std::size_t stride = 0; stride <= 2; ++stride) {
      for (std::size_t padding = 0; padding <= 2; ++padding) {
        SCOPED_TRACE(::testing::Message() << side << " " << stride << " " << padding);
        agree([=](auto& l) {
          l.convolution("a", {.outputs = 2, .kernel = side, .stride = stride, .padding = padding},
                        1);
        });
        agree([=](auto& l) { l.max_pool(side, stride, padding); });
      }
    }
    agree([=](auto& l) { l.pool(Pooling::average, side); });
    agree([=](auto& l) { l.adaptive_average_pool(side); });
    agree([=](auto& l) { l.normalize("n", {.kind = Norm::Kind::group, .groups = side}); });
  }
  EXPECT_GT(refused, 20U);
}

}  // namespace
}  // namespace gapbench::nn

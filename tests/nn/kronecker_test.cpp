// Kronecker factors: layers against naive loops, networks against what they must fit.

#include <gmock/gmock.h>
#include <omp.h>

#include "core/engine_options.h"
#include "nn/engine.h"
#include "nn/layer_bench.h"
#include "nn/layers/affine/linear.h"
#include "nn/layers/convolution.h"
#include "nn/network_bench.h"

namespace gapbench::nn {
namespace {

using testing::ElementsAre;

Engine engine(const char* precision) {
  const OptionMap given{{"precision", std::string(precision)},
                        {"convolution", std::string("winograd")}};
  Engine engine = make_engine(Options::resolve("test", engine_options, given));
  engine.device = cpu().device;
  return engine;
}

TEST(Kronecker, OfALinearLayerByHand) {
  // a = (5, 7, 1), (1, 1, 1); dy = (1, 3), (2, 0).
  const auto layer = make_linear("linear", cpu(), {1, 1, 2}, 2, 1);
  const Feed feed{
      2,           {5, 7, 1, 1}, {0, 0, 0, 0}, {1, 2, 3, 4, 5, 6}, {0, 0, 0, 0, 0, 0}, {1, 3, 2, 0},
      {0, 0, 0, 0}};
  const Passed p = run(*layer, feed);
  EXPECT_THAT(p.a, ElementsAre(13, 18, 3, 18, 25, 4, 3, 4, 1));
  EXPECT_THAT(p.g, ElementsAre(2.5, 1.5, 1.5, 4.5));
  EXPECT_THAT(p.squares, ElementsAre(25 + 4, 49 + 4, 225, 441, 1 + 4, 9));
}

TEST(Kronecker, OfAConvolutionByHand) {
  // A 1x1 kernel at 2 positions: a = (3, 1), (4, 1); dy = 1, 3.
  const auto layer = make_convolution("conv", cpu(), {1, 2, 1}, {.outputs = 1, .kernel = 1}, 1);
  const Feed feed{1, {3, 4}, {0, 0}, {2, 5}, {0, 0}, {1, 3}, {0, 0}};
  const Passed p = run(*layer, feed);
  EXPECT_THAT(p.a, ElementsAre(25, 7, 7, 2)) << "a sum over positions";
  EXPECT_THAT(p.g, ElementsAre(5)) << "a mean over positions";
  EXPECT_THAT(p.squares, ElementsAre((3 + 12) * (3 + 12), 16));
}

struct Case {
  const char* name;
  ImageShape input;
  ConvolutionShape shape;
};
// As many positions as a power of two: then every share is exact.
const Case cases[] = {
    {"Stem", {8, 8, 3}, {.outputs = 32, .kernel = 3, .padding = 1}},
    {"Blocked", {8, 8, 32, 16}, {.outputs = 64, .kernel = 3, .padding = 1}},
    {"Strided", {8, 8, 16}, {.outputs = 32, .kernel = 3, .stride = 2, .padding = 1, .bias = false}},
    {"Projection", {8, 8, 32, 16}, {.outputs = 64, .kernel = 1, .stride = 2, .bias = false}},
    {"PixelsLeftOver", {9, 9, 5}, {.outputs = 7, .kernel = 2, .stride = 2}},
    {"WholeImage", {5, 5, 4}, {.outputs = 10, .kernel = 5}},
};

// Patches from the taps of the first output channel.
std::vector<std::vector<double>> naive_patches(const Case& c, const Feed& feed) {
  const std::size_t inputs = c.input.channels * c.shape.kernel * c.shape.kernel;
  const std::size_t rows = feed.dy.size() / c.shape.outputs;
  std::vector<std::vector<double>> patches(rows, std::vector<double>(inputs));
  reference::for_each_tap(feed.examples, c.input, c.shape,
                          [&](std::size_t x, std::size_t w, std::size_t y) {
                            if (y % c.shape.outputs > 0) return;
                            patches[y / c.shape.outputs][w] = feed.x[x];
                          });
  if (!c.shape.bias) return patches;
  for (auto& patch : patches) patch.push_back(1);
  return patches;
}

std::vector<double> mean_square(const std::vector<std::vector<double>>& rows, double count) {
  const std::size_t n = rows[0].size();
  std::vector<double> sum(n * n);
  for (const auto& r : rows) {
    for (std::size_t i = 0; i < n * n; ++i) sum[i] += r[i / n] * r[i % n] / count;
  }
  return sum;
}

// sum over examples of (sum over positions of g a^T)^2, weights before biases.
std::vector<double> naive_squares(const Case& c, std::size_t examples,
                                  const std::vector<std::vector<double>>& patches,
                                  const std::vector<std::vector<double>>& pixels) {
  const std::size_t inputs = patches[0].size();
  const std::size_t positions = patches.size() / examples;
  const std::size_t weights = inputs - (c.shape.bias ? 1 : 0);
  std::vector<double> sum(c.shape.outputs * inputs);
  for (std::size_t i = 0; i < examples; ++i) {
    for (std::size_t o = 0; o < c.shape.outputs; ++o) {
      for (std::size_t k = 0; k < inputs; ++k) {
        double g = 0;
        for (std::size_t t = i * positions; t < (i + 1) * positions; ++t) {
          g += pixels[t][o] * patches[t][k];
        }
        sum[k < weights ? o * weights + k : c.shape.outputs * weights + o] += g * g;
      }
    }
  }
  return sum;
}

void expect_factors(const Engine& with, const Case& c) {
  SCOPED_TRACE(c.name);
  const auto layer = make_convolution("conv", with, c.input, c.shape, 2);
  const Feed feed = make_feed(*layer, c.input.size(), 2, true);
  const Passed p = run_in_blocks(*layer, feed, c.input);
  EXPECT_THAT(p.a, testing::Pointwise(testing::Eq(), mean_square(naive_patches(c, feed), 2)));
  std::vector<std::vector<double>> pixels;
  for (std::size_t i = 0; i < feed.dy.size(); i += c.shape.outputs) {
    pixels.emplace_back(feed.dy.begin() + static_cast<std::ptrdiff_t>(i),
                        feed.dy.begin() + static_cast<std::ptrdiff_t>(i + c.shape.outputs));
  }
  const auto count = static_cast<double>(pixels.size());
  EXPECT_THAT(p.g, testing::Pointwise(testing::Eq(), mean_square(pixels, count)));
  EXPECT_THAT(p.squares, testing::Pointwise(testing::Eq(),
                                            naive_squares(c, 2, naive_patches(c, feed), pixels)));
}

TEST(Kronecker, IsExactOnSmallIntegers) {
  for (const Case& c : cases) {
    if (c.input.planes() > 1 && !engine("f32").winograd) continue;  // no blocks without AVX-512
    expect_factors(engine("f32"), c);
  }
}

TEST(Kronecker, IsExactOnSmallIntegersInBf16) {
  if (engine("auto").precision == Precision::f32) GTEST_SKIP() << "needs AVX512-BF16";
  for (Case c : cases) {
    c.input.block = 0;
    expect_factors(engine("bf16"), c);
    c.input.precision = Precision::bf16;
    expect_factors(engine("bf16"), c);
  }
}

/// Factors of a network's layers, behind a backward of these cotangents.
struct Answers {
  Answers(const Network& net, std::size_t examples, const Vector& cotangent) : norms(examples) {
    const Vector w = start(net);
    const auto point = net.make_point();
    point->assign(w);
    const auto workspace = net.make_workspace(examples);
    Random(1).normal(workspace->inputs());
    workspace->forward(*point, Mode::training);
    workspace->backward(cotangent, {});
    workspace->example_norms(norms);
    for (std::size_t l = 0; l < net.kronecker_layers().size(); ++l) {
      const KroneckerLayer& layer = net.kronecker_layers()[l];
      a.emplace_back(layer.inputs * layer.inputs);
      g.emplace_back(layer.outputs * layer.outputs);
      workspace->kronecker_factors(l, a.back(), g.back());
    }
    if (!net.has_example_squares()) return;
    squares.resize(net.dimension());
    workspace->example_squares(squares);
  }

  bool operator==(const Answers&) const = default;

  std::vector<double> norms;
  std::vector<Vector> a, g;
  Vector squares;
};

// Products of whole matrices too run on the calling thread alone.
TEST(Kronecker, DoesNotDependOnTheCallersThreads) {
  const auto net = network("vgg11", {{"width", std::int64_t{8}}}, {32, 32, 3}, 10);
  const Vector cotangent = direction(40, 1);
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  const Answers one(*net, 4, cotangent);
  omp_set_num_threads(2);
  const Answers two(*net, 4, cotangent);
  omp_set_num_threads(before);
  EXPECT_EQ(one.a.size(), 11U);
  EXPECT_TRUE(one == two);
}

double trace(const Vector& m) {
  const auto n = static_cast<std::size_t>(std::sqrt(static_cast<double>(m.size())) + 0.5);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += m[i * n + i];
  return sum;
}

// Of one example dW = g a^T, so that |dW|^2 = tr A tr G.
TEST(Kronecker, OfOneExampleOfLinearLayersHasItsGradientsNorm) {
  const auto net = network("mlp", {{"width", std::int64_t{20}}}, {4, 4, 3}, 10);
  const Answers answers(*net, 1, direction(10, 1));
  double sum = 0;
  for (std::size_t l = 0; l < answers.a.size(); ++l)
    sum += trace(answers.a[l]) * trace(answers.g[l]);
  EXPECT_EQ(answers.a.size(), 3U);
  EXPECT_NEAR(sum, answers.norms[0], 1e-6 * sum);
}

TEST(Kronecker, KnowsTheLayersOfAResidualNetwork) {
  const auto net = network("resnet8", {}, {16, 16, 3}, 10);
  const auto layers = net->kronecker_layers();
  const auto at = [&](const std::string& name) {
    for (std::size_t l = 0; l < layers.size(); ++l) {
      if (net->tensors()[layers[l].tensor].name == name) return l;
    }
    return layers.size();
  };
  std::vector<std::string> names;
  for (const KroneckerLayer& l : layers) names.push_back(net->tensors()[l.tensor].name);
  ASSERT_EQ(layers.size(), 10U) << testing::PrintToString(names);
  EXPECT_EQ(layers[0].inputs, 27U);
  EXPECT_EQ(layers[0].outputs, 16U);
  EXPECT_EQ(layers[9].inputs, 65U) << "with a bias";
  EXPECT_EQ(layers[9].outputs, 10U);
  // The shortcut sees the middle of every patch that the main path's first convolution sees.
  const std::string block = names[3].substr(0, names[3].find('.'));
  const Answers answers(*net, 4, direction(40, 1));
  const std::size_t wide = at(names[3]);
  std::size_t shortcut = 0;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (layers[l].inputs == 16) shortcut = l;
  }
  ASSERT_GT(shortcut, wide) << "behind the main path";
  const Vector& small = answers.a[shortcut];
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t k = 0; k < 16; ++k) {
      const float middle = answers.a[wide][(9 * i + 4) * 144 + 9 * k + 4];
      EXPECT_NEAR(small[16 * i + k], middle, 1e-4 * std::abs(middle) + 1e-6) << i << ", " << k;
    }
  }
}

}  // namespace
}  // namespace gapbench::nn

// Gaussian workspaces: against naive loops at given e, against drawn weights, against differences.
#include "nn/layers/gaussian.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "nn/layer_bench.h"
#include "nn/layers/affine/linear.h"
#include "nn/layers/convolution.h"
#include "nn/network_bench.h"

namespace gapbench::nn {
namespace {

struct Case {
  const char* name;
  std::size_t examples;
  ImageShape input;
  ConvolutionShape shape;
  bool winograd = false;
};

const Case cases[] = {
    {"Linear", 5, {1, 1, 7}, {.outputs = 3, .kernel = 1}},
    {"Stem", 3, {8, 8, 3}, {.outputs = 32, .kernel = 3, .padding = 1}},
    {"LenetSecond", 2, {9, 9, 6}, {.outputs = 16, .kernel = 5}},
    {"Strided", 2, {8, 8, 16}, {.outputs = 32, .kernel = 3, .stride = 2, .padding = 1}},
    {"InBlocks", 2, {8, 8, 32, 16}, {.outputs = 48, .kernel = 3, .padding = 1}, true},
    {"IntoBlocks", 2, {8, 8, 3}, {.outputs = 32, .kernel = 3, .padding = 1}, true},
    {"OneBlock", 3, {4, 4, 16, 16}, {.outputs = 16, .kernel = 3, .padding = 1}, true},
};

std::unique_ptr<Layer> make(const Case& c) {
  Engine engine = cpu();
  engine.winograd = c.winograd;
  if (std::string(c.name) == "Linear") return make_linear("l", engine, c.input, c.shape.outputs, 2);
  return make_convolution("conv", engine, c.input, c.shape, 2);
}

/// x, W, dy of a feed, and S in [0, 2), e.
struct Given {
  explicit Given(const Layer& layer, const Case& c)
      : feed(make_feed(layer, c.input.size(), c.examples, false)), s(feed.w.size()) {
    s = draw(Random(29), s.size(), false);
    for (float& v : s) v += 1;
    e.resize(feed.dy.size());
    Random(31).normals(e);
  }
  Feed feed;
  std::vector<float> s;
  std::vector<float> e;
};

struct Answer {
  std::vector<float> y, dx, dw, ds;  // channels-last
};

Answer answer(const Layer& layer, const Given& given, ImageShape input) {
  const Feed& feed = given.feed;
  Arena arena;
  const auto take = [&] { return arena.floats(feed.x.size()); };
  const Flow in{take(), take(), take(), take()};
  const auto plan = layer.plan(feed.examples);
  Bench bench{feed.examples, arena, arena.floats(plan->scratch()), dnnl::stream(cpu().device)};
  bench.gaussian = true;
  const Bound bound = layer.bind(*plan, in, bench);
  std::vector<GaussianPart*> parts;
  bound.stage->list_gaussians(parts);
  EXPECT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0]->parameters(), feed.w.size());
  const auto w = layer.make_weights();
  w->assign(feed.w);
  parts[0]->assign(given.s);
  std::ranges::copy(given.e, parts[0]->normals().begin());
  put(laid_out(feed.x, input, false), in.value, Precision::f32);
  bound.stage->forward(*w, Mode::training);
  Answer a;
  a.y = laid_out(get(bound.output.value, feed.dy.size(), Precision::f32), layer.output(), true);
  put(laid_out(feed.dy, layer.output(), false), bound.output.cotangent, Precision::f32);
  a.dw.resize(feed.w.size());
  a.ds.resize(feed.w.size());
  bound.stage->backward(*w, a.dw);
  a.dx = laid_out(get(in.cotangent, feed.x.size(), Precision::f32), input, true);
  parts[0]->gradient(a.ds);
  return a;
}

std::vector<float> squares(std::vector<float> x) {
  for (float& v : x) v *= v;
  return x;
}

class GaussianLayers : public testing::TestWithParam<Case> {};

// y = m + e sqrt(v) and its derivatives, m and v by naive loops in double.
TEST_P(GaussianLayers, AreWhatTheFormulasSay) {
  using reference::Dual;
  const Case& c = GetParam();
  const auto layer = make(c);
  EXPECT_TRUE(layer->parameters()[0].takes_variances);
  const Given given(*layer, c);
  const Feed& feed = given.feed;
  const reference::Convolution naive(c.input, c.shape);
  const auto lift = [](const std::vector<float>& v) {
    return dual(v, std::vector<float>(v.size()));
  };
  const auto x = lift(feed.x);
  const auto x2 = lift(squares(feed.x));
  auto y = naive.forward(x, lift(feed.w));
  const auto v = naive.forward(x2, lift(given.s));
  reference::Tensor dv(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double deviation = std::sqrt(v[i].value);
    y[i].value += given.e[i] * deviation;
    dv[i].value = feed.dy[i] * given.e[i] / (2 * deviation);
  }
  const auto by_mean = naive.backward(x, lift(feed.w), lift(feed.dy));
  const auto by_variance = naive.backward(x2, lift(given.s), dv);
  auto dx = by_mean.input;
  for (std::size_t i = 0; i < dx.size(); ++i) {
    dx[i].value += 2 * x[i].value * by_variance.input[i].value;
  }
  const Answer got = answer(*layer, given, c.input);
  // Sums of up to `taps` products, or of a product an output pixel; Winograd's round ten times as much.
  const std::size_t taps =
      std::max(c.input.channels, c.shape.outputs) * c.shape.kernel * c.shape.kernel;
  const std::size_t pixels = c.examples * layer->output().height * layer->output().width;
  const double tolerance = (c.winograd ? 10 : 1) * 4 * sum_tolerance(std::max(taps, pixels) + 1);
  expect_close("y", got.y, y, &Dual::value, tolerance);
  expect_close("dx", got.dx, dx, &Dual::value, tolerance);
  expect_close("dw", got.dw, by_mean.parameters, &Dual::value, tolerance);
  expect_close("ds", got.ds, by_variance.parameters, &Dual::value, tolerance);
}

INSTANTIATE_TEST_SUITE_P(Nn, GaussianLayers, testing::ValuesIn(cases),
                         [](const auto& one) { return one.param.name; });

// Each output alone is distributed as under drawn weights: mean and variance over 20,000 draws of W, known to
// 1/sqrt(20,000) of the deviation and to 1 %, here within five of that.
TEST(GaussianLayer, HasTheMomentsOfDrawnWeights) {
  const Case c{"Small", 2, {3, 3, 2}, {.outputs = 2, .kernel = 3, .padding = 1}};
  const auto layer = make(c);
  Given given(*layer, c);
  std::ranges::fill(given.e, 0.0F);
  const auto mean = answer(*layer, given, c.input).y;
  std::ranges::fill(given.e, 1.0F);
  const auto above = answer(*layer, given, c.input).y;
  constexpr std::size_t draws = 20000;
  const reference::Convolution naive(c.input, c.shape);
  const auto x = dual(given.feed.x, given.feed.x);
  std::vector<double> sum(mean.size());
  std::vector<double> square(mean.size());
  std::vector<float> e(given.s.size());
  for (std::size_t k = 0; k < draws; ++k) {
    Random(37).at("draw", k).normals(e);
    std::vector<float> w = given.feed.w;
    for (std::size_t i = 0; i < w.size(); ++i) w[i] += std::sqrt(given.s[i]) * e[i];
    const auto y = naive.forward(x, dual(w, w));
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double away = y[i].value - mean[i];
      sum[i] += away / draws;
      square[i] += away * away / draws;
    }
  }
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const double deviation = above[i] - mean[i];
    EXPECT_NEAR(sum[i], 0, 5 * deviation / std::sqrt(draws)) << i;
    EXPECT_NEAR(square[i] / (deviation * deviation), 1, 0.05) << i;
  }
}

/// A network at given e, with a head's derivatives by means and variances.
class GaussianNetwork {
 public:
  GaussianNetwork(const Network& network, std::size_t examples)
      : network_(network),
        workspace_(network.make_gaussian_workspace(examples)),
        point_(network.make_point()),
        labels_(examples) {
    Random random = Random(3).at("data");
    random.normal(workspace_->inputs());
    for (auto& label : labels_) label = static_cast<std::int32_t>(random.below(network.width()));
    for (std::size_t l = 0; l < network.kronecker_layers().size(); ++l) {
      Random(41).at("layer", l).normals(workspace_->normals(l));
    }
    for (std::size_t site = 0; site < network.noise_sites().size(); ++site) {
      std::ranges::fill(workspace_->factors(site), 1.0F);
    }
  }
  Workspace& workspace() { return *workspace_; }

  Vector outputs(const Vector& w, const Vector& s) {
    point_->assign(w);
    point_->assign_variances(s);
    EXPECT_TRUE(network_.has_variances(*point_));
    const auto z = workspace_->forward(*point_, Mode::training);
    return {z.begin(), z.end()};
  }
  double value(const Vector& w, const Vector& s) {
    z_ = outputs(w, s);
    return head_.value({labels_.size(), network_.width(), z_, labels_, {}}, {});
  }
  struct Gradient {
    Vector by_mean, by_variance;
  };
  Gradient gradient(const Vector& w, const Vector& s) {
    value(w, s);
    Vector cotangent(z_.size());
    head_.value({labels_.size(), network_.width(), z_, labels_, {}}, cotangent);
    Gradient g{Vector(w.size()), Vector(w.size())};
    workspace_->backward(cotangent, g.by_mean);
    workspace_->variance_gradient(g.by_variance);
    return g;
  }

 private:
  const Network& network_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<Point> point_;
  std::vector<std::int32_t> labels_;
  CrossEntropy head_;
  Vector z_;
};

struct Named {
  const char* test;
  const char* name;
  OptionMap options;
  ImageShape input;
};

const Named networks[] = {
    {"Mlp", "mlp", {{"width", std::int64_t{9}}, {"activation", std::string("tanh")}}, {1, 1, 6}},
    {"Lenet5", "lenet5", {}, {28, 28, 1}},
    {"Cnn3", "cnn3", {{"width", std::int64_t{32}}, {"hidden", std::int64_t{20}}}, {32, 32, 3}},
    {"Resnet8", "resnet8", {{"norm", std::string("none")}}, {16, 16, 3}},
};

class GaussianNetworks : public testing::TestWithParam<Named> {
 protected:
  const std::unique_ptr<const Network> network_ =
      network(GetParam().name, GetParam().options, GetParam().input, 4);
};

TEST_P(GaussianNetworks, WithoutVarianceAreThePlainOnes) {
  ASSERT_TRUE(network_->takes_variances());
  const Vector w = start(*network_);
  GaussianNetwork gaussian(*network_, 3);
  CrossEntropy head;
  Questions plain(*network_, 3, head);
  EXPECT_EQ(gaussian.outputs(w, Vector(w.size(), 0)), plain.outputs(w));
  EXPECT_EQ(gaussian.gradient(w, Vector(w.size(), 0)).by_mean, plain.gradient(w));
}

// Central differences along five directions each; rectifiers and maxima have kinks in some.
TEST_P(GaussianNetworks, GradientsFitDifferencesAtFixedNoise) {
  const Vector w = start(*network_);
  Vector s(w.size());
  Random random = Random(43);
  for (float& v : s) v = static_cast<float>(0.002 + 0.004 * random.uniform());
  GaussianNetwork gaussian(*network_, 3);
  const auto g = gaussian.gradient(w, s);
  int agreed = 0;
  std::ostringstream seen;
  for (std::uint64_t k = 0; k < 5; ++k) {
    const Vector v = direction(w.size(), k);
    constexpr double h = 5e-3;
    const double by_mean =
        (gaussian.value(moved(w, h, v), s) - gaussian.value(moved(w, -h, v), s)) / (2 * h);
    // Variances relative to their size.
    Vector u(v.size());
    for (std::size_t i = 0; i < u.size(); ++i) {
      u[i] = s[i] * v[i] * std::sqrt(static_cast<float>(v.size()));
    }
    const double by_variance =
        (gaussian.value(w, moved(s, h, u)) - gaussian.value(w, moved(s, -h, u))) / (2 * h);
    const double right_mean = dot(g.by_mean, v);
    const double right_variance = dot(g.by_variance, u);
    const bool fits =
        std::abs(by_mean - right_mean) < 2e-3 + 0.02 * std::abs(right_mean) &&
        std::abs(by_variance - right_variance) < 5e-4 + 0.02 * std::abs(right_variance);
    agreed += fits ? 1 : 0;
    seen << by_mean << " for " << right_mean << ", " << by_variance << " for " << right_variance
         << "; ";
  }
  EXPECT_GE(agreed, 4) << seen.str();
  EXPECT_GT(norm(g.by_variance), 0);
}

INSTANTIATE_TEST_SUITE_P(Nn, GaussianNetworks, testing::ValuesIn(networks),
                         [](const auto& one) { return one.param.test; });

}  // namespace
}  // namespace gapbench::nn

// Residual blocks: forks and joins in all four passes, and networks with them.

#include <gmock/gmock.h>

#include "gapbench/error.h"
#include "nn/chain.h"
#include "nn/layer_bench.h"
#include "nn/layer_network.h"
#include "nn/layers/affine/linear.h"
#include "nn/layers/flatten.h"
#include "nn/layers/relu.h"
#include "nn/layers/residual.h"
#include "nn/network_bench.h"

namespace gapbench::nn {
namespace {

using testing::ElementsAre;

Chain begin(ImageShape shape) { return {cpu(), shape}; }

/// Both paths are naive convolutions.
struct NaiveResidual final : reference::Naive {
  NaiveResidual(reference::Convolution main_path, const reference::Convolution* shortcut_path,
                std::size_t main_parameters)
      : main(std::move(main_path)), shortcut(shortcut_path), split(main_parameters) {}

  reference::Tensor first(const reference::Tensor& w) const {
    return {w.begin(), w.begin() + at()};
  }
  reference::Tensor last(const reference::Tensor& w) const { return {w.begin() + at(), w.end()}; }
  std::ptrdiff_t at() const { return static_cast<std::ptrdiff_t>(split); }

  reference::Tensor forward(const reference::Tensor& x, const reference::Tensor& w) const override {
    auto y = main.forward(x, first(w));
    const auto s = shortcut != nullptr ? shortcut->forward(x, last(w)) : x;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = y[i] + s[i];
    return y;
  }
  reference::Gradients backward(const reference::Tensor& x, const reference::Tensor& w,
                                const reference::Tensor& dy) const override {
    auto g = main.backward(x, first(w), dy);
    auto s =
        shortcut != nullptr ? shortcut->backward(x, last(w), dy) : reference::Gradients{dy, {}};
    for (std::size_t i = 0; i < x.size(); ++i) g.input[i] = g.input[i] + s.input[i];
    g.parameters.insert(g.parameters.end(), s.parameters.begin(), s.parameters.end());
    return g;
  }

  reference::Convolution main;
  const reference::Convolution* shortcut;
  std::size_t split;
};

TEST(Residual, AddsTheIdentityExactly) {
  const ImageShape shape{5, 4, 3};
  const ConvolutionShape c{.outputs = 3, .kernel = 3, .padding = 1};
  const Residual layer("block", shape, begin(shape).convolution("a", c, 1).finish(), nullptr);
  const NaiveResidual naive({shape, c}, nullptr, 84);
  expect_passes(layer, naive, make_feed(layer, shape.size(), 2, true), 0);
}

TEST(Residual, AddsAProjectionExactly) {
  const ImageShape shape{6, 4, 3};
  const ConvolutionShape c{.outputs = 5, .kernel = 3, .stride = 2, .padding = 1};
  const ConvolutionShape p{.outputs = 5, .kernel = 1, .stride = 2};
  const Residual layer("block", shape, begin(shape).convolution("a", c, 1).finish(),
                       begin(shape).convolution("b", p, 1).finish());
  const reference::Convolution shortcut{shape, p};
  const NaiveResidual naive({shape, c}, &shortcut, 140);
  expect_passes(layer, naive, make_feed(layer, shape.size(), 2, true), 0);
  std::vector<std::string> names;
  for (const auto& s : layer.parameters()) names.push_back(s.tensor.name);
  EXPECT_THAT(names, ElementsAre("a.weight", "a.bias", "b.weight", "b.bias"));
}

// A main path that ends in a ReLU reads its output again: the sum gets a place of its own.
// x = (1, -2), main = relu(x + (0, 5)) = (1, 3), y = (2, 1).
TEST(Residual, LeavesAMaskAlone) {
  const ImageShape shape{1, 1, 2};
  const Residual layer("block", shape,
                       begin(shape).linear("a", 2, 1).activation(Activation::relu).finish(),
                       nullptr);
  const Feed feed{1, {1, -2}, {1, 1}, {1, 0, 0, 1, 0, 5}, std::vector<float>(6), {10, 100}, {3, 7}};
  const Passed p = run(layer, feed);
  EXPECT_THAT(p.forward, ElementsAre(2, 1));
  EXPECT_THAT(p.backward, ElementsAre(20, 200));
  EXPECT_THAT(p.gradient, ElementsAre(10, -20, 100, -200, 10, 100));
  EXPECT_THAT(p.tangent_forward, ElementsAre(2, 2));
  EXPECT_THAT(p.tangent_backward, ElementsAre(6, 14));
  EXPECT_THAT(p.gradient_tangent, ElementsAre(3 + 10, -6 + 10, 7 + 100, -14 + 100, 3, 7));
}

// A main path that begins with a ReLU must not work over what the shortcut reads later.
// x = (1, -2) through the identity "a": main = (1, 0), y = (2, -2).
TEST(Residual, LeavesItsInputAlone) {
  const ImageShape shape{1, 1, 2};
  Chain chain = begin(shape);
  chain.linear("a", 2, 1);
  const auto layer =
      chain.residual("b", chain.branch().activation(Activation::relu).linear("c", 2, 1).finish())
          .finish();
  const Feed feed{
      1,         {1, -2}, {3, 5}, {1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0}, std::vector<float>(12),
      {10, 100}, {0, 0}};
  const Passed p = run(*layer, feed);
  EXPECT_THAT(p.forward, ElementsAre(2, -2));
  EXPECT_THAT(p.backward, ElementsAre(20, 100));
  EXPECT_THAT(p.tangent_forward, ElementsAre(6, 5));
}

// In front of the first parameters there is nothing to hand a cotangent to.
/// relu(F(x) + S(x)), F and S ending in a normalization. Behind a pool of one pixel, an identity,
/// sum and rectifier have sweeps of their own. The tangents are then added up in another order.
std::unique_ptr<Layer> block(ImageShape shape, bool projection, const Norm& norm, bool apart) {
  const ConvolutionShape c{.outputs = 4, .kernel = 3, .padding = 1, .bias = false};
  const ConvolutionShape p{.outputs = 4, .kernel = 1, .bias = false};
  Chain main = begin(shape);
  main.convolution("a", c, 1).normalize("b", norm);
  std::unique_ptr<Layer> shortcut;
  if (projection) shortcut = begin(shape).convolution("c", p, 1).normalize("d", norm).finish();
  if (apart) main.pool(Pooling::average, 1);
  Chain chain = begin(shape);
  chain.residual("block", main.finish(), std::move(shortcut));
  if (apart) chain.pool(Pooling::average, 1);
  return chain.activation(Activation::relu).finish();
}

TEST(Residual, IsTheSameInsideANormalization) {
  const ImageShape shape{5, 4, 4};
  for (const bool projection : {false, true}) {
    for (const Norm& norm : {Norm{Norm::Kind::batch}, Norm{Norm::Kind::group, 2}}) {
      for (const bool varies : {false, true}) {
        const auto inside = block(shape, projection, norm, false);
        const auto apart = block(shape, projection, norm, true);
        const Feed feed = make_feed(*inside, shape.size(), 3, false);
        const Passed a = run(*inside, feed, varies);
        const Passed b = run(*apart, feed, varies);
        const auto near = [](const std::vector<float>& x) {
          return testing::Pointwise(testing::FloatNear(4e-6F), x);
        };
        EXPECT_EQ(a.forward, b.forward);
        EXPECT_EQ(a.backward, b.backward);
        EXPECT_EQ(a.gradient, b.gradient);
        EXPECT_THAT(a.tangent_forward, near(b.tangent_forward));
        EXPECT_THAT(a.tangent_backward, near(b.tangent_backward));
        EXPECT_THAT(a.gradient_tangent, near(b.gradient_tangent));
        EXPECT_EQ(a.statistics, b.statistics);
      }
    }
  }
}

TEST(Residual, MayStandFirst) {
  const ImageShape shape{1, 1, 2};
  const Residual layer("block", shape, begin(shape).linear("a", 2, 1).finish(), nullptr);
  const Passed p =
      run(layer, {1, {1, 2}, {}, {1, 1, 1, 1, 0, 0}, {0, 1, 0, 0, 0, 3}, {1, 1}, {0, 0}}, false);
  EXPECT_THAT(p.forward, ElementsAre(4, 5));
  EXPECT_THAT(p.tangent_forward, ElementsAre(2, 3));
  EXPECT_THAT(p.gradient, ElementsAre(1, 2, 1, 2, 1, 1));
}

TEST(Residual, RefusesPathsThatDoNotMeet) {
  const ImageShape shape{4, 4, 3};
  const auto message = [](const std::function<void()>& f) -> std::string {
    try {
      f();
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(message([&] {
              const Residual r(
                  "block", shape,
                  begin(shape).convolution("a", {.outputs = 6, .kernel = 1}, 1).finish(), nullptr);
            }),
            "block: both paths must give the same shape, the main path gives 4x4x6, the shortcut "
            "4x4x3");
  EXPECT_EQ(message([&] {
              const Residual r("block", shape, begin(shape).activation(Activation::relu).finish(),
                               nullptr);
            }),
            "block: the main path of a residual needs parameters");
}

TEST(Residual, CountsBothPaths) {
  const ImageShape shape{1, 1, 2};
  const Residual layer("block", shape, begin(shape).linear("a", 3, 1).finish(),
                       begin(shape).linear("b", 3, 1).finish());
  EXPECT_EQ(layer.flops(true).tangent_backward, 4 * 2 * 12);
}

/// Residual blocks, normalization and tanh: smooth, so that differences of gradients converge.
class Smooth : public testing::TestWithParam<Norm::Kind> {
 protected:
  static LayerNetwork make() {
    const Norm norm{GetParam(), 2};
    const ImageShape input{6, 6, 2};
    const ConvolutionShape same{.outputs = 4, .kernel = 3, .padding = 1, .bias = false};
    const ConvolutionShape down{
        .outputs = 6, .kernel = 3, .stride = 2, .padding = 1, .bias = false};
    const ConvolutionShape project{.outputs = 6, .kernel = 1, .stride = 2, .bias = false};
    Chain chain(cpu(), input);
    chain.convolution("stem", same, 1).normalize("stem.norm", norm).activation(Activation::tanh);
    Chain first = chain.branch();
    first.convolution("a", same, 1).normalize("a.norm", norm).activation(Activation::tanh);
    first.convolution("b", same, 1).normalize("b.norm", norm);
    chain.residual("one", first.finish()).activation(Activation::tanh);
    Chain second = chain.branch();
    second.convolution("c", down, 1).normalize("c.norm", norm);
    Chain shortcut = chain.branch();
    shortcut.convolution("d", project, 1).normalize("d.norm", norm);
    chain.residual("two", second.finish(), shortcut.finish()).normalize("e.norm", norm);
    chain.activation(Activation::tanh).global_average_pool();
    return {cpu().device, input, chain.linear("output", 3, 1).finish()};
  }

  LayerNetwork network_ = make();
  CrossEntropy head_;
  Questions ask_{network_, 5, head_};
  Vector w_ = start(network_);
  Vector u_ = direction(network_.dimension(), 1);
  Vector v_ = direction(network_.dimension(), 2);
};

TEST_P(Smooth, JacobianAndItsTransposeAgree) {
  const Vector u = direction(15, 3);
  const Vector jv = ask_.jacobian_vector(w_, v_);
  EXPECT_GT(norm(jv), 1e-2);
  EXPECT_NEAR(dot(u, jv), dot(ask_.vector_jacobian(w_, u), v_), 1e-5 * norm(jv));
}

TEST_P(Smooth, HessianIsSymmetric) {
  const Vector hu = ask_.hessian_vector(w_, u_);
  const Vector hv = ask_.hessian_vector(w_, v_);
  EXPECT_GT(norm(hv), 1e-2);
  EXPECT_NEAR(dot(u_, hv), dot(v_, hu), 1e-5 * norm(hv));
}

TEST_P(Smooth, GradientIsTheDerivativeOfTheValue) {
  const Vector g = ask_.gradient(w_);
  const double h = 1e-2;
  const double difference =
      (ask_.value(moved(w_, h / norm(g), g)) - ask_.value(moved(w_, -h / norm(g), g))) / (2 * h);
  EXPECT_NEAR(difference, norm(g), 1e-3 * norm(g));
}

TEST_P(Smooth, HessianIsTheDerivativeOfTheGradient) {
  const double h = 1e-2;
  const Vector above = ask_.gradient(moved(w_, h, v_));
  const Vector below = ask_.gradient(moved(w_, -h, v_));
  const Vector hv = ask_.hessian_vector(w_, v_);
  EXPECT_LT(norm(moved(hv, -1 / (2 * h), moved(above, -1, below))), 1e-3 * norm(hv));
}

TEST_P(Smooth, DirectionsCanFollowOneAnother) {
  const Vector hv = ask_.hessian_vector(w_, v_);
  ask_.gradient(w_);
  ask_.curvature_along(u_);
  EXPECT_EQ(ask_.curvature_along(v_), hv);
}

constexpr const char* norm_names[] = {"Batch", "Group", "None"};
INSTANTIATE_TEST_SUITE_P(Norms, Smooth,
                         testing::Values(Norm::Kind::batch, Norm::Kind::group, Norm::Kind::none),
                         [](const auto& i) {
                           return std::string(norm_names[static_cast<std::size_t>(i.param)]);
                         });

// What a layer with a scale in front of it does not see: a batch normalized network does not depend
// on the length of the weights before the normalization (Ioffe, Szegedy 2015).
TEST(BatchNormalized, IgnoresTheScaleOfItsWeights) {
  const auto net = network("resnet8", {{"width", std::int64_t{4}}}, {8, 8, 3}, 3);
  const CrossEntropy head;
  Questions ask(*net, 8, head);
  Vector w = start(*net);
  const Vector before = ask.outputs(w);
  const Vector g = ask.gradient(w);
  const TensorInfo& t = net->tensors()[0];
  const auto part = [&](const Vector& v) { return std::span(v).subspan(t.offset, t.size); };
  EXPECT_NEAR(dot(part(w), part(g)), 0, 1e-4 * norm(part(w)) * norm(part(g)));
  for (std::size_t i = 0; i < t.size; ++i) w[t.offset + i] *= 2;
  EXPECT_LT(norm(moved(ask.outputs(w), -1, before)), 1e-3 * norm(before));
}

// The point's running statistics are used in evaluation, and only there.
TEST(BatchNormalized, EvaluatesWithThePointsStatistics) {
  const auto net = network("resnet8", {{"width", std::int64_t{4}}}, {8, 8, 3}, 3);
  const Vector w = start(*net);
  const auto workspace = net->make_workspace(6);
  Random(1).normal(workspace->inputs());
  const auto point = net->make_point();
  point->assign(w);
  const auto outputs = [&](Mode mode) {
    const auto z = workspace->forward(*point, mode);
    return Vector(z.begin(), z.end());
  };
  const Vector training = outputs(Mode::training);
  const auto s = workspace->statistics();
  ASSERT_EQ(s.size(), net->buffers().size());
  Vector measured(s.begin(), s.end());
  const Vector fresh = outputs(Mode::evaluation);
  EXPECT_GT(norm(moved(fresh, -1, training)), 1e-2 * norm(training));
  EXPECT_TRUE(std::ranges::equal(workspace->statistics(), measured))
      << "evaluation measures nothing";
  // With the batch's own statistics, variances biased again, both modes are the same function.
  constexpr std::size_t channels[] = {4, 4, 4, 8, 8, 8, 16, 16, 16};
  constexpr double members[] = {384, 384, 384, 96, 96, 96, 24, 24, 24};
  std::size_t at = 0;
  for (std::size_t layer = 0; layer < 9; ++layer) {
    at += channels[layer];
    for (std::size_t c = 0; c < channels[layer]; ++c) {
      measured[at++] *= static_cast<float>(1 - 1 / members[layer]);
    }
  }
  ASSERT_EQ(at, measured.size());
  point->assign_buffers(measured);
  EXPECT_EQ(outputs(Mode::training), training);
  EXPECT_LT(norm(moved(outputs(Mode::evaluation), -1, training)), 1e-5 * norm(training));
}

}  // namespace
}  // namespace gapbench::nn

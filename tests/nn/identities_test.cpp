// Derivative identities on whole networks.

#include <gmock/gmock.h>

#include "nn/network_bench.h"

namespace gapbench::nn {
namespace {

struct Case {
  const char* name;
  const char* architecture;
  OptionMap options;
  ImageShape input;
  bool smooth;
};

std::string text(const char* s) { return s; }

const Case cases[] = {
    {"MlpTanh",
     "mlp",
     {{"width", std::int64_t{20}}, {"depth", std::int64_t{3}}, {"activation", text("tanh")}},
     {4, 4, 2},
     true},
    {"MlpRelu", "mlp", {{"width", std::int64_t{20}}, {"depth", std::int64_t{3}}}, {4, 4, 2}, false},
    {"LinearModel", "mlp", {{"depth", std::int64_t{0}}}, {3, 3, 3}, true},
    {"LenetTanh", "lenet5", {}, {14, 12, 3}, true},
    {"LenetReluMax",
     "lenet5",
     {{"activation", text("relu")}, {"pooling", text("max")}},
     {16, 16, 1},
     false},
    {"Cnn3", "cnn3", {{"width", std::int64_t{6}}, {"hidden", std::int64_t{12}}}, {9, 12, 3}, false},
    {"Cnn3Batch",
     "cnn3",
     {{"width", std::int64_t{6}}, {"hidden", std::int64_t{12}}, {"norm", text("batch")}},
     {9, 12, 3},
     false},
    {"KeskarC1", "keskar_c1", {{"width", std::int64_t{4}}}, {10, 12, 3}, false},
    {"KeskarC1Group",
     "keskar_c1",
     {{"width", std::int64_t{4}}, {"norm", text("group")}, {"groups", std::int64_t{1}}},
     {10, 12, 3},
     false},
    {"Resnet8", "resnet8", {{"width", std::int64_t{4}}}, {8, 8, 3}, false},
    {"Resnet8Group",
     "resnet8",
     {{"width", std::int64_t{4}}, {"norm", text("group")}, {"groups", std::int64_t{2}}},
     {8, 8, 3},
     false},
};

struct HeadCase {
  const char* name;
  const Head* head;
};
const CrossEntropy cross_entropy;
const SquaredError squared_error;
const HeadCase heads[] = {{"CrossEntropy", &cross_entropy}, {"SquaredError", &squared_error}};

class Identities : public testing::TestWithParam<std::tuple<Case, HeadCase>> {
 protected:
  static const Case& problem() { return std::get<0>(GetParam()); }
  // Where kinks may lie between the two sides of a difference the step is smaller: on these data
  // both sides then see (nearly) the same masks and maxima, and rounding takes the digits instead.
  static double either(double smooth, double kinked) { return problem().smooth ? smooth : kinked; }

  static constexpr std::size_t examples = 5;
  static constexpr std::size_t width = 4;
  std::unique_ptr<const Network> network_ =
      network(problem().architecture, problem().options, problem().input, width);
  Questions ask_{*network_, examples, *std::get<1>(GetParam()).head};
  Vector w_ = start(*network_);
  Vector u_ = direction(network_->dimension(), 1);
  Vector v_ = direction(network_->dimension(), 2);
};

// Two sums of `dimension` f32 products in other orders, each within 1e-6 of its scale.
constexpr double agreement = 1e-5;

TEST_P(Identities, JacobianAndItsTransposeAgree) {
  const Vector u = direction(examples * width, 3);
  const Vector jv = ask_.jacobian_vector(w_, v_);
  const Vector ju = ask_.vector_jacobian(w_, u);
  EXPECT_GT(norm(jv), 1e-3);
  EXPECT_NEAR(dot(u, jv), dot(ju, v_), agreement * norm(jv));
}

TEST_P(Identities, JacobianIsTheDerivativeOfTheOutputs) {
  const double h = either(1e-2, 1e-3);
  const Vector above = ask_.outputs(moved(w_, h, v_));
  const Vector below = ask_.outputs(moved(w_, -h, v_));
  const Vector jv = ask_.jacobian_vector(w_, v_);
  const Vector error = moved(jv, -1 / (2 * h), moved(above, -1, below));
  EXPECT_LT(norm(error), either(1e-3, 1e-2) * norm(jv));  // h^2, 1e-7 / h of rounding, kinks
}

TEST_P(Identities, GradientIsTheDerivativeOfTheValue) {
  const double h = either(3e-3, 3e-4);
  const Vector g = ask_.gradient(w_);
  const Vector along = moved(Vector(g.size()), 1 / norm(g), g);  // where the slope is largest
  const double difference =
      (ask_.value(moved(w_, h, along)) - ask_.value(moved(w_, -h, along))) / (2 * h);
  EXPECT_NEAR(difference, norm(g), 3e-3 * norm(g));
}

TEST_P(Identities, HessianIsSymmetric) {
  const Vector hu = ask_.hessian_vector(w_, u_);
  const Vector hv = ask_.hessian_vector(w_, v_);
  EXPECT_GT(norm(hv), 1e-3);
  EXPECT_NEAR(dot(u_, hv), dot(v_, hu), agreement * norm(hv));
}

TEST_P(Identities, HessianIsLinear) {
  const Vector sum = ask_.hessian_vector(w_, moved(u_, -3, v_));
  const Vector hu = ask_.hessian_vector(w_, u_);
  const Vector hv = ask_.hessian_vector(w_, v_);
  EXPECT_LT(norm(moved(sum, -1, moved(hu, -3, hv))), agreement * norm(hv));
  EXPECT_THAT(ask_.hessian_vector(w_, Vector(w_.size())), testing::Each(0.0F));
}

TEST_P(Identities, HessianIsTheDerivativeOfTheGradient) {
  const double h = either(1e-2, 1e-3);
  const Vector above = ask_.gradient(moved(w_, h, v_));
  const Vector below = ask_.gradient(moved(w_, -h, v_));
  const Vector hv = ask_.hessian_vector(w_, v_);
  const Vector error = moved(hv, -1 / (2 * h), moved(above, -1, below));
  EXPECT_LT(norm(error), 5e-3 * norm(hv));
}

// gradient once, then several directions: the protocol's repeated tangent passes.
TEST_P(Identities, DirectionsCanFollowOneAnother) {
  const Vector hv = ask_.hessian_vector(w_, v_);
  ask_.gradient(w_);
  ask_.curvature_along(u_);
  EXPECT_EQ(ask_.curvature_along(v_), hv);
}

INSTANTIATE_TEST_SUITE_P(Networks, Identities,
                         testing::Combine(testing::ValuesIn(cases), testing::ValuesIn(heads)),
                         [](const auto& i) {
                           return std::string(std::get<0>(i.param).name) +
                                  std::get<1>(i.param).name;
                         });

// With its masks held open or shut by large biases, a ReLU network has no kink within reach.
TEST(Identities, ReluHessianAwayFromKinks) {
  const auto net =
      network("mlp", {{"width", std::int64_t{16}}, {"depth", std::int64_t{2}}}, {3, 3, 2}, 4);
  Vector w = start(*net);
  for (const TensorInfo& t : net->tensors()) {
    if (t.kind != TensorKind::bias || t.name == "output.bias") continue;
    for (std::size_t i = 0; i < t.size; ++i) w[t.offset + i] = i % 3 == 0 ? -20.0F : 20.0F;
  }
  const CrossEntropy head;
  Questions ask(*net, 3, head);
  const Vector v = direction(net->dimension(), 2);
  const double h = 1e-3;
  const Vector above = ask.gradient(moved(w, h, v));
  const Vector below = ask.gradient(moved(w, -h, v));
  const Vector hv = ask.hessian_vector(w, v);
  const Vector error = moved(hv, -1 / (2 * h), moved(above, -1, below));
  EXPECT_LT(norm(error), 3e-3 * norm(hv));
}

// The same with shifts of 12 behind normalized values: every channel is open or shut throughout, in
// sums with a shortcut too.
TEST(Identities, NormalizedReluHessianAwayFromKinks) {
  for (const char* name : {"resnet8", "wide_resnet_16_4", "keskar_c1"}) {
    for (const char* norm_kind : {"batch", "group"}) {
      SCOPED_TRACE(std::string(name) + " " + norm_kind);
      const OptionMap options{
          {"width", std::int64_t{4}}, {"norm", text(norm_kind)}, {"groups", std::int64_t{2}}};
      const auto net = network(name, options, {8, 8, 3}, 4);
      Vector w = start(*net);
      for (const TensorInfo& t : net->tensors()) {
        if (t.kind != TensorKind::shift) continue;
        for (std::size_t i = 0; i < t.size; ++i) w[t.offset + i] = i % 3 == 0 ? -12.0F : 12.0F;
      }
      const CrossEntropy head;
      Questions ask(*net, 5, head);
      const Vector v = direction(net->dimension(), 2);
      const double h = 1e-2;
      const Vector above = ask.gradient(moved(w, h, v));
      const Vector below = ask.gradient(moved(w, -h, v));
      const Vector hv = ask.hessian_vector(w, v);
      // Gradients of length 58 rounded by 1e-7 stand beside an Hv of 0.02.
      EXPECT_LT(norm(moved(hv, -1 / (2 * h), moved(above, -1, below))), 0.04 * norm(hv));
    }
  }
}

}  // namespace
}  // namespace gapbench::nn

// lion, lamb, prodigy and schedule_free_adamw by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Vector = std::vector<float>;

std::unique_ptr<Optimizer> make(const char* library, const std::string& text,
                                const std::vector<TensorInfo>& shape) {
  const Component& c = component(library);
  return c.make_optimizer(options(c, text), shape);
}

// One step under a constant gradient.
void step(Optimizer& optimizer, Vector& w, const Vector& slope, double schedule = 1) {
  PencilStep f(w, 0, slope);
  f.at_schedule(schedule);
  optimizer.step(f);
}

const std::vector<TensorInfo> weights_and_bias{{"weight", TensorKind::weight, {2}, 0, 2},
                                               {"bias", TensorKind::bias, {1}, 2, 1}};

TEST(Lion, ByHand) {
  const auto lion = make("optimizers_lion", "learning_rate=2 beta1=0.5 beta2=0.75", tensors(1));
  Vector w{8};
  step(*lion, w, {4});
  EXPECT_EQ(w[0], 6);  // u = 2, m = 1
  step(*lion, w, {-1});
  EXPECT_EQ(w[0], 6);  // u = 0.5 - 0.5, m = 0.75 - 0.25
  step(*lion, w, {-2}, 0.5);
  EXPECT_EQ(w[0], 7);  // u = 0.25 - 1
}

// g = (6, 16) with epsilon 4: u = (0.6, 0.8), |u| = 1, |w| = 5.
TEST(Lamb, StepsAreSharesOfATensorsLength) {
  const auto lamb =
      make("optimizers_lamb", "learning_rate=0.5 beta1=0 beta2=0 epsilon=4", weights_and_bias);
  Vector w{3, 4, 0};
  step(*lamb, w, {6, 16, 4});
  EXPECT_FLOAT_EQ(w[0], 1.5F);
  EXPECT_FLOAT_EQ(w[1], 2);
  EXPECT_EQ(w[2], -0.25F) << "from 0 the ratio is 1: 0.5 * 4 / 8";
}

// u = (0.8, 0.6) + 0.2 (3, 4) = (1.4, 1.4): a step of 2.5 along (1, 1). The bias: u = 0.5 + 0.4, a
// step of half its length.
TEST(Lamb, DecayIsAPartOfTheDirection) {
  const std::string text = "learning_rate=0.5 beta1=0 beta2=0 epsilon=4 decay=0.2";
  Vector w{3, 4, 2};
  step(*make("optimizers_lamb", text, weights_and_bias), w, {16, 6, 4});
  const auto moved = static_cast<float>(2.5 / std::sqrt(2));
  EXPECT_FLOAT_EQ(w[0], 3 - moved);
  EXPECT_FLOAT_EQ(w[1], 4 - moved);
  EXPECT_FLOAT_EQ(w[2], 1);
}

TEST(Lamb, LeavesBiasesToAdam) {
  const auto lamb = make("optimizers_lamb",
                         "learning_rate=0.5 beta1=0.5 beta2=0.75 epsilon=4 decay=0.2 "
                         "apply_to=weights",
                         weights_and_bias);
  Vector w{3, 4, 2};
  step(*lamb, w, {16, 6, 4});
  EXPECT_FLOAT_EQ(w[2], 1.75F);  // m^ = 4, v^ = 16: u = 4 / 8
  step(*lamb, w, {16, 6, 4}, 0.5);
  EXPECT_FLOAT_EQ(w[2], 1.625F);
}

// d = 1/2, g = 4: m = d g = 2, v = 3/4 (d g)^2 = 3, and w - w_0 = 0 leaves d where it is.
TEST(Prodigy, TheFirstStepByHand) {
  const auto prodigy =
      make("optimizers_prodigy", "beta1=0 beta2=0.25 epsilon=1 start=0.5", tensors(1));
  Vector w{8};
  step(*prodigy, w, {4});
  EXPECT_FLOAT_EQ(w[0], static_cast<float>(8 - 0.5 * 2 / (std::sqrt(3) + 0.5)));
}

// Straight from the paper, in double, with its bowl of curvature 0.25 and two weights.
TEST(Prodigy, FollowsTheTextbook) {
  const double beta1 = 0.9, beta2 = 0.99, beta3 = std::sqrt(beta2), epsilon = 1e-3;
  const double start[] = {8, -3};
  double d = 0.01, r = 0;
  double x[] = {8, -3}, m[] = {0, 0}, v[] = {0, 0}, s[] = {0, 0};
  const auto prodigy = make("optimizers_prodigy",
                            "learning_rate=0.5 beta2=0.99 epsilon=0.001 start=0.01", tensors(2));
  Vector w{8, -3};
  for (int k = 0; k < 30; ++k) {
    double along = 0, length = 0;
    for (int i = 0; i < 2; ++i) {
      const double g = 0.25 * x[i];
      along += g * (start[i] - x[i]);
      s[i] = beta3 * s[i] + 0.5 * d * d * g;
      length += std::abs(s[i]);
      m[i] = beta1 * m[i] + (1 - beta1) * d * g;
      v[i] = beta2 * v[i] + (1 - beta2) * d * d * g * g;
    }
    r = beta3 * r + 0.5 * d * d * along;
    for (int i = 0; i < 2; ++i) x[i] -= 0.5 * d * m[i] / (std::sqrt(v[i]) + d * epsilon);
    d = std::max(d, r / length);
    PencilStep f(w, 0.25);
    prodigy->step(f);
    for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(w[i], x[i], 1e-4) << k;  // rounding of f32
  }
  EXPECT_GT(d, 1) << "the estimate has grown from 0.01";
}

// From 8 against a slope of 1: w_0 - w grows, and twice the factor asks for twice the estimate.
TEST(Prodigy, TheFactorScalesTheEstimate) {
  const auto estimate = [](const char* factor) {
    struct Reader final : State {
      void field(std::string_view, std::span<float>) override {}
      void field(std::string_view name, double& value) override {
        if (name == "estimate") estimate = value;
      }
      void field(std::string_view, std::uint64_t&) override {}
      double estimate = 0;
    } reader;
    const auto prodigy =
        make("optimizers_prodigy", std::string("start=1 factor=") + factor, tensors(1));
    Vector w{8};
    step(*prodigy, w, {1});
    step(*prodigy, w, {1});
    prodigy->archive(reader);
    return reader.estimate;
  };
  const double one = estimate("100");
  EXPECT_GT(one, 1);
  EXPECT_DOUBLE_EQ(estimate("200"), 2 * one);
}

// g = 4: v = 4, v^ = 16, d = 4 / (4 + 4). t = 1: z = 8 - 2 (1/2 + 8/4) = 3, and x, y with it.
// t = 2: v^ = 16 again; z = 3 - 2 (1/2 + 3/4) = 1/2, c = 1/2, x = 7/4, y = 9/8.
TEST(ScheduleFreeAdamW, ByHand) {
  const auto optimizer =
      make("optimizers_schedule_free_adamw",
           "learning_rate=2 beta=0.5 beta2=0.75 epsilon=4 decay=0.25", tensors(1));
  EXPECT_TRUE(optimizer->evaluated().empty());
  Vector y{8};
  step(*optimizer, y, {4});
  EXPECT_EQ(y[0], 3);
  EXPECT_EQ(optimizer->evaluated()[0], 3);
  step(*optimizer, y, {4});
  EXPECT_FLOAT_EQ(y[0], 1.125F);
  EXPECT_FLOAT_EQ(optimizer->evaluated()[0], 1.75F);
}

TEST(ScheduleFree, RefusesToLoseWhatOthersDoToItsPoint) {
  for (const char* library : {"optimizers_schedule_free_adamw", "optimizers_schedule_free_sgd"}) {
    const auto optimizer = make(library, "learning_rate=0.5", tensors(2));
    Vector y{8, 4};
    step(*optimizer, y, {1, 2});
    step(*optimizer, y, {1, 2});
    y[1] *= 0.5F;
    try {
      step(*optimizer, y, {1, 2});
      FAIL() << library;
    } catch (const Error& e) {
      EXPECT_EQ("optimizers_" + e.where(), library);
      EXPECT_NE(std::string(e.what()).find("decoupled_decay"), std::string::npos) << e.what();
    }
    y[0] = y[1] = NAN;  // a trial that diverges ends as one
    EXPECT_NO_THROW(step(*optimizer, y, {1, 2})) << library;
  }
}

}  // namespace
}  // namespace gapbench::test

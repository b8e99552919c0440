// Parts that hold any optimizer, by hand around an sgd of rate 1: clip, decoupled_decay, lookahead,
// gradient_centralization, weight_noise.
#include <gtest/gtest.h>

#include "plugins/around_sgd.h"

namespace gapbench::test {
namespace {

using Vector = std::vector<float>;

const std::vector<TensorInfo> weights_and_bias{{"weight", TensorKind::weight, {2, 2}, 0, 4},
                                               {"bias", TensorKind::bias, {1}, 4, 1}};

std::unique_ptr<Optimizer> around(const char* library, const std::string& text,
                                  std::size_t dimension) {
  return around_sgd(library, text, tensors(dimension));
}

// Half of |g| + 1e-6 for |g| = 5: clips to exactly one half.
TEST(Clip, ShortensALongGradientAndLeavesAShortOne) {
  const auto clip = around("optimizers_clip", "norm=2.5000005", 2);
  Vector w{3, 4};
  PencilStep f(w, 1);
  clip->step(f);
  EXPECT_EQ(w, (Vector{1.5F, 2}));
  w = {0.75F, 1};
  clip->step(f.at_schedule(0.5));
  EXPECT_EQ(w, (Vector{0.375F, 0.5F}));
}

TEST(Clip, OfEachTensorByItself) {
  const std::vector<TensorInfo> shape{{"a", TensorKind::weight, {2}, 0, 2},
                                      {"b", TensorKind::bias, {1}, 2, 1}};
  Vector w(3);
  PencilStep f(w, 0, {3, 4, 1});
  around_sgd("optimizers_clip", "norm=2.5000005 per=tensor", shape)->step(f);
  EXPECT_EQ(w, (Vector{-1.5F, -2, -1}));
}

// schedule 1/2: sgd goes by 1, the decay takes 1/8.
TEST(DecoupledDecay, OfWeightsOrOfAll) {
  const auto after = [](const std::string& text) {
    Vector w{8, 16, 0, 8, 4};
    PencilStep f(w, 0, {2, 2, 2, 2, 2});
    around_sgd("optimizers_decoupled_decay", text, weights_and_bias)->step(f.at_schedule(0.5));
    return w;
  };
  EXPECT_EQ(after("decay=0.25"), (Vector{6, 13, -1, 6, 3}));
  EXPECT_EQ(after("decay=0.25 apply_to=all"), (Vector{6, 13, -1, 6, 2.5F}));
  EXPECT_EQ(after("decay=0"), (Vector{7, 15, -1, 7, 3}));
}

TEST(DecoupledDecay, IsNotLostInAMethodOfItsOwnIterates) {
  const Component& c = component("optimizers_decoupled_decay");
  for (const auto& [name, text] :
       {std::pair{"optimizers_schedule_free_sgd", "learning_rate=0.5"},
        std::pair{"optimizers_schedule_free_adamw", "learning_rate=0.5"}}) {
    Handed handed;
    handed.optimizers["inner"] = [name = name, text = text](std::span<const TensorInfo> t) {
      const Component& inner = component(name);
      return inner.make_optimizer(options(inner, text), t);
    };
    const auto optimizer = c.make_optimizer(
        Options::resolve(c.about.name, plugin::options_of(c),
                         {{"inner", std::string("x")}, {"decay", 0.1}}, std::move(handed)),
        tensors(1));
    Vector w{8};
    PencilStep f(w, 1);
    optimizer->step(f);
    EXPECT_THROW(optimizer->step(f), Error) << name;
  }
}

// Every step halves w: 16, 8, 4; phi = 16 + (4 - 16) / 2 = 10; 5, 2.5; phi = 10 - 3.75.
TEST(Lookahead, FollowsHalfOfTheWay) {
  const auto lookahead = around("optimizers_lookahead", "every=2 share=0.5", 1);
  EXPECT_TRUE(lookahead->evaluated().empty());
  Vector w{16};
  PencilStep f(w, 0.5);
  const float expected[][2] = {{8, 16}, {10, 10}, {5, 10}, {6.25F, 6.25F}};
  for (const auto& [fast, slow] : expected) {
    lookahead->step(f);
    EXPECT_EQ(w[0], fast);
    EXPECT_EQ(lookahead->evaluated()[0], slow);
  }
}

TEST(GradientCentralization, TakesTheMeanFromEachRow) {
  Vector w(5);
  PencilStep f(w, 0, {1, 3, 5, 9, 4});
  around_sgd("optimizers_gradient_centralization", "", weights_and_bias)->step(f);
  EXPECT_EQ(w, (Vector{1, -1, 2, -2, -4}));
  Vector vector{0, 0};
  PencilStep g(vector, 0, {1, 3});
  around("optimizers_gradient_centralization", "", 2)->step(g);
  EXPECT_EQ(vector, (Vector{-1, -3})) << "a weight of one index has no rows";
}

// F = |w|^2 / 2: the gradient is the noisy point, so what is left is the noise, negative.
TEST(WeightNoise, AsksWhereTheNoiseIs) {
  Vector e(5);
  Random(0).at("weight noise").at("draw", 0).normals(e);
  const auto after = [](const std::string& text) {
    Vector w{1, 2, 4, 8, 3};
    PencilStep f(w, 1);
    around_sgd("optimizers_weight_noise", text, weights_and_bias)->step(f);
    return w;
  };
  const Vector weights = after("deviation=0.5");
  const Vector all = after("deviation=0.5 apply_to=all");
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(weights[i], -0.5F * e[i], 1e-6) << i;
  EXPECT_EQ(weights[4], 0);
  EXPECT_NEAR(all[4], -0.5F * e[4], 1e-6);
  EXPECT_EQ(after("deviation=0"), (Vector{0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace gapbench::test

// ema and schedule_free_sgd by hand: F(w) = w^2 / 2, so that g = w.
#include <gtest/gtest.h>

#include <cmath>

#include "plugin/hand_over.h"
#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Vector = std::vector<float>;

std::unique_ptr<Optimizer> schedule_free(const std::string& text) {
  const Component& c = component("optimizers_schedule_free_sgd");
  return c.make_optimizer(options(c, text), tensors(1));
}

std::unique_ptr<Optimizer> ema_of_sgd(double decay, double rate) {
  const Component& c = component("optimizers_ema");
  const Component& sgd = component("optimizers_sgd");
  const auto specs = plugin::options_of(c);
  const Options inner = options(sgd, "learning_rate=" + std::to_string(rate));
  Handed handed;
  handed.optimizers["inner"] = [&sgd, inner](std::span<const TensorInfo> t) {
    return sgd.make_optimizer(inner, t);
  };
  return c.make_optimizer(
      Options::resolve("ema", specs, {{"inner", std::string("sgd")}, {"decay", decay}}, handed),
      tensors(1));
}

void run(Optimizer& optimizer, Vector& w, int steps) {
  for (int k = 0; k < steps; ++k) {
    PencilStep step(w, 1);
    optimizer.step(step);
  }
}

// Rate 1/2 from 16: w = 8, 4, 2. decay 1/2: a_1 = 8, a_2 = (8/4 + 4/2) / (3/4) = 16/3,
// a_3 = (8/8 + 4/4 + 2/2) / (7/8) = 24/7.
TEST(Ema, WeighsTheIteratesAndIsUnbiased) {
  const auto ema = ema_of_sgd(0.5, 0.5);
  EXPECT_TRUE(ema->evaluated().empty()) << "before the first step there is only the start";
  Vector w{16};
  run(*ema, w, 1);
  EXPECT_EQ(ema->evaluated()[0], 8);
  run(*ema, w, 1);
  EXPECT_FLOAT_EQ(ema->evaluated()[0], 16.0F / 3);
  run(*ema, w, 1);
  EXPECT_FLOAT_EQ(ema->evaluated()[0], 24.0F / 7);
  EXPECT_EQ(w[0], 2) << "training goes on at the iterate";
}

TEST(Ema, OfDecayZeroIsTheIterate) {
  const auto ema = ema_of_sgd(0, 0.5);
  Vector w{16};
  for (int k = 0; k < 4; ++k) {
    run(*ema, w, 1);
    EXPECT_EQ(ema->evaluated()[0], w[0]);
  }
}

// From 8 at rate 1/2 and beta 1/2:
//   t = 1: y = 8; z = 4, c = 1,   x = 4;   y = 4
//   t = 2:        z = 2, c = 1/2, x = 3;   y = 2.5
//   t = 3:        z = 0.75, c = 1/3, x = 3 - 2.25 / 3 = 2.25; y = 1.5
TEST(ScheduleFreeSgd, ByHand) {
  const auto optimizer = schedule_free("learning_rate=0.5 beta=0.5");
  EXPECT_TRUE(optimizer->evaluated().empty());
  Vector y{8};
  run(*optimizer, y, 1);
  EXPECT_EQ(optimizer->evaluated()[0], 4);
  EXPECT_EQ(y[0], 4);
  run(*optimizer, y, 1);
  EXPECT_EQ(optimizer->evaluated()[0], 3);
  EXPECT_EQ(y[0], 2.5F);
  run(*optimizer, y, 1);
  EXPECT_FLOAT_EQ(optimizer->evaluated()[0], 2.25F);
  EXPECT_FLOAT_EQ(y[0], 1.5F);
}

// beta 0 trains at z, plain SGD, and stands for the mean of its iterates.
TEST(ScheduleFreeSgd, OfBetaZeroIsTheMeanOfPlainSgd) {
  const auto optimizer = schedule_free("learning_rate=0.5 beta=0");
  Vector y{16};
  run(*optimizer, y, 3);
  EXPECT_EQ(y[0], 2);
  EXPECT_FLOAT_EQ(optimizer->evaluated()[0], 14.0F / 3);  // (8 + 4 + 2) / 3
}

// Under warm-up c_t = rate_t^2 / sum: factors 1/2 and 1 weigh 1/4 and 1.
TEST(ScheduleFreeSgd, WeighsByTheSquaredRate) {
  const auto optimizer = schedule_free("learning_rate=1 beta=0 decay=1");
  Vector y{8};
  {
    PencilStep step(y, 1);  // g + decay y = 2 y: z = 8 - 1/2 16 = 0
    optimizer->step(step.at_schedule(0.5));
  }
  EXPECT_EQ(y[0], 0);
  {
    PencilStep step(y, 1, {8});  // z = 0 - 8
    optimizer->step(step.at_schedule(1));
  }
  EXPECT_FLOAT_EQ(optimizer->evaluated()[0], -8 * 1 / 1.25F);
}

/// Counts the numbers of a state that are subnormal.
class Subnormals final : public State {
 public:
  void field(std::string_view, std::span<float> values) override {
    for (const float x : values) count += std::fpclassify(x) == FP_SUBNORMAL ? 1 : 0;
    fields += values.size();
  }
  void field(std::string_view, double&) override {}
  void field(std::string_view, std::uint64_t&) override {}
  int count = 0;
  std::size_t fields = 0;
};

// A gradient of 1 and then none for ever, as of a dead unit: the averages fall by 0.9 a step.
TEST(Averages, OfAParameterWithoutGradientEndAtZero) {
  const std::pair<const char*, const char*> methods[] = {
      {"optimizers_sgd", "learning_rate=0.1 momentum=0.9"},
      {"optimizers_gd", "learning_rate=0.1 momentum=0.9"},
      {"optimizers_sam", "learning_rate=0.1 momentum=0.9"},
      {"optimizers_adam", "learning_rate=0.1 beta1=0.9 beta2=0.9"},
      {"optimizers_lion", "learning_rate=0.1 beta2=0.9"},
      {"optimizers_lamb", "learning_rate=0.1 beta2=0.9"},
      {"optimizers_prodigy", "beta2=0.9"},
      {"optimizers_soap", "learning_rate=0.1 beta1=0.9 beta2=0.9"},
      {"optimizers_sophia", "learning_rate=0.1 beta1=0.9 beta2=0.9"},
      {"optimizers_adahessian", "learning_rate=0.1 beta2=0.9"},
      {"optimizers_schedule_free_adamw", "learning_rate=0.1 beta2=0.9"}};
  for (const auto& [library, text] : methods) {
    const Component& c = component(library);
    const auto optimizer = c.make_optimizer(options(c, text), tensors(1));
    Vector w{1};
    for (int k = 0; k < 840; ++k) {  // 0.9^830 is the first subnormal one
      PencilStep step(w, 0, {k == 0 ? 1.0F : 0.0F});
      optimizer->step(step);
    }
    Subnormals state;
    optimizer->archive(state);
    EXPECT_GE(state.fields, 1U) << library;
    EXPECT_EQ(state.count, 0) << library;
  }
}

}  // namespace
}  // namespace gapbench::test

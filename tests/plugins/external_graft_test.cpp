// external_graft by hand, on F(w) = |w|^2 / 2, with recorded lengths 2.5 and 5.
#include <gtest/gtest.h>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;

std::unique_ptr<Optimizer> make(const OptionMap& given, Weights lengths) {
  const Component& c = component("optimizers_external_graft");
  Handed handed;
  handed.trajectories["from"] = std::make_shared<const Weights>(std::move(lengths));
  return c.make_optimizer(
      Options::resolve(c.about.name, plugin::options_of(c), given, std::move(handed)), tensors(2));
}

TEST(ExternalGraft, TheFirstStepHasTheFirstLength) {
  Weights w{3, 4};
  PencilStep f(w, 64);
  make({{"from", "small"}}, {2.5, 5})->step(f);
  EXPECT_EQ(w, (Weights{1.5, 2}));
}

TEST(ExternalGraft, StepAndScaleChooseTheLengthAndTheScheduleDoesNot) {
  Weights w{3, 4};
  PencilStep f(w, 64);
  f.at_schedule(0.25).at_index(1);
  make({{"from", "small"}, {"scale", 0.5}}, {1, 5})->step(f);
  EXPECT_EQ(w, (Weights{1.5, 2}));
}

TEST(ExternalGraft, NeedsAsManyStepsAsItMakes) {
  Weights w{3, 4};
  PencilStep f(w, 64);
  f.at_index(2);
  const auto optimizer = make({{"from", "small"}}, {2.5, 5});
  EXPECT_THROW(optimizer->step(f), Error);
  EXPECT_EQ(w, (Weights{3, 4}));
}

TEST(ExternalGraft, SaysWhichMethodWasNotHandedOver) {
  const Component& c = component("optimizers_external_graft");
  const auto o = Options::resolve(c.about.name, plugin::options_of(c), {{"from", "small"}});
  try {
    c.make_optimizer(o, tensors(2));
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(),
                 "external_graft.from: the step lengths of method \"small\" were not handed over");
  }
}

}  // namespace
}  // namespace gapbench::test

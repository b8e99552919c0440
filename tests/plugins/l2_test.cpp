// l2 by hand: weights (1, 2), bias (-3).
#include <gtest/gtest.h>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

class L2 : public ::testing::Test {
 protected:
  double penalize(const std::string& text, std::span<float> gradient) const {
    const auto l2 = component_.make_regularizer(options(component_, text));
    return l2->penalize_parameters({w_, tensors_}, gradient);
  }

  const Component& component_ = component("regularizers_l2");
  const std::vector<TensorInfo> tensors_{{"weight", TensorKind::weight, {2}, 0, 2},
                                         {"bias", TensorKind::bias, {1}, 2, 1}};
  const std::vector<float> w_{1, 2, -3};
  std::vector<float> gradient_{10, 10, 10};
};

TEST_F(L2, Full) {
  EXPECT_EQ(penalize("lambda=0.5", gradient_), 7);  // (1 + 4 + 9) / 2
  EXPECT_EQ(gradient_, (std::vector<float>{11, 12, 7}));
  EXPECT_EQ(penalize("lambda=0.5", {}), 7);
}

TEST_F(L2, HalfIsWeightDecay) {
  EXPECT_EQ(penalize("lambda=0.5 convention=half", gradient_), 3.5);
  EXPECT_EQ(gradient_, (std::vector<float>{10.5F, 11, 8.5F}));
}

TEST_F(L2, WeightsOnlyLeavesTheBiasAlone) {
  EXPECT_EQ(penalize("lambda=0.5 apply_to=weights", gradient_), 2.5);
  EXPECT_EQ(gradient_, (std::vector<float>{11, 12, 10}));
  EXPECT_EQ(penalize("lambda=0.5 apply_to=weights", {}), 2.5);
}

TEST_F(L2, ActsOnTheParametersOnly) { EXPECT_EQ(component_.hooks, hook_parameters); }

}  // namespace
}  // namespace gapbench::test

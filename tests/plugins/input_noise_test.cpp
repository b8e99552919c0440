// input_noise by hand, and as the ridge that it is of a linear model.
#include <gmock/gmock.h>

#include <cmath>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

class InputNoise : public ::testing::Test {
 protected:
  std::vector<float> changed(const std::string& text, std::vector<float> input,
                             Random random) const {
    component_.make_regularizer(options(component_, text))
        ->change_input({1, 1, input.size()}, random, input);
    return input;
  }

  const Component& component_ = component("regularizers_input_noise");
};

TEST_F(InputNoise, ByHand) {
  const std::vector<float> x{1, -2, 0.5F};
  std::vector<float> n(3);
  Random(5).normals(n);
  const auto y = changed("deviation=0.25", x, Random(5));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(y[i], x[i] + 0.25F * n[i]);
  EXPECT_EQ(changed("deviation=0", x, Random(5)), x);
  EXPECT_EQ(component_.hooks, std::uint32_t{hook_inputs});
}

// E (w (x + s n) - t)^2 = (w x - t)^2 + s^2 |w|^2: here 1 + 0.25 x 5. The square of a normal of mean 1
// and variance 1.25 has the variance 4 x 1.25 + 2 x 1.25^2 = 8.125: 20,000 draws, 5 deviations.
TEST_F(InputNoise, OfALinearModelIsRidge) {
  double sum = 0;
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const auto x = changed("deviation=0.5", {3, 1}, Random(9).at("example", i));
    const double miss = double{x[0]} - 2 * double{x[1]} - 0;  // w = (1, -2), t = 0
    sum += miss * miss;
  }
  EXPECT_NEAR(sum / 20000, 1 + 0.25 * 5, 5 * std::sqrt(8.125 / 20000));
}

}  // namespace
}  // namespace gapbench::test

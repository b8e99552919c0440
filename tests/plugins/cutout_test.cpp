// cutout by hand, and how much it hides.
#include <gmock/gmock.h>

#include <cmath>

#include "gapbench/error.h"
#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using ::testing::Each;

class Cutout : public ::testing::Test {
 protected:
  /// Which pixels of an image of ones are hidden; in all channels alike.
  std::vector<bool> hidden(const std::string& text, Shape shape, Random random) const {
    std::vector<float> input(shape.size(), 1);
    component_.make_regularizer(options(component_, text))->change_input(shape, random, input);
    std::vector<bool> pixels;
    for (std::size_t p = 0; p < shape.height * shape.width; ++p) {
      pixels.push_back(input[p * shape.channels] == 0);
      for (std::size_t c = 0; c < shape.channels; ++c) {
        EXPECT_EQ(input[p * shape.channels + c], pixels.back() ? 0 : 1);
      }
    }
    return pixels;
  }

  const Component& component_ = component("regularizers_cutout");
};

// Of `size` rows the first is size / 2 above the drawn one: 3 have it in their middle, 2 as the second.
TEST_F(Cutout, ByHand) {
  const Shape shape{6, 5, 2};
  for (const std::size_t size : {1U, 2U, 3U, 9U}) {
    for (std::uint64_t key = 0; key < 30; ++key) {
      Random random(key);
      random.uniform();
      const auto y = static_cast<long>(random.below(6));
      const auto x = static_cast<long>(random.below(5));
      const auto within = [&](long at, long center) {
        const long first = center - static_cast<long>(size / 2);
        return at >= first && at < first + static_cast<long>(size);
      };
      std::vector<bool> expected;
      for (long i = 0; i < 6; ++i) {
        for (long j = 0; j < 5; ++j) expected.push_back(within(i, y) && within(j, x));
      }
      EXPECT_EQ(hidden("size=" + std::to_string(size), shape, Random(key)), expected) << size;
    }
  }
}

// A square of 3 on 5 pixels in a row hides 2, 3, 3, 3 or 2 of them: 13 / 5 a side on average, and as
// the two sides are drawn apart (13 / 5)^2 of 25 pixels. Of 4,000 images the mean lies within 5
// deviations of a pixel count between 4 and 9, at most 2.5 / sqrt(4000).
TEST_F(Cutout, HidesAsManyAsThereShouldBe) {
  const auto mean = [&](const std::string& text) {
    double sum = 0;
    for (std::uint64_t i = 0; i < 4000; ++i) {
      const auto pixels = hidden(text, {5, 5, 1}, Random(7).at("example", i));
      sum += static_cast<double>(std::count(pixels.begin(), pixels.end(), true));
    }
    return sum / 4000;
  };
  EXPECT_NEAR(mean("size=3"), 6.76, 0.2);
  // With probability 1/4 as much: deviation below 3.1 a picture.
  EXPECT_NEAR(mean("size=3 probability=0.25"), 1.69, 0.25);
}

TEST_F(Cutout, LeavesRowsOfNumbersInWords) {
  EXPECT_THROW(hidden("size=3", {1, 1, 8}, Random(1)), Error);
  EXPECT_THAT(hidden("size=4096", {4, 4, 1}, Random(1)), Each(true));
  EXPECT_EQ(component_.hooks, std::uint32_t{hook_inputs});
}

}  // namespace
}  // namespace gapbench::test

// all_cnn_c: its layers and parameters by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Layers layers(const std::string& text, Shape input = {32, 32, 3}, std::size_t outputs = 10) {
  const Component& c = component("networks_all_cnn_c");
  return describe_network(c.about.name, c.build_network, options(c, text), input, outputs);
}

// Convolutions 3x3: 3*96 and twice 96*96 weights a tap; 96*192 and three times 192*192; 1x1: 192*192
// and 192*10. Biases: 3*96 + 5*192 + 10.
TEST(AllCnnC, CountsTheParametersOfThePaper) {
  const std::size_t taps = 3 * 96 + 2 * 96 * 96 + 96 * 192 + 3 * 192 * 192;
  const std::size_t all = 9 * taps + 192 * 192 + 192 * 10 + 3 * 96 + 5 * 192 + 10;
  EXPECT_EQ(layers("").parameters(), all);
  EXPECT_EQ(all, 1369738U);
  EXPECT_EQ(layers("", {32, 32, 3}, 100).parameters(), all + 90 * 193);
  EXPECT_EQ(layers("norm=batch").parameters(), all + 3 * 96 + 5 * 192);
}

TEST(AllCnnC, IsWrittenDownAsInThePaper) {
  const Layers l = layers("width=2", {8, 8, 1}, 3);
  EXPECT_THAT(noise_sites(l), ElementsAre("input", "down1", "down2"));
  EXPECT_EQ(to_text(l),
            "input 8x8x1\n"
            "input: noise site\n"
            "stage1.conv1: convolution 3x3, 2 outputs, stride 1, padding 1, bias, gain 2\nrelu\n"
            "stage1.conv2: convolution 3x3, 2 outputs, stride 1, padding 1, bias, gain 2\nrelu\n"
            "stage1.down: convolution 3x3, 2 outputs, stride 2, padding 1, bias, gain 2\nrelu\n"
            "down1: noise site\n"
            "stage2.conv1: convolution 3x3, 4 outputs, stride 1, padding 1, bias, gain 2\nrelu\n"
            "stage2.conv2: convolution 3x3, 4 outputs, stride 1, padding 1, bias, gain 2\nrelu\n"
            "stage2.down: convolution 3x3, 4 outputs, stride 2, padding 1, bias, gain 2\nrelu\n"
            "down2: noise site\n"
            "last.conv: convolution 3x3, 4 outputs, stride 1, padding 1, bias, gain 2\nrelu\n"
            "last.mix: convolution 1x1, 4 outputs, stride 1, padding 0, bias, gain 2\nrelu\n"
            "output: convolution 1x1, 3 outputs, stride 1, padding 0, bias, gain 1\n"
            "global average pool\n");
}

}  // namespace
}  // namespace gapbench::test

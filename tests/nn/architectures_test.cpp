// The architectures by name: sizes, starts, costs, refusals.

#include <gmock/gmock.h>

#include "gapbench/error.h"
#include "nn/network_bench.h"

namespace gapbench::nn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

std::vector<std::string> names(const Network& network) {
  std::vector<std::string> all;
  for (const TensorInfo& t : network.tensors()) all.push_back(t.name);
  return all;
}

OptionValue whole(std::int64_t n) { return n; }
OptionValue word(const char* s) { return std::string(s); }

TEST(Architectures, CountTheirParameters) {
  const auto dimension = [](const char* name, OptionMap options, ImageShape input) {
    return network(name, options, input, 10)->dimension();
  };
  EXPECT_EQ(dimension("lenet5", {}, {32, 32, 1}), 61706U);
  EXPECT_EQ(dimension("lenet5", {}, {28, 28, 1}), 61706U);
  EXPECT_EQ(dimension("lenet5", {}, {32, 32, 3}), 62006U);
  EXPECT_EQ(dimension("cnn3", {}, {32, 32, 3}), 896U + 18496 + 36928 + 131200 + 1290);
  EXPECT_EQ(dimension("mlp", {}, {28, 28, 1}), 785U * 256 + 257 * 256 + 257 * 10);
  EXPECT_EQ(dimension("mlp", {{"width", whole(7)}, {"depth", whole(1)}}, {1, 1, 4}),
            5U * 7 + 8 * 10);
  EXPECT_EQ(dimension("mlp", {{"depth", whole(0)}}, {1, 1, 4}), 50U);
  EXPECT_EQ(dimension("cnn3", {{"width", whole(4)}, {"hidden", whole(5)}}, {8, 8, 1}),
            40U + 4 * 9 * 8 + 8 + 8 * 9 * 8 + 8 + 8 * 5 + 5 + 60);
}

TEST(Architectures, CountTheParametersOfThePapersNetworks) {
  const auto dimension = [](const char* name, OptionMap options = {}, std::size_t classes = 10) {
    return network(name, options, {32, 32, 3}, classes)->dimension();
  };
  EXPECT_EQ(dimension("resnet8"), 78042U);
  EXPECT_EQ(dimension("resnet20"), 272474U);
  EXPECT_EQ(dimension("resnet18"), 11173962U);
  EXPECT_EQ(dimension("resnet18", {}, 100), 11220132U);
  EXPECT_EQ(dimension("wide_resnet_16_4"), 2748890U);
  EXPECT_EQ(dimension("wide_resnet_10_1"), 77850U);
  EXPECT_EQ(network("vgg11", {}, {70, 64, 3}, 10)->dimension(), dimension("vgg11"));
  EXPECT_EQ(dimension("vgg11"), 9750922U);
  EXPECT_EQ(dimension("vgg16_bn"), 14724042U);
  // Convolutions 3*25*64 + 64*25*64 = 107,200; 32x32 is pooled to 16x16 and 8x8, so that the hidden
  // layers have 4096*384 + 384*192 = 1,646,592 weights; scales and shifts 2 (64 + 64 + 384 + 192) =
  // 1,408; output 192*10 + 10 = 1,930.
  EXPECT_EQ(dimension("keskar_c1"), 107200U + 1646592 + 1408 + 1930);
  EXPECT_EQ(dimension("keskar_c1"), 1757130U);
  EXPECT_EQ(dimension("keskar_c1", {}, 100), 1757130U + 90 * 193);
  EXPECT_EQ(dimension("keskar_c1", {{"norm", word("none")}}), 1757130U - 704);
  // Scale and shift take the same room in both normalizations; biases half of it.
  EXPECT_EQ(dimension("resnet20", {{"norm", word("group")}}), 272474U);
  EXPECT_EQ(dimension("resnet20", {{"norm", word("none")}}), 272474U - 784);
  EXPECT_EQ(dimension("vgg11", {{"norm", word("batch")}}), 9750922U + 2752);
  EXPECT_EQ(dimension("resnet8", {{"width", whole(1)}}), 417U);
}

TEST(Architectures, KeepRunningStatisticsOfBatchNormalizationOnly) {
  const auto buffers = [](const char* name, OptionMap options) {
    const auto net = network(name, options, {32, 32, 3}, 10);
    const auto b = net->buffers();
    return Vector(b.begin(), b.end());
  };
  const Vector b = buffers("resnet20", {});
  ASSERT_EQ(b.size(), 2U * 784);
  EXPECT_EQ(b[15], 0);
  EXPECT_EQ(b[16], 1);
  EXPECT_TRUE(buffers("resnet20", {{"norm", word("group")}}).empty());
  EXPECT_TRUE(buffers("vgg11", {}).empty());
}

TEST(Architectures, LayTensorsOneAfterAnother) {
  for (const Architecture& a : architectures()) {
    SCOPED_TRACE(a.name);
    const auto net = network(a.name, {}, {32, 32, 3}, 10);
    std::size_t offset = 0;
    for (const TensorInfo& t : net->tensors()) {
      EXPECT_EQ(t.offset, offset);
      std::size_t size = 1;
      for (const std::size_t extent : t.shape) size *= extent;
      EXPECT_EQ(t.size, size);
      offset += size;
    }
    EXPECT_EQ(net->dimension(), offset);
    EXPECT_EQ(net->width(), 10U);
    EXPECT_EQ(net->input().size(), 3072U);
  }
}

TEST(Architectures, NameTheirTensors) {
  EXPECT_THAT(
      names(*network("cnn3", {}, {32, 32, 3}, 10)),
      ElementsAre("conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "conv3.weight",
                  "conv3.bias", "hidden.weight", "hidden.bias", "output.weight", "output.bias"));
  EXPECT_THAT(names(*network("cnn3", {{"norm", std::string("batch")}}, {8, 8, 3}, 2)),
              ElementsAre("conv1.weight", "conv1.norm.scale", "conv1.norm.shift", "conv2.weight",
                          "conv2.norm.scale", "conv2.norm.shift", "conv3.weight",
                          "conv3.norm.scale", "conv3.norm.shift", "hidden.weight", "hidden.bias",
                          "output.weight", "output.bias"));
  EXPECT_THAT(names(*network("mlp", {{"depth", whole(1)}}, {4, 4, 1}, 2)),
              ElementsAre("hidden1.weight", "hidden1.bias", "output.weight", "output.bias"));
  EXPECT_THAT(network("cnn3", {}, {32, 32, 3}, 10)->tensors()[0].shape, ElementsAre(32, 3, 3, 3));
  EXPECT_THAT(
      names(*network("keskar_c1", {}, {32, 32, 3}, 10)),
      ElementsAre("unit1.conv.weight", "unit1.norm.scale", "unit1.norm.shift", "unit2.conv.weight",
                  "unit2.norm.scale", "unit2.norm.shift", "hidden1.weight", "hidden1.norm.scale",
                  "hidden1.norm.shift", "hidden2.weight", "hidden2.norm.scale",
                  "hidden2.norm.shift", "output.weight", "output.bias"));
}

TEST(Architectures, StartWithTheStatedVariance) {
  const auto net = network("cnn3", {}, {32, 32, 3}, 10);
  Vector w(net->dimension());
  net->initialize(Random(1), w);
  const auto variance = [&](std::size_t tensor) {
    const TensorInfo& t = net->tensors()[tensor];
    const auto values = std::span(w).subspan(t.offset, t.size);
    return dot(values, values) / static_cast<double>(t.size);
  };
  EXPECT_NEAR(variance(2) * 32 * 9, 2, 0.1);  // He: 18,432 draws, deviation 0.02
  EXPECT_NEAR(variance(6) * 1024, 2, 0.1);    // He
  EXPECT_NEAR(variance(8) * 128, 1, 0.2);     // output: 1,280 draws, deviation 0.04
  for (std::size_t bias = 1; bias < 10; bias += 2) EXPECT_EQ(variance(bias), 0) << bias;

  const auto tanh = network("mlp", {{"activation", word("tanh")}}, {16, 16, 1}, 10);
  Vector u(tanh->dimension());
  tanh->initialize(Random(1), u);
  EXPECT_NEAR(dot(std::span(u).first(65536), std::span(u).first(65536)) / 65536 * 256, 1, 0.05);
}

TEST(Architectures, StartFromTheKeyAlone) {
  const auto net = network("lenet5", {}, {16, 16, 1}, 10);
  Vector a(net->dimension()), b(net->dimension()), c(net->dimension());
  Random used(4);
  used.bits();
  net->initialize(Random(4), a);
  net->initialize(used, b);
  net->initialize(Random(5), c);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  Vector second(net->tensors()[2].size);
  Random(4).at("init", 2).normal(second, std::sqrt(1.0 / (6 * 25)));
  EXPECT_EQ(second[5], a[net->tensors()[2].offset + 5]);
}

TEST(Architectures, CountTheirFlops) {
  const PassFlops f =
      network("mlp", {{"width", whole(5)}, {"depth", whole(1)}}, {1, 1, 3}, 2)->flops();
  EXPECT_EQ(f.forward, 2 * (15 + 10));
  EXPECT_EQ(f.backward, 2 * (15 + 20));
  EXPECT_EQ(f.tangent_forward, 2 * (15 + 20));
  EXPECT_EQ(f.tangent_backward, 2 * (15 + 40));
  const double c1 = 32 * 32 * 32 * 27, c2 = 16 * 16 * 64 * 288, c3 = 8 * 8 * 64 * 576;
  EXPECT_EQ(network("cnn3", {}, {32, 32, 3}, 10)->flops().forward,
            2 * (c1 + c2 + c3 + 1024 * 128 + 1280));
}

// Every option changes what the network computes.
TEST(Architectures, UseTheirOptions) {
  const CrossEntropy head;
  const auto outputs = [&](const char* name, const OptionMap& options) {
    const auto net = network(name, options, {16, 16, 1}, 3);
    return Questions(*net, 2, head).outputs(start(*net));
  };
  EXPECT_NE(outputs("mlp", {}), outputs("mlp", {{"activation", word("tanh")}}));
  EXPECT_NE(outputs("lenet5", {}), outputs("lenet5", {{"activation", word("relu")}}));
  EXPECT_NE(outputs("lenet5", {}), outputs("lenet5", {{"pooling", word("max")}}));
}

TEST(Architectures, RefuseSmallInputs) {
  EXPECT_EQ(message([] {
              network("cnn3", {}, {7, 32, 3}, 10);
            }),
            "cnn3: needs an input of at least 8x8 pixels, got 7x32");
  EXPECT_EQ(message([] {
              network("lenet5", {}, {11, 11, 1}, 10);
            }),
            "lenet5: needs an input of at least 12x12 pixels, got 11x11");
  EXPECT_EQ(message([] {
              network("mlp", {}, {0, 4, 1}, 10);
            }),
            "mlp: needs an input of at least 1x1x1, got 0x4x1");
  EXPECT_EQ(message([] {
              network("mlp", {}, {4, 4, 1}, 0);
            }),
            "mlp: needs at least 1 output, got 0");
  EXPECT_NO_THROW(network("lenet5", {}, {12, 12, 1}, 1)->make_workspace(1));
  EXPECT_NO_THROW(network("cnn3", {}, {8, 8, 1}, 1)->make_workspace(1));
}

TEST(Architectures, RefuseOptionsOutOfRange) {
  const auto given = [](const char* name, const OptionMap& options) {
    return message([&] { network(name, options, {16, 16, 1}, 10); });
  };
  EXPECT_THAT(given("mlp", {{"width", whole(0)}}), HasSubstr("mlp: width: must be"));
  EXPECT_THAT(given("mlp", {{"depth", whole(65)}}), HasSubstr("got 65"));
  EXPECT_THAT(given("mlp", {{"activation", word("gelu")}}), HasSubstr("relu or tanh"));
  EXPECT_THAT(given("lenet5", {{"pooling", word("min")}}), HasSubstr("average or max"));
  EXPECT_THAT(given("cnn3", {{"hidden", whole(-1)}}), HasSubstr("hidden: must be"));
  EXPECT_THAT(given("cnn3", {{"widht", whole(8)}}), HasSubstr("did you mean \"width\""));
}

TEST(Architectures, AreFoundByName) {
  EXPECT_EQ(find_architecture("cnn3").name, std::string("cnn3"));
  EXPECT_THAT(message([] { find_architecture("cnn4"); }),
              HasSubstr("network: unknown architecture \"cnn4\"; did you mean"));
  EXPECT_THAT(message([] { find_architecture("transformer"); }),
              HasSubstr("valid: cnn3, keskar_c1, lenet5, mlp, resnet8"));
}

TEST(Library, SaysWhatItRunsOn) {
  EXPECT_THAT(library_version(), testing::StartsWith("oneDNN 2."));
  EXPECT_FALSE(instruction_set().empty());
}

}  // namespace
}  // namespace gapbench::nn

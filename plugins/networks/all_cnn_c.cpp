// All-CNN-C: convolutions alone, those of stride 2 in the place of pooling.
//
//   2 x (convolution 3x3 width, norm, ReLU), convolution 3x3 width of stride 2, norm, ReLU
//   2 x (convolution 3x3 2 width, norm, ReLU), convolution 3x3 2 width of stride 2, norm, ReLU
//   convolution 3x3 2 width, norm, ReLU; convolution 1x1 2 width, norm, ReLU
//   convolution 1x1 outputs, global average pool
//
// Of width 96, without normalization unless asked; padding 1 throughout, where the authors' seventh
// layer has none. Behind the outputs' convolution there is no ReLU.
// Noise sites: input, and down1 and down2 behind the convolutions of stride 2, where the authors have
// dropout of rates 0.2, 0.5 and 0.5. 1,369,738 parameters for 32x32x3 with 10 outputs.
// Source: Springenberg, Dosovitskiy, Brox, Riedmiller 2015, "Striving for simplicity: the all
// convolutional net". Start: He normal, LeCun normal in front of the outputs, biases 0.
#include <gapbench/plugin.h>

#include <string>

namespace {

namespace option = gapbench::option;
using gapbench::Layers;

constexpr gapbench::OptionSpec options[] = {
    option::integer("width", "channels of the first convolutions; the others have twice as many")
        .at_least(1)
        .at_most(4096)
        .by_default(96),
    option::choice("norm", "batch|none", "normalization of the convolutions").by_default("none"),
};

class Builder {
 public:
  Builder(const gapbench::Options& o, gapbench::Shape input)
      : width_(o.count("width")), layers_(input) {
    norm_.kind =
        o.choice("norm") == "batch" ? gapbench::Norm::Kind::batch : gapbench::Norm::Kind::none;
  }

  Layers build(std::size_t outputs) {
    layers_.noise("input");
    for (std::size_t stage = 1; stage <= 2; ++stage) {
      const std::string name = "stage" + std::to_string(stage);
      add(name + ".conv1", stage * width_, 3, 1);
      add(name + ".conv2", stage * width_, 3, 1);
      add(name + ".down", stage * width_, 3, 2);
      layers_.noise("down" + std::to_string(stage));
    }
    add("last.conv", 2 * width_, 3, 1);
    add("last.mix", 2 * width_, 1, 1);
    return layers_.convolution("output", {.outputs = outputs, .kernel = 1}, gapbench::output_gain)
        .global_average_pool();
  }

 private:
  void add(const std::string& name, std::size_t channels, std::size_t kernel, std::size_t stride) {
    layers_
        .convolution(name,
                     {.outputs = channels,
                      .kernel = kernel,
                      .stride = stride,
                      .padding = kernel / 2,
                      .bias = !norm_.exists()},
                     gapbench::gain(gapbench::Activation::relu))
        .normalize(name + ".norm", norm_)
        .activation(gapbench::Activation::relu);
  }

  std::size_t width_;
  gapbench::Norm norm_;
  Layers layers_;
};

Layers build(const gapbench::Options& o, gapbench::Shape input, std::size_t outputs) {
  gapbench::require_side("all_cnn_c", input, 8);
  return Builder(o, input).build(outputs);
}

}  // namespace

GAPBENCH_PLUGIN(
    gapbench::network<build>({.name = "all_cnn_c",
                              .summary = "All-CNN-C, convolutions alone; Springenberg et al. 2015",
                              .example = "width=8"},
                             options));

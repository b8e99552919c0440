#include "nn/layers/convolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "gapbench/error.h"
#include "nn/layers/gaussian.h"
#include "nn/layers/winograd/convolution.h"

namespace gapbench::nn {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

constexpr std::size_t block = 16;          // channels
constexpr std::size_t image_channels = 4;  // at most: what stands at the start of a network

/// Layouts of one convolution.
///
/// Winograd's algorithm works on blocks of 16 channels. A network gets into blocks at its first
/// convolution with a multiple of 16 outputs and stays there.
class Formats {
 public:
  Formats(const Engine& engine, ImageShape input, const ConvolutionShape& shape)
      : precision_(engine.precision),
        stem_(input.lanes() != block && input.channels <= image_channels),
        blocked_(engine.winograd && shape.outputs % block == 0 &&
                 (input.lanes() == block || (stem_ && shape.outputs > block))) {}

  bool blocked() const noexcept { return blocked_; }
  /// The first convolution of a network.
  bool stem() const noexcept { return stem_; }

  Tag flow(ImageShape shape) const noexcept {
    return blocked_ && shape.lanes() == block ? Tag::nChw16c : Tag::nhwc;
  }
  /// The kernels that make blocks of an image read it plane by plane.
  Tag input_operand(ImageShape shape) const noexcept {
    return blocked_ && stem_ ? Tag::nchw : flow(shape);
  }
  Precision precision() const noexcept { return precision_; }
  memory::data_type operands() const noexcept { return data_type(precision_); }

 private:
  Precision precision_;
  bool stem_;
  bool blocked_;
};

/// Measured on Zen 4: below 4 pixels a tile is mostly padding, and below 8 the products of bf16 are
/// faster than a quarter of those of f32.
bool pays(const Engine& engine, ImageShape input) {
  const std::size_t least = engine.precision == Precision::bf16 ? 8 : 4;
  return engine.winograd && input.precision == engine.precision &&
         std::min(input.height, input.width) >= least;
}

class ConvolutionProduct final : public Product {
 public:
  ConvolutionProduct(const Engine& engine, ImageShape input, const ConvolutionShape& shape)
      : engine_(engine.device), input_(input), shape_(shape), formats_(engine, input, shape) {
    if (engine.tiles && !formats_.blocked() && input.planes() == 1 &&
        input.precision == formats_.precision()) {
      rows_ = RowProducts(engine_, patches(), shape.outputs, shape.bias);
    }
  }

  ImageShape output() const noexcept override {
    const bool in_blocks = formats_.blocked() && shape_.outputs > block;
    return {extent(input_.height), extent(input_.width), shape_.outputs, in_blocks ? block : 0,
            formats_.precision()};
  }
  std::vector<std::size_t> weight_shape() const override {
    return {shape_.outputs, input_.channels, shape_.kernel, shape_.kernel};
  }
  bool has_bias() const noexcept override { return shape_.bias; }
  Patches patches() const noexcept override { return patches_of(input_, shape_); }
  double multiply_adds() const noexcept override {
    const std::size_t per_output = input_.channels * shape_.kernel * shape_.kernel;
    return static_cast<double>(output().size()) * static_cast<double>(per_output);
  }
  Desc plain_weights() const override { return weights(memory::data_type::f32, Tag::oihw); }
  Desc any_weights() const override { return weights(formats_.operands(), Tag::any); }
  Desc any_gradient() const override { return weights(memory::data_type::f32, Tag::any); }
  Desc input_flow(std::size_t examples) const override {
    return images(examples, input_, data_type(input_.precision), formats_.flow(input_));
  }
  Desc output_flow(std::size_t examples) const override {
    return images(examples, output(), formats_.operands(), formats_.flow(output()));
  }

  dnnl::primitive_desc forward(std::size_t examples, const Desc& weights,
                               Store store) const override {
    const auto x = input_operand(examples);
    const auto y = output_flow(examples);
    constexpr auto kind = dnnl::prop_kind::forward_training;
    using Asked = dnnl::convolution_forward::desc;
    const auto desc =
        store == Store::add || !shape_.bias
            ? Asked(kind, direct, x, weights, y, strides(), padding(), end_padding())
            : Asked(kind, direct, x, weights, bias(), y, strides(), padding(), end_padding());
    return formats_.stem() ? stem_kernel(desc, attributes(store))
                           : Forward(desc, attributes(store), engine_);
  }

  dnnl::primitive_desc backward_data(std::size_t examples, const Desc& weights) const override {
    return dnnl::convolution_backward_data::primitive_desc(
        {direct, input_flow(examples), weights, output_flow(examples), strides(), padding(),
         end_padding()},
        attributes(Store::overwrite), engine_, hint(examples));
  }

  const RowProducts& row_products() const noexcept override { return rows_; }

  dnnl::primitive_desc backward_weights(std::size_t examples, const Desc& weights) const override {
    const auto x = input_operand(examples);
    const auto y = output_flow(examples);
    using Asked = dnnl::convolution_backward_weights::desc;
    const auto desc =
        shape_.bias ? Asked(direct, x, weights, bias(), y, strides(), padding(), end_padding())
                    : Asked(direct, x, weights, y, strides(), padding(), end_padding());
    return dnnl::convolution_backward_weights::primitive_desc(desc, attributes(Store::overwrite),
                                                              engine_, hint(examples));
  }

  dnnl::primitive_desc backward_weights_of_one(const Desc& weights) const override {
    return backward_weights(1, weights);
  }

 private:
  using Forward = dnnl::convolution_forward::primitive_desc;

  static constexpr auto direct = dnnl::algorithm::convolution_direct;

  /// oneDNN's first choice, brgconv, takes half as long again as the next one where an image has
  /// few channels.
  Forward stem_kernel(const dnnl::convolution_forward::desc& desc,
                      const dnnl::primitive_attr& attributes) const {
    const auto is_generated = [](const Forward& kernel) {
      return std::string_view(kernel.impl_info_str()).starts_with("jit");
    };
    Forward kernel(desc, attributes, engine_);
    while (!is_generated(kernel)) {
      if (!kernel.next_impl()) return Forward(desc, attributes, engine_);
    }
    return kernel;
  }

  static Desc images(std::size_t examples, ImageShape s, memory::data_type type, Tag tag) {
    return {{dim(examples), dim(s.channels), dim(s.height), dim(s.width)}, type, tag};
  }
  Desc input_operand(std::size_t examples) const {
    return images(examples, input_, formats_.operands(), formats_.input_operand(input_));
  }
  Desc weights(memory::data_type type, Tag tag) const {
    return {{dim(shape_.outputs), dim(input_.channels), dim(shape_.kernel), dim(shape_.kernel)},
            type,
            tag};
  }
  Desc bias() const { return f32({dim(shape_.outputs)}, Tag::a); }

  std::size_t extent(std::size_t input) const noexcept { return output_extent(input, shape_); }
  memory::dims strides() const { return {dim(shape_.stride), dim(shape_.stride)}; }
  memory::dims padding() const { return {dim(shape_.padding), dim(shape_.padding)}; }
  // What the last window needs behind the image; negative where the stride leaves pixels over.
  memory::dims end_padding() const {
    const auto needed = [&](std::size_t in, std::size_t out) {
      return dim((out - 1) * shape_.stride + shape_.kernel) - dim(in + shape_.padding);
    };
    return {needed(input_.height, output().height), needed(input_.width, output().width)};
  }

  // All in the operands' precision: a hint gives the backward kernels shapes alone.
  Forward hint(std::size_t examples) const {
    return {{dnnl::prop_kind::forward_training, direct, input_operand(examples), any_weights(),
             output_flow(examples), strides(), padding(), end_padding()},
            attributes(Store::overwrite),
            engine_};
  }

  dnnl::engine engine_;
  ImageShape input_;
  ConvolutionShape shape_;
  Formats formats_;
  RowProducts rows_;
};

void check(const std::string& name, ImageShape input, const ConvolutionShape& shape) {
  const std::size_t least = std::min({input.size(), shape.outputs, shape.kernel, shape.stride});
  if (least == 0)
    throw Error(name, "extents, kernel, stride and outputs must be at least 1, got 0");
  const std::size_t side = std::min(input.height, input.width) + 2 * shape.padding;
  if (side < shape.kernel) {
    throw Error(name, fmt::format("a {0}x{0} kernel needs an input of at least {0} pixels a side, "
                                  "got {1}x{2} with padding {3}",
                                  shape.kernel, input.height, input.width, shape.padding));
  }
}

}  // namespace

std::size_t output_extent(std::size_t input, const ConvolutionShape& shape) noexcept {
  return (input + 2 * shape.padding - shape.kernel) / shape.stride + 1;
}

Patches patches_of(ImageShape input, const ConvolutionShape& shape) noexcept {
  return {.image = input,
          .kernel = shape.kernel,
          .stride = shape.stride,
          .padding = shape.padding,
          .height = output_extent(input.height, shape),
          .width = output_extent(input.width, shape)};
}

std::unique_ptr<Layer> make_convolution(std::string name, const Engine& engine, ImageShape input,
                                        const ConvolutionShape& shape, double gain) {
  check(name, input, shape);
  auto product = std::make_unique<ConvolutionProduct>(engine, input, shape);
  auto direct = std::make_unique<Affine>(name, engine, std::move(product), gain);
  const bool is_plain = engine.precision == Precision::f32;
  if (pays(engine, input) && winograd::takes(input, shape)) {
    auto layer = winograd::make_convolution(std::move(name), input, shape, gain);
    return is_plain ? make_gaussian(input, std::move(layer), std::move(direct)) : std::move(layer);
  }
  return is_plain ? make_gaussian(input, std::move(direct), nullptr) : std::move(direct);
}

}  // namespace gapbench::nn

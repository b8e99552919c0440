#include "nn/layers/convolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gapbench/error.h"

namespace gapbench::nn {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

class ConvolutionProduct final : public Product {
 public:
  ConvolutionProduct(dnnl::engine engine, ImageShape input, const ConvolutionShape& shape)
      : engine_(std::move(engine)), input_(input), shape_(shape) {}

  ImageShape output() const noexcept override {
    return {extent(input_.height), extent(input_.width), shape_.outputs};
  }
  std::vector<std::size_t> weight_shape() const override {
    return {shape_.outputs, input_.channels, shape_.kernel, shape_.kernel};
  }
  bool has_bias() const noexcept override { return shape_.bias; }
  double multiply_adds() const noexcept override {
    const std::size_t per_output = input_.channels * shape_.kernel * shape_.kernel;
    return static_cast<double>(output().size()) * static_cast<double>(per_output);
  }
  memory::desc plain_weights() const override { return weights(Tag::oihw); }
  memory::desc any_weights() const override { return weights(Tag::any); }

  dnnl::primitive_desc forward(std::size_t examples, const Desc& weights,
                               Store store) const override {
    return forward_desc(examples, weights, store);
  }

  dnnl::primitive_desc backward_data(std::size_t examples, const Desc& weights) const override {
    return dnnl::convolution_backward_data::primitive_desc(
        {algorithm, images(examples, input_), weights, images(examples, output()), strides(),
         padding(), end_padding()},
        attributes(Store::overwrite), engine_, hint(examples));
  }

  dnnl::primitive_desc backward_weights(std::size_t examples, const Desc& weights) const override {
    const auto x = images(examples, input_);
    const auto y = images(examples, output());
    using Asked = dnnl::convolution_backward_weights::desc;
    const auto desc =
        shape_.bias ? Asked(algorithm, x, weights, bias(), y, strides(), padding(), end_padding())
                    : Asked(algorithm, x, weights, y, strides(), padding(), end_padding());
    return dnnl::convolution_backward_weights::primitive_desc(desc, attributes(Store::overwrite),
                                                              engine_, hint(examples));
  }

 private:
  static constexpr auto algorithm = dnnl::algorithm::convolution_direct;

  static memory::desc images(std::size_t examples, ImageShape s) {
    return f32({dim(examples), dim(s.channels), dim(s.height), dim(s.width)}, Tag::nhwc);
  }
  memory::desc weights(Tag tag) const {
    return f32({dim(shape_.outputs), dim(input_.channels), dim(shape_.kernel), dim(shape_.kernel)},
               tag);
  }
  memory::desc bias() const { return f32({dim(shape_.outputs)}, Tag::a); }

  std::size_t extent(std::size_t input) const noexcept {
    return (input + 2 * shape_.padding - shape_.kernel) / shape_.stride + 1;
  }
  memory::dims strides() const { return {dim(shape_.stride), dim(shape_.stride)}; }
  memory::dims padding() const { return {dim(shape_.padding), dim(shape_.padding)}; }
  // What the last window needs behind the image; negative where the stride leaves pixels over.
  memory::dims end_padding() const {
    const auto needed = [&](std::size_t in, std::size_t out) {
      return dim((out - 1) * shape_.stride + shape_.kernel) - dim(in + shape_.padding);
    };
    return {needed(input_.height, output().height), needed(input_.width, output().width)};
  }

  dnnl::convolution_forward::primitive_desc hint(std::size_t examples) const {
    return forward_desc(examples, any_weights(), Store::overwrite);
  }

  dnnl::convolution_forward::primitive_desc forward_desc(std::size_t examples, const Desc& weights,
                                                         Store store) const {
    const auto x = images(examples, input_);
    const auto y = images(examples, output());
    constexpr auto kind = dnnl::prop_kind::forward_training;
    if (store == Store::add || !shape_.bias) {
      return {{kind, algorithm, x, weights, y, strides(), padding(), end_padding()},
              attributes(store),
              engine_};
    }
    return {{kind, algorithm, x, weights, bias(), y, strides(), padding(), end_padding()},
            attributes(store),
            engine_};
  }

  dnnl::engine engine_;
  ImageShape input_;
  ConvolutionShape shape_;
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

std::unique_ptr<Layer> make_convolution(std::string name, const dnnl::engine& engine,
                                        ImageShape input, const ConvolutionShape& shape,
                                        double gain) {
  check(name, input, shape);
  auto product = std::make_unique<ConvolutionProduct>(engine, input, shape);
  return std::make_unique<Affine>(std::move(name), engine, std::move(product), gain);
}

}  // namespace gapbench::nn

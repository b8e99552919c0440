#include "nn/layers/affine/linear.h"

#include <utility>

#include "nn/layers/gaussian.h"

namespace gapbench::nn {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

class LinearProduct final : public Product {
 public:
  LinearProduct(const Engine& engine, ImageShape input, std::size_t outputs, bool bias)
      : engine_(engine.device),
        operands_(engine.operands()),
        input_flow_(data_type(input.precision)),
        inputs_(input.size()),
        outputs_(outputs),
        has_bias_(bias) {}

  ImageShape output() const noexcept override { return {1, 1, outputs_}; }
  std::vector<std::size_t> weight_shape() const override { return {outputs_, inputs_}; }
  Patches patches() const noexcept override {
    const auto precision =
        input_flow_ == memory::data_type::bf16 ? Precision::bf16 : Precision::f32;
    return Patches::pixels({1, 1, inputs_, 0, precision});
  }
  bool has_bias() const noexcept override { return has_bias_; }
  double multiply_adds() const noexcept override {
    return static_cast<double>(inputs_) * static_cast<double>(outputs_);
  }
  Desc plain_weights() const override { return f32({dim(outputs_), dim(inputs_)}, Tag::oi); }
  // In f32 oneDNN's own choice is never asked for: plain weights need no copies.
  Desc any_weights() const override {
    if (operands_ == memory::data_type::f32) return plain_weights();
    return {{dim(outputs_), dim(inputs_)}, operands_, Tag::any};
  }
  Desc any_gradient() const override { return plain_weights(); }
  Desc input_flow(std::size_t examples) const override {
    return {{dim(examples), dim(inputs_)}, input_flow_, Tag::nc};
  }
  Desc output_flow(std::size_t examples) const override { return rows(examples, outputs_); }

  dnnl::primitive_desc forward(std::size_t examples, const Desc& weights,
                               Store store) const override {
    return forward_desc(examples, weights, store);
  }

  dnnl::primitive_desc backward_data(std::size_t examples, const Desc& weights) const override {
    return dnnl::inner_product_backward_data::primitive_desc(
        {input_flow(examples), weights, operand(examples, outputs_)}, attributes(Store::overwrite),
        engine_, hint(examples));
  }

  dnnl::primitive_desc backward_weights(std::size_t examples, const Desc& weights) const override {
    using Asked = dnnl::inner_product_backward_weights::desc;
    const auto x = operand(examples, inputs_);
    const auto dy = operand(examples, outputs_);
    const auto asked = has_bias_ ? Asked(x, weights, bias(), dy) : Asked(x, weights, dy);
    return dnnl::inner_product_backward_weights::primitive_desc(asked, attributes(Store::overwrite),
                                                                engine_, hint(examples));
  }

 private:
  static Desc rows(std::size_t examples, std::size_t size) {
    return f32({dim(examples), dim(size)}, Tag::nc);
  }
  Desc operand(std::size_t examples, std::size_t size) const {
    return {{dim(examples), dim(size)}, operands_, Tag::nc};
  }
  Desc bias() const { return f32({dim(outputs_)}, Tag::a); }

  dnnl::inner_product_forward::primitive_desc hint(std::size_t examples) const {
    return {{dnnl::prop_kind::forward_training, operand(examples, inputs_), any_weights(),
             operand(examples, outputs_)},
            attributes(Store::overwrite),
            engine_};
  }

  dnnl::inner_product_forward::primitive_desc forward_desc(std::size_t examples,
                                                           const Desc& weights, Store store) const {
    const auto x = operand(examples, inputs_);
    const auto y = rows(examples, outputs_);
    constexpr auto kind = dnnl::prop_kind::forward_training;
    if (store == Store::add || !has_bias_)
      return {{kind, x, weights, y}, attributes(store), engine_};
    return {{kind, x, weights, bias(), y}, attributes(store), engine_};
  }

  dnnl::engine engine_;
  memory::data_type operands_;
  memory::data_type input_flow_;
  std::size_t inputs_;
  std::size_t outputs_;
  bool has_bias_;
};

}  // namespace

std::unique_ptr<Layer> make_linear(std::string name, const Engine& engine, ImageShape input,
                                   std::size_t outputs, double gain, bool bias) {
  auto product = std::make_unique<LinearProduct>(engine, input, outputs, bias);
  auto layer = std::make_unique<Affine>(std::move(name), engine, std::move(product), gain);
  if (engine.precision != Precision::f32) return layer;
  return make_gaussian(input, std::move(layer), nullptr);
}

}  // namespace gapbench::nn

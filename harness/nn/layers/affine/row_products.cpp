#include "nn/layers/affine/row_products.h"

#include <utility>

#include "nn/layers/affine/gram.h"

namespace gapbench::nn {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

// How many times fewer multiply-adds than a dW the Gram matrices of its positions must have: few
// positions, many channels. The shares part the lines of the table in the header.
constexpr double share_of_weights = 2;
constexpr double share_of_others = 8;

// oneDNN's layout for tiles: blocks of 32 inputs by 64 outputs.
constexpr std::size_t inputs_of_block = 32;
constexpr std::size_t outputs_of_block = 64;

}  // namespace

RowProducts::RowProducts(dnnl::engine engine, const Patches& seen, std::size_t outputs, bool bias)
    : engine_(std::move(engine)),
      seen_(seen),
      channels_(seen.image.channels),
      outputs_(outputs),
      bias_(bias) {
  const ImageShape output{seen.height, seen.width, outputs, 0, seen.image.precision};
  const ProductPatches both{seen, Patches::pixels(output)};
  weights_ = AffineGram::is_cheaper(both, share_of_weights);
  if (!AffineGram::is_cheaper(both, share_of_others)) return;
  forward_ = is_there(channels_, outputs_);
  if (seen.stride != 1 || seen.padding >= seen.kernel) return;
  given_ = {.image = output,
            .kernel = seen.kernel,
            .padding = seen.kernel - 1 - seen.padding,
            .height = seen.image.height,
            .width = seen.image.width,
            .reversed = true};
  data_ = is_there(outputs_, channels_);
}

RowProducts::Desc RowProducts::plain_inputs_first() const {
  const auto taps = dim(seen_.kernel * seen_.kernel);
  return {{dim(channels_), dim(outputs_), dim(seen_.kernel), dim(seen_.kernel)},
          memory::data_type::f32,
          memory::dims{taps, dim(channels_) * taps, dim(seen_.kernel), 1}};
}

// The products take W as a matrix, [outputs, taps and inputs]. In blocks of inputs of one tap the tensor is the same bytes.
RowProducts::Desc RowProducts::tiled(std::size_t outputs, std::size_t inputs) const {
  return {{dim(outputs), dim(inputs), dim(seen_.kernel), dim(seen_.kernel)},
          data_type(seen_.image.precision),
          Tag::OhwI16i64o2i};
}

dnnl::primitive_desc RowProducts::product(std::size_t rows, std::size_t inputs, std::size_t outputs,
                                          bool bias, Store store) const {
  const auto numbers = data_type(seen_.image.precision);
  const auto size = dim(inputs * seen_.kernel * seen_.kernel);
  const Desc x{{dim(rows), size}, numbers, Tag::nc};
  const Desc w{{dim(outputs), size}, numbers, Tag::OI16i64o2i};
  const Desc y{{dim(rows), dim(outputs)}, numbers, Tag::nc};
  constexpr auto kind = dnnl::prop_kind::forward_training;
  using Asked = dnnl::inner_product_forward::desc;
  const auto desc = bias && store == Store::overwrite
                        ? Asked(kind, x, w, f32({dim(outputs)}, Tag::a), y)
                        : Asked(kind, x, w, y);
  return dnnl::inner_product_forward::primitive_desc(desc, attributes(store), engine_);
}

bool RowProducts::is_there(std::size_t inputs, std::size_t outputs) const {
  if (inputs % inputs_of_block != 0 || outputs % outputs_of_block != 0) return false;
  try {
    return !is_reference(product(seen_.positions(), inputs, outputs, bias_, Store::overwrite));
  } catch (const dnnl::error&) {
    return false;  // an instruction set without tiles
  }
}

dnnl::primitive_desc RowProducts::forward(std::size_t examples, Store store) const {
  return product(examples * seen_.positions(), channels_, outputs_, bias_, store);
}

dnnl::primitive_desc RowProducts::data(std::size_t examples) const {
  return product(examples * given_.positions(), outputs_, channels_, false, Store::overwrite);
}

dnnl::primitive_desc RowProducts::weights(std::size_t examples, const Desc& gradient) const {
  const auto numbers = data_type(seen_.image.precision);
  const auto rows = dim(examples * seen_.positions());
  const auto kernel = dim(seen_.kernel);
  const Desc x{{rows, dim(channels_), kernel, kernel}, numbers, Tag::nhwc};
  const Desc y{{rows, dim(outputs_)}, numbers, Tag::nc};
  using Asked = dnnl::inner_product_backward_weights::desc;
  const auto desc =
      bias_ ? Asked(x, gradient, f32({dim(outputs_)}, Tag::a), y) : Asked(x, gradient, y);
  const Desc any{{dim(outputs_), dim(channels_), kernel, kernel}, numbers, Tag::any};
  const dnnl::inner_product_forward::primitive_desc hint(
      {dnnl::prop_kind::forward_training, x, any, y}, engine_);
  return dnnl::inner_product_backward_weights::primitive_desc(desc, attributes(Store::overwrite),
                                                              engine_, hint);
}

}  // namespace gapbench::nn

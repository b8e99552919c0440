// What the products of a network are computed with.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "gapbench/options.h"
#include "nn/network.h"
#include "nn/onednn.h"

namespace gapbench::nn {

/// How linear and convolution layers compute.
///
///   bf16      the operands of every product (activations, weights, cotangents and their tangents)
///             are rounded to bfloat16, and so is what lies between the convolutions; sums, weights
///             that are trained and their gradients, statistics, what linear layers give, and the
///             loss are f32 (Kalamkar et al. 2019, "A study of bfloat16 for deep learning
///             training")
///   winograd  3x3 convolutions of stride 1 as F(4x4, 3x3) where that is faster (Winograd 1980;
///             Lavin, Gray 2016, "Fast algorithms for convolutional neural networks"): a quarter of
///             the multiplications, some ten times the rounding of the direct sum. In bf16, too:
///             images and filters are rounded, what lies between their transforms is f32
struct Engine {
  dnnl::engine device;
  Precision precision = Precision::f32;
  bool winograd = false;
  bool tiles = false;  ///< bf16 products run on matrix tiles, AMX

  dnnl::memory::data_type operands() const noexcept { return data_type(precision); }
};

/// By gapbench::engine_options. Throws Error(options.owner(), ...) where bf16 is asked for and this CPU
/// has no such products.
Engine make_engine(const Options& options);

/// The instruction set that oneDNN uses here.
const char* instruction_set_name();

}  // namespace gapbench::nn

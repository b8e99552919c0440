// A convolution as matrix products with the rows of its patches.
#pragma once

#include <cstddef>
#include <oneapi/dnnl/dnnl.hpp>

#include "nn/layers/affine/patches.h"
#include "nn/onednn.h"

namespace gapbench::nn {

/// Which passes of a convolution of `outputs` channels multiply gathered rows, and their primitives:
///
///   forward   y  [positions of y, outputs]  = rows of x  W^T (+ b)
///   data      dx [positions of x, channels] = rows of dy W', stride 1 alone; the taps of a row of dy
///             in reverse, and W' is W with inputs and outputs exchanged
///   weights   dW = pixels of dy^T, rows of x
///
/// On AMX, where a map is small: oneDNN's convolutions on tiles work image by image, and a tile holds 16
/// positions. Measured on one core, 32 images, out of cache, oneDNN's convolution against the product alone:
///
///   512 channels on 4x4 pixels     forward 5.8 and 3.6 ms   data 7.7 and 3.6   weights 17.8 and 5.5
///   256 channels on 8x8            1.9 and 2.8              2.7 and 2.8        6.5 and 4.2
///   128 channels on 16x16          1.7 and 3.0              2.0 and 3.0        4.8 and 5.3
///
/// Gathering comes on top, 4.7 MB of rows in the first line, 19 MB in the last: forward and data pay in the
/// first alone, weights in the first two.
class RowProducts {
 public:
  using Desc = dnnl::memory::desc;

  RowProducts() = default;  ///< none
  /// `seen`: what each position of y sees of x, in the precision of all operands.
  RowProducts(dnnl::engine engine, const Patches& seen, std::size_t outputs, bool bias);

  bool forward() const noexcept { return forward_; }
  bool data() const noexcept { return data_; }
  bool weights() const noexcept { return weights_; }

  const Patches& of_input() const noexcept { return seen_; }
  const Patches& of_output() const noexcept { return given_; }

  /// W for forward and for data, and of what the latter is made: the plain weights, inputs first.
  Desc forward_layout() const { return tiled(outputs_, channels_); }
  Desc data_layout() const { return tiled(channels_, outputs_); }
  Desc plain_inputs_first() const;

  dnnl::primitive_desc forward(std::size_t examples, Store store) const;
  /// A forward kernel: dy's rows are its source, dx its destination.
  dnnl::primitive_desc data(std::size_t examples) const;
  dnnl::primitive_desc weights(std::size_t examples, const Desc& gradient) const;

 private:
  Desc tiled(std::size_t outputs, std::size_t inputs) const;
  dnnl::primitive_desc product(std::size_t rows, std::size_t inputs, std::size_t outputs, bool bias,
                               Store store) const;
  bool is_there(std::size_t inputs, std::size_t outputs) const;

  dnnl::engine engine_;
  Patches seen_, given_;
  std::size_t channels_ = 0, outputs_ = 0;
  bool bias_ = false;
  bool forward_ = false, data_ = false, weights_ = false;
};

}  // namespace gapbench::nn

// Where pooling windows lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "nn/network.h"

namespace gapbench::nn {

/// Windows of height x width pixels, `stride` apart in both directions, without padding: rows and
/// columns behind the last whole window are left out (PyTorch's default too).
struct Windows {
  ImageShape input;
  std::size_t height = 2;
  std::size_t width = 2;
  std::size_t stride = 2;

  ImageShape output() const noexcept {
    return {(input.height - height) / stride + 1, (input.width - width) / stride + 1,
            input.channels, input.block, input.precision};
  }
  /// The same windows over one plane of a channel-blocked example, to be seen as an example of
  /// fewer channels.
  Windows on_plane() const noexcept { return {input.plane(), height, width, stride}; }
  std::size_t area() const noexcept { return height * width; }
  bool overlap() const noexcept { return stride < height || stride < width; }
  /// Each input pixel lies in exactly one window.
  bool tile() const noexcept {
    return stride == height && stride == width && input.height % stride == 0 &&
           input.width % stride == 0;
  }
};

/// Throws Error(where, ...) unless one window fits and no extent is 0.
void check(const std::string& where, const Windows& windows);

/// Calls f(input, output) for each window: offsets of channel 0 of its first input pixel and of its
/// output pixel.
template <class F>
void for_each_window(const Windows& w, std::size_t examples, F f) {
  const ImageShape out = w.output();
  std::size_t output = 0;
  for (std::size_t n = 0; n < examples; ++n) {
    for (std::size_t i = 0; i < out.height; ++i) {
      for (std::size_t j = 0; j < out.width; ++j) {
        const std::size_t pixel =
            (n * w.input.height + i * w.stride) * w.input.width + j * w.stride;
        f(pixel * w.input.channels, output);
        output += out.channels;
      }
    }
  }
}

/// Calls f(k, offset) for the pixels of one window in row order: k counts them from 0, the offset
/// is relative to the window's first pixel.
template <class F>
void for_each_pixel(const Windows& w, F f) {
  std::int32_t k = 0;
  for (std::size_t i = 0; i < w.height; ++i) {
    for (std::size_t j = 0; j < w.width; ++j) {
      f(k++, (i * w.input.width + j) * w.input.channels);
    }
  }
}

}  // namespace gapbench::nn

// Where pooling windows lie.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "nn/network.h"

namespace gapbench::nn {

/// Windows of height x width pixels, `stride` apart in both directions. The first ones begin
/// `padding` rows above and columns left of the image, and as far may the last ones reach beyond
/// it; pixels out there do not exist. What is behind the last window is left out (PyTorch's default
/// too).
struct Windows {
  ImageShape input;
  std::size_t height = 2;
  std::size_t width = 2;
  std::size_t stride = 2;
  std::size_t padding = 0;  ///< less than height and width

  ImageShape output() const noexcept {
    return {(input.height + 2 * padding - height) / stride + 1,
            (input.width + 2 * padding - width) / stride + 1, input.channels, input.block,
            input.precision};
  }
  /// The same windows over one plane of a channel-blocked example, to be seen as an example of
  /// fewer channels.
  Windows on_plane() const noexcept { return {input.plane(), height, width, stride, padding}; }
  std::size_t area() const noexcept { return height * width; }
  bool overlap() const noexcept { return stride < height || stride < width; }
  /// Each input pixel lies in exactly one window.
  bool tile() const noexcept {
    return padding == 0 && stride == height && stride == width && input.height % stride == 0 &&
           input.width % stride == 0;
  }
};

/// Throws Error(where, ...) unless one window fits, no extent is 0 and every window has a pixel.
void check(const std::string& where, const Windows& windows);

/// The pixels of one window that lie on the image: rows [top, bottom) and columns [left, right) of
/// the window.
struct Window {
  std::size_t input;   ///< offset of channel 0 of its first pixel; wraps where that does not exist
  std::size_t output;  ///< offset of channel 0 of its output pixel
  std::size_t top, bottom, left, right;
};

/// The window of pixel (i, j) of example n of the output.
[[gnu::always_inline]] inline Window window_at(const Windows& w, const ImageShape& out,
                                               std::size_t n, std::size_t i, std::size_t j) {
  const ImageShape& in = w.input;
  const auto begin = [&](std::size_t at) { return w.padding - std::min(w.padding, at); };
  const auto end = [&](std::size_t at, std::size_t side, std::size_t extent) {
    return std::min(side, extent + w.padding - at);
  };
  const std::size_t y = i * w.stride;  // counted from the padding's first row
  const std::size_t x = j * w.stride;
  const std::size_t pixel = (n * in.height + y - w.padding) * in.width + x - w.padding;
  return {pixel * in.channels,
          ((n * out.height + i) * out.width + j) * out.channels,
          begin(y),
          end(y, w.height, in.height),
          begin(x),
          end(x, w.width, in.width)};
}

/// Calls f(window) for each window.
template <class F>
[[gnu::always_inline]] inline void for_each_window(const Windows& w, std::size_t examples, F f) {
  const ImageShape out = w.output();
  for (std::size_t n = 0; n < examples; ++n) {
    for (std::size_t i = 0; i < out.height; ++i) {
      for (std::size_t j = 0; j < out.width; ++j) f(window_at(w, out, n, i, j));
    }
  }
}

/// Calls f(k, offset) for the pixels of one window in row order: k is the pixel's number in the
/// whole window, the offset that of its channel 0.
template <class F>
[[gnu::always_inline]] inline void for_each_pixel(const Windows& w, const Window& window, F f) {
  for (std::size_t i = window.top; i < window.bottom; ++i) {
    for (std::size_t j = window.left; j < window.right; ++j) {
      f(static_cast<std::int32_t>(i * w.width + j),
        window.input + (i * w.input.width + j) * w.input.channels);
    }
  }
}

}  // namespace gapbench::nn

// What each output pixel of a convolution sees.
#pragma once

#include <cstddef>

#include "nn/network.h"

namespace gapbench::nn {

/// Square windows on one image, height x width of them, `stride` apart, the first beginning
/// `padding` before the image. Each is a row of size() numbers: channels x kernel x kernel, zeros
/// outside of the image, and a 1 behind them where homogeneous.
struct Patches {
  ImageShape image;
  std::size_t kernel = 1;
  std::size_t stride = 1;
  std::size_t padding = 0;
  std::size_t height = 1;
  std::size_t width = 1;
  bool homogeneous = false;
  bool reversed = false;  ///< the last tap first, for copy_patches

  /// One for each pixel of the image.
  static Patches pixels(const ImageShape& image) noexcept {
    return {.image = image, .height = image.height, .width = image.width};
  }

  std::size_t size() const noexcept {
    return image.channels * kernel * kernel + (homogeneous ? 1 : 0);
  }
  std::size_t positions() const noexcept { return height * width; }
  /// Examples that are worth gathering together: one has rows enough where it has several.
  std::size_t together(std::size_t examples) const noexcept {
    return positions() > 1 ? 1 : examples;
  }
  std::size_t rows(std::size_t examples) const noexcept { return positions() * together(examples); }
};

/// What a product's weight gradient is a sum over positions of: dW = sum of given seen^T.
struct ProductPatches {
  Patches seen;   ///< of x, by each position of y
  Patches given;  ///< of dy: its pixels

  /// Outputs whose weights' gradients of one example are made together.
  static constexpr std::size_t outputs_together = 16;

  /// Floats of the rows that factors gather, and of those gradients.
  std::size_t rows(std::size_t examples) const noexcept {
    return seen.rows(examples) * seen.size() + given.rows(examples) * given.size() +
           outputs_together * seen.size();
  }
};

/// In which order the numbers of a row stand.
enum class Order {
  plain,      ///< channel, row, column: as those of a weight tensor
  by_pixels,  ///< row, column, channel: faster
};

/// Writes the rows of one example, [positions, size]; `tensor` holds examples as the image says.
void gather(const Patches& patches, const void* tensor, std::size_t example, Order order,
            float* rows);

/// Writes the rows of all examples by pixels, in the image's own precision and without the 1. Of images
/// whose channels lie side by side.
void copy_patches(const Patches& patches, const void* tensor, std::size_t examples, void* rows);

}  // namespace gapbench::nn

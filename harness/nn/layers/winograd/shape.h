// The shape of a convolution by Winograd's algorithm.
#pragma once

#include <cstddef>

namespace gapbench::nn::winograd {

inline constexpr std::size_t lanes = 16;  ///< channels side by side

struct Shape {
  std::size_t examples;
  std::size_t height;
  std::size_t width;
  std::size_t inputs;   ///< channels, a multiple of 16
  std::size_t outputs;  ///< channels, a multiple of 16

  std::size_t tiles_down() const noexcept { return (height + 3) / 4; }
  std::size_t tiles_across() const noexcept { return (width + 3) / 4; }
  std::size_t tiles() const noexcept { return examples * tiles_down() * tiles_across(); }
  /// The same with inputs and outputs exchanged: of the convolution's adjoint.
  Shape adjoint() const noexcept { return {examples, height, width, outputs, inputs}; }
};

inline std::size_t blocks(std::size_t channels) noexcept { return channels / lanes; }

}  // namespace gapbench::nn::winograd

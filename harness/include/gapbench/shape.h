// How one example looks.
#pragma once

#include <cstddef>

namespace gapbench {

/// An image: rows, columns, channels. A row of numbers is 1 x 1 x channels.
struct Shape {
  std::size_t height = 1;
  std::size_t width = 1;
  std::size_t channels = 1;

  constexpr std::size_t size() const noexcept { return height * width * channels; }
  friend bool operator==(const Shape&, const Shape&) = default;
};

}  // namespace gapbench

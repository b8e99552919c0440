#include "nn/layers/affine/patches.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>

#include "nn/layer.h"

namespace gapbench::nn {
namespace {

// The channels of one pixel, plane by plane; in plain order they stand `step` apart.
template <class T>
void put_pixel(const ImageShape& image, const T* example, std::size_t pixel, std::size_t step,
               float* to) {
  const std::size_t lanes = image.lanes();
  const std::size_t plane = image.height * image.width * lanes;
  for (std::size_t p = 0; p < image.planes(); ++p) {
    const T* const from = example + p * plane + pixel * lanes;
    if (step == 1) {
      for (std::size_t c = 0; c < lanes; ++c) to[p * lanes + c] = widen(from[c]);
    } else {
      for (std::size_t c = 0; c < lanes; ++c) to[(p * lanes + c) * step] = widen(from[c]);
    }
  }
}

template <class T>
void gather_row(const Patches& s, const T* example, std::size_t i, std::size_t j, Order order,
                float* row) {
  const std::size_t taps = s.kernel * s.kernel;
  const bool plain = order == Order::plain;
  std::fill_n(row, s.size(), 0.0F);
  for (std::size_t k = 0; k < s.kernel; ++k) {
    for (std::size_t l = 0; l < s.kernel; ++l) {
      const std::size_t y = i * s.stride + k;  // counted from the padding's first row
      const std::size_t x = j * s.stride + l;
      if (y < s.padding || y - s.padding >= s.image.height) continue;
      if (x < s.padding || x - s.padding >= s.image.width) continue;
      const std::size_t pixel = (y - s.padding) * s.image.width + x - s.padding;
      const std::size_t tap = k * s.kernel + l;
      put_pixel(s.image, example, pixel, plain ? taps : 1,
                row + (plain ? tap : tap * s.image.channels));
    }
  }
  if (s.homogeneous) row[s.size() - 1] = 1;
}

std::byte* copy_reversed(const Patches& s, const std::byte* image, std::size_t i, std::size_t j,
                         std::size_t pixel, std::byte* to) {
  for (std::size_t k = s.kernel; k-- > 0;) {
    const std::size_t y = i * s.stride + k;
    for (std::size_t l = s.kernel; l-- > 0; to += pixel) {
      const std::size_t x = j * s.stride + l;
      if (y < s.padding || y - s.padding >= s.image.height || x < s.padding ||
          x - s.padding >= s.image.width) {
        std::memset(to, 0, pixel);
      } else {
        std::memcpy(to, image + ((y - s.padding) * s.image.width + x - s.padding) * pixel, pixel);
      }
    }
  }
  return to;
}

// Taps that lie side by side are copied together. Returns where the next row begins.
std::byte* copy_window(const Patches& s, const std::byte* image, std::size_t i, std::size_t j,
                       std::size_t pixel, std::byte* to) {
  const std::size_t left = j * s.stride;  // counted from the padding's first column
  const std::size_t first = std::max(left, s.padding);
  const std::size_t end = std::min(left + s.kernel, s.image.width + s.padding);
  for (std::size_t k = 0; k < s.kernel; ++k, to += s.kernel * pixel) {
    const std::size_t y = i * s.stride + k;
    if (y < s.padding || y - s.padding >= s.image.height || first >= end) {
      std::memset(to, 0, s.kernel * pixel);
      continue;
    }
    std::memset(to, 0, (first - left) * pixel);
    const std::size_t at = (y - s.padding) * s.image.width + first - s.padding;
    std::memcpy(to + (first - left) * pixel, image + at * pixel, (end - first) * pixel);
    std::memset(to + (end - left) * pixel, 0, (left + s.kernel - end) * pixel);
  }
  return to;
}

}  // namespace

void gather(const Patches& patches, const void* tensor, std::size_t example, Order order,
            float* rows) {
  with_numbers(patches.image.precision, [&]<class T>(T) {
    const T* const from = static_cast<const T*>(tensor) + example * patches.image.size();
    for (std::size_t i = 0; i < patches.height; ++i) {
      for (std::size_t j = 0; j < patches.width; ++j) {
        gather_row(patches, from, i, j, order, rows + (i * patches.width + j) * patches.size());
      }
    }
  });
}

void copy_patches(const Patches& s, const void* tensor, std::size_t examples, void* rows) {
  assert(s.image.planes() == 1);
  const std::size_t pixel =
      s.image.channels * with_numbers(s.image.precision, []<class T>(T) { return sizeof(T); });
  const auto* from = static_cast<const std::byte*>(tensor);
  auto* to = static_cast<std::byte*>(rows);
  for (std::size_t e = 0; e < examples; ++e) {
    for (std::size_t i = 0; i < s.height; ++i) {
      for (std::size_t j = 0; j < s.width; ++j) {
        to = s.reversed ? copy_reversed(s, from, i, j, pixel, to)
                        : copy_window(s, from, i, j, pixel, to);
      }
    }
    from += s.image.height * s.image.width * pixel;
  }
}

}  // namespace gapbench::nn

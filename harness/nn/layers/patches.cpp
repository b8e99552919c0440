#include "nn/layers/patches.h"

#include <algorithm>

#include "nn/layer.h"

namespace gapbench::nn {
namespace {

// Numbers of one pixel, `step` apart in the row: its channels, plane by plane.
template <class T>
void put_pixel(const ImageShape& image, const T* example, std::size_t pixel, std::size_t step,
               float* to) {
  const std::size_t lanes = image.lanes();
  const std::size_t plane = image.height * image.width * lanes;
  for (std::size_t p = 0; p < image.planes(); ++p) {
    const T* const from = example + p * plane + pixel * lanes;
    for (std::size_t c = 0; c < lanes; ++c) to[(p * lanes + c) * step] = widen(from[c]);
  }
}

template <class T>
void gather_row(const Patches& s, const T* example, std::size_t i, std::size_t j, float* row) {
  std::fill_n(row, s.size(), 0.0F);
  for (std::size_t k = 0; k < s.kernel; ++k) {
    for (std::size_t l = 0; l < s.kernel; ++l) {
      const std::size_t y = i * s.stride + k;  // counted from the padding's first row
      const std::size_t x = j * s.stride + l;
      if (y < s.padding || y - s.padding >= s.image.height) continue;
      if (x < s.padding || x - s.padding >= s.image.width) continue;
      const std::size_t pixel = (y - s.padding) * s.image.width + x - s.padding;
      put_pixel(s.image, example, pixel, s.kernel * s.kernel, row + k * s.kernel + l);
    }
  }
  if (s.homogeneous) row[s.size() - 1] = 1;
}

}  // namespace

void gather(const Patches& patches, const void* tensor, std::size_t example, float* rows) {
  with_numbers(patches.image.precision, [&]<class T>(T) {
    const T* const from = static_cast<const T*>(tensor) + example * patches.image.size();
    for (std::size_t i = 0; i < patches.height; ++i) {
      for (std::size_t j = 0; j < patches.width; ++j) {
        gather_row(patches, from, i, j, rows + (i * patches.width + j) * patches.size());
      }
    }
  });
}

}  // namespace gapbench::nn

#include "data/duplicates/features.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gapbench::data::duplicates {
namespace {

/// A plane whose pixels outside are those of its edge.
class Plane {
 public:
  Plane(const Shape& shape, std::vector<float> values)
      : height_(shape.height), width_(shape.width), values_(std::move(values)) {}

  std::size_t height() const noexcept { return height_; }
  std::size_t width() const noexcept { return width_; }
  const float* row(std::size_t y) const noexcept { return values_.data() + y * width_; }
  float* row(std::size_t y) noexcept { return values_.data() + y * width_; }
  const float* above(std::size_t y) const noexcept { return row(y == 0 ? 0 : y - 1); }
  const float* below(std::size_t y) const noexcept { return row(std::min(y + 1, height_ - 1)); }
  std::size_t left(std::size_t x) const noexcept { return x == 0 ? 0 : x - 1; }
  std::size_t right(std::size_t x) const noexcept { return std::min(x + 1, width_ - 1); }
  std::vector<float>& values() noexcept { return values_; }
  const std::vector<float>& values() const noexcept { return values_; }

 private:
  std::size_t height_;
  std::size_t width_;
  std::vector<float> values_;
};

Plane smoothed(const Plane& in) {
  Plane across = in;
  for (std::size_t y = 0; y < in.height(); ++y) {
    const float* from = in.row(y);
    float* to = across.row(y);
    for (std::size_t x = 0; x < in.width(); ++x) {
      to[x] = 0.25F * (from[in.left(x)] + from[in.right(x)]) + 0.5F * from[x];
    }
  }
  Plane out = across;
  for (std::size_t y = 0; y < in.height(); ++y) {
    const float* above = across.above(y);
    const float* here = across.row(y);
    const float* below = across.below(y);
    float* to = out.row(y);
    for (std::size_t x = 0; x < in.width(); ++x) {
      to[x] = 0.25F * (above[x] + below[x]) + 0.5F * here[x];
    }
  }
  return out;
}

/// Means of the 7 x 7 pixels around, of fewer at the edge.
Plane local_means(const Plane& in) {
  constexpr std::size_t reach = 3;
  const auto window = [](std::size_t at, std::size_t size) {
    return std::pair(at < reach ? 0 : at - reach, std::min(at + reach + 1, size));
  };
  Plane down = in;
  for (std::size_t y = 0; y < in.height(); ++y) {
    const auto [first, end] = window(y, in.height());
    float* to = down.row(y);
    std::fill(to, to + in.width(), 0.0F);
    for (std::size_t k = first; k < end; ++k) {
      const float* from = in.row(k);
      for (std::size_t x = 0; x < in.width(); ++x) to[x] += from[x];
    }
    for (std::size_t x = 0; x < in.width(); ++x) to[x] /= static_cast<float>(end - first);
  }
  Plane out = down;
  for (std::size_t y = 0; y < in.height(); ++y) {
    for (std::size_t x = 0; x < in.width(); ++x) {
      const auto [first, end] = window(x, in.width());
      const float sum = std::accumulate(down.row(y) + first, down.row(y) + end, 0.0F);
      out.row(y)[x] = sum / static_cast<float>(end - first);
    }
  }
  return out;
}

float deviation(const std::vector<float>& values) {
  double sum = 0;
  double squares = 0;
  for (const float v : values) {
    sum += v;
    squares += double{v} * v;
  }
  const auto n = static_cast<double>(values.size());
  return static_cast<float>(std::sqrt(std::max(0.0, squares / n - sum / n * sum / n)));
}

std::vector<float> local_contrast(const Plane& plane) {
  Plane squares = plane;
  for (float& v : squares.values()) v *= v;
  const Plane mean = local_means(plane);
  const Plane mean_square = local_means(squares);
  const float floor = 0.15F * deviation(plane.values()) + 0.5F;
  std::vector<float> out = plane.values();
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float m = mean.values()[i];
    out[i] = (out[i] - m) / (std::sqrt(std::max(0.0F, mean_square.values()[i] - m * m)) + floor);
  }
  return out;
}

}  // namespace

std::vector<float> brightness(const Shape& shape, const unsigned char* pixels, bool flipped) {
  const std::size_t plane = shape.height * shape.width;
  std::vector<float> out(plane);
  for (std::size_t i = 0; i < plane; ++i) {
    out[i] = shape.channels == 3 ? 0.299F * static_cast<float>(pixels[i]) +
                                       0.587F * static_cast<float>(pixels[plane + i]) +
                                       0.114F * static_cast<float>(pixels[2 * plane + i])
                                 : static_cast<float>(pixels[i]);
  }
  if (flipped) {
    for (std::size_t y = 0; y < shape.height; ++y) {
      const auto row = out.begin() + static_cast<std::ptrdiff_t>(y * shape.width);
      std::reverse(row, row + static_cast<std::ptrdiff_t>(shape.width));
    }
  }
  return out;
}

Features::Features(const Shape& shape, std::vector<float> brightness) {
  const Plane plane = smoothed(Plane(shape, std::move(brightness)));
  centred = plane.values();
  const float mean =
      std::accumulate(centred.begin(), centred.end(), 0.0F) / static_cast<float>(centred.size());
  for (float& v : centred) v -= mean;
  right.resize(plane.values().size());
  down.resize(plane.values().size());
  for (std::size_t y = 0; y < shape.height; ++y) {
    for (std::size_t x = 0; x < shape.width; ++x) {
      const std::size_t i = y * shape.width + x;
      right[i] = plane.row(y)[plane.right(x)] - plane.row(y)[plane.left(x)];
      down[i] = plane.below(y)[x] - plane.above(y)[x];
    }
  }
  local = local_contrast(plane);
}

}  // namespace gapbench::data::duplicates

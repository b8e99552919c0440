// Short descriptions of images whose scalar products tell which are worth a closer look.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/duplicates/alignment.h"

namespace gapbench::data::duplicates {

/// Whole numbers, so that products are the same on every processor; |a . b| < 2^29.
using Descriptor = std::array<std::int16_t, 64>;

std::int32_t product(const Descriptor& a, const Descriptor& b);

/// Describes images of one shape: means of 8 x 8 blocks of the image without a border of 4 pixels,
/// less half the mean of the 3 x 3 blocks around (neighbours in photographs say much the same),
/// centred, scaled to length 2^14 and rounded; 0 where there is nothing but rounding.
/// Const: several threads at a time.
class Describer {
 public:
  explicit Describer(const Shape& shape);

  /// As it lies. Cost: about 5 us for 32 x 32.
  Descriptor plain(std::span<const float> brightness) const;

  /// As a training image may see it: 7 pairs of scale and shift along each axis, 49 in all, at most
  /// 1.5 pixels and 12 % from any shift up to 4 pixels and any scale from 4/5 to 5/4.
  /// Cost: about 100 us for 32 x 32.
  std::vector<Descriptor> views(std::span<const float> brightness) const;

  /// What view `index` is, but for flipping.
  static Transform transform(std::size_t index);

 private:
  /// Of one axis in one view: how much of each pixel is in each block.
  using Weights = std::vector<std::array<float, 8>>;

  /// All pairs of the first `count` views of each axis.
  std::vector<Descriptor> views(std::span<const float> brightness, std::size_t count) const;
  static Weights weights(std::size_t size, double scale, double shift);

  Shape shape_;
  std::vector<Weights> columns_;  // by view
  std::vector<Weights> rows_;
};

}  // namespace gapbench::data::duplicates

// Random crop and flip, keyed.
#pragma once

#include <cstdint>

namespace gapbench::data {

inline constexpr int crop_padding = 4;

/// Where one augmented image is taken from: output (y, x) is input (y + down, x' + right) with
/// x' = x, or width - 1 - x when flipped; outside the image it is 0.
struct Placement {
  int down = 0;   ///< in -4 .. 4
  int right = 0;  ///< in -4 .. 4
  bool flipped = false;
};

/// A pure function of the key; each of the 9 x 9 x 2 placements has the same probability.
/// `index` counts in the part.
Placement placement(std::uint64_t augmentation_seed, std::uint64_t epoch,
                    std::uint32_t index) noexcept;

}  // namespace gapbench::data

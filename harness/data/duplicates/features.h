// What of an image is compared when near duplicates are looked for.
#pragma once

#include <cstddef>
#include <vector>

#include "data/data.h"

namespace gapbench::data::duplicates {

/// Brightness of every pixel [height, width]: 0.299 red + 0.587 green + 0.114 blue, or the one
/// channel there is. `pixels` are planar, as in ImagePart. flipped: mirrored left to right.
std::vector<float> brightness(const Shape& shape, const unsigned char* pixels, bool flipped);

/// Four planes [height, width] of the brightness B, smoothed by (1 2 1) / 4 along both axes: B less
/// its mean, its gradient to the right and downwards (central differences), and its local contrast
/// (B - m) / (s + 0.15 S + 0.5), m and s being mean and deviation of the 7 x 7 pixels around and S
/// the deviation over the image. None knows how bright the image is; contrast is a factor of the
/// first three and nearly none of the last. Cost: about 20 us for 32 x 32.
struct Features {
  std::vector<float> centred, right, down, local;

  Features(const Shape& shape, std::vector<float> brightness);
};

}  // namespace gapbench::data::duplicates

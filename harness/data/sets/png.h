// PNG files as bytes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "gapbench/shape.h"

namespace gapbench::data {

struct Picture {
  Shape shape;                        ///< 1 channel (grey) or 3 (red, green, blue)
  std::vector<unsigned char> pixels;  ///< planar: all of channel 0 row by row, then channel 1 ...
};

/// The samples as they are stored, whatever gamma or colour profile the file names. A palette is
/// looked up; fewer than 8 bits of grey are spread over 0 to 255. Throws Error(path, ...): no PNG, cut
/// off or damaged, 16 bits a channel, transparency, more than 4096 pixels a side.
Picture read_png(const std::filesystem::path& path, std::span<const unsigned char> bytes);

/// `from` [height, width, channels] as planes.
std::vector<unsigned char> as_planes(std::span<const unsigned char> from, Shape shape);

}  // namespace gapbench::data

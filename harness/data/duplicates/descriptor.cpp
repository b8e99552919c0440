#include "data/duplicates/descriptor.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gapbench::data::duplicates {
namespace {

constexpr std::size_t grid = 8;
constexpr std::size_t border = 4;

struct View {
  double scale;
  double shift;
};

/// The first is the image as it lies. Enlarged, an image has no room for shifts.
constexpr std::array<View, 7> along_axis{
    {{1, 0}, {1, -3}, {1, 3}, {1.25, 0}, {0.8, 0}, {0.8, -4}, {0.8, 4}}};

using Blocks = std::array<float, grid * grid>;

/// Less half the mean of the blocks around, itself among them: neighbouring blocks of a photograph
/// say much the same.
Blocks sharpened(const Blocks& blocks) {
  Blocks out = blocks;
  for (std::size_t y = 0; y < grid; ++y) {
    for (std::size_t x = 0; x < grid; ++x) {
      float sum = 0;
      float count = 0;
      for (std::size_t v = y == 0 ? 0 : y - 1; v < std::min(y + 2, grid); ++v) {
        for (std::size_t u = x == 0 ? 0 : x - 1; u < std::min(x + 2, grid); ++u) {
          sum += blocks[v * grid + u];
          count += 1;
        }
      }
      out[y * grid + x] -= 0.5F * sum / count;
    }
  }
  return out;
}

Descriptor descriptor(const Blocks& means) {
  Blocks blocks = sharpened(means);
  const float mean = std::accumulate(blocks.begin(), blocks.end(), 0.0F) / (grid * grid);
  float squares = 0;
  for (float& b : blocks) {
    b -= mean;
    squares += b * b;
  }
  Descriptor out{};
  if (squares < 1e-3F) return out;
  const float scale = 16384.0F / std::sqrt(squares);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::int16_t>(std::lround(scale * blocks[i]));
  }
  return out;
}

}  // namespace

std::int32_t product(const Descriptor& a, const Descriptor& b) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::int32_t{a[i]} * b[i];
  return sum;
}

Describer::Describer(const Shape& shape) : shape_(shape) {
  for (const View& v : along_axis) {
    columns_.push_back(weights(shape.width, v.scale, v.shift));
    rows_.push_back(weights(shape.height, v.scale, v.shift));
  }
}

Describer::Weights Describer::weights(std::size_t size, double scale, double shift) {
  Weights out(size, std::array<float, grid>{});
  const double last = static_cast<double>(size) - 1;
  const std::size_t inner = size - 2 * border;
  for (std::size_t block = 0; block < grid; ++block) {
    const std::size_t first = block * inner / grid;
    const std::size_t end = (block + 1) * inner / grid;
    const double part = 1.0 / static_cast<double>(end - first);
    for (std::size_t i = first; i < end; ++i) {
      const double at = std::clamp(
          last / 2 + scale * (static_cast<double>(border + i) - last / 2) + shift, 0.0, last);
      const std::size_t left = std::min(static_cast<std::size_t>(at), size - 2);
      const double beyond = at - static_cast<double>(left);
      out[left][block] += static_cast<float>(part * (1 - beyond));
      out[left + 1][block] += static_cast<float>(part * beyond);
    }
  }
  return out;
}

Descriptor Describer::plain(std::span<const float> brightness) const {
  return views(brightness, 1).front();
}

std::vector<Descriptor> Describer::views(std::span<const float> brightness) const {
  return views(brightness, along_axis.size());
}

std::vector<Descriptor> Describer::views(std::span<const float> brightness,
                                         std::size_t count) const {
  std::vector<Descriptor> out;
  for (std::size_t across = 0; across < count; ++across) {
    std::vector<std::array<float, grid>> narrow(shape_.height, std::array<float, grid>{});
    for (std::size_t y = 0; y < shape_.height; ++y) {
      for (std::size_t x = 0; x < shape_.width; ++x) {
        const float value = brightness[y * shape_.width + x];
        for (std::size_t b = 0; b < grid; ++b) narrow[y][b] += columns_[across][x][b] * value;
      }
    }
    for (std::size_t downwards = 0; downwards < count; ++downwards) {
      Blocks blocks{};
      for (std::size_t y = 0; y < shape_.height; ++y) {
        for (std::size_t v = 0; v < grid; ++v) {
          const float weight = rows_[downwards][y][v];
          if (weight == 0) continue;
          for (std::size_t u = 0; u < grid; ++u) blocks[v * grid + u] += weight * narrow[y][u];
        }
      }
      out.push_back(descriptor(blocks));
    }
  }
  return out;
}

Transform Describer::transform(std::size_t index) {
  const View& across = along_axis[index / along_axis.size()];
  const View& down = along_axis[index % along_axis.size()];
  return {false, across.shift, down.shift, across.scale, down.scale};
}

}  // namespace gapbench::data::duplicates

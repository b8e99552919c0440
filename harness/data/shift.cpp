#include "data/shift.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <vector>

#include "gapbench/random.h"

namespace gapbench::data {
namespace {

unsigned char byte_of(double x) {
  return static_cast<unsigned char>(std::lround(255 * std::clamp(x, 0.0, 1.0)));
}

double value_of(unsigned char byte) { return byte / 255.0; }

/// One image on its way from `in` to `out`.
struct Image {
  Shape shape;
  const unsigned char* in;
  std::span<unsigned char> out;

  std::size_t plane() const { return shape.height * shape.width; }
  /// Beyond the edge, that of the edge.
  double at(std::size_t channel, std::ptrdiff_t y, std::ptrdiff_t x) const {
    const auto row =
        std::clamp<std::ptrdiff_t>(y, 0, static_cast<std::ptrdiff_t>(shape.height) - 1);
    const auto column =
        std::clamp<std::ptrdiff_t>(x, 0, static_cast<std::ptrdiff_t>(shape.width) - 1);
    return value_of(in[channel * plane() + static_cast<std::size_t>(row) * shape.width +
                       static_cast<std::size_t>(column)]);
  }
  /// Calls f(channel, y, x) for every byte of out, in order, and writes what it gives.
  template <class F>
  void fill(const F& f) const {
    std::size_t i = 0;
    for (std::size_t c = 0; c < shape.channels; ++c) {
      for (std::size_t y = 0; y < shape.height; ++y) {
        for (std::size_t x = 0; x < shape.width; ++x) {
          out[i++] = byte_of(f(c, static_cast<std::ptrdiff_t>(y), static_cast<std::ptrdiff_t>(x)));
        }
      }
    }
  }
};

void add_noise(const Image& image, double deviation, Random random) {
  for (std::size_t i = 0; i < image.out.size(); ++i) {
    image.out[i] = byte_of(value_of(image.in[i]) + deviation * random.normal());
  }
}

/// exp(-i^2 / 2 d^2) for i = -r ... r, r = 4 d rounded up, over their sum.
std::vector<double> gaussian(double deviation) {
  const auto radius = static_cast<std::ptrdiff_t>(std::ceil(4 * deviation));
  std::vector<double> weights;
  double sum = 0;
  for (std::ptrdiff_t i = -radius; i <= radius; ++i) {
    const auto z = static_cast<double>(i) / deviation;
    weights.push_back(std::exp(-z * z / 2));
    sum += weights.back();
  }
  for (double& w : weights) w /= sum;
  return weights;
}

/// Rows, then columns; nothing is rounded between.
void blur(const Image& image, double deviation) {
  const std::vector<double> weights = gaussian(deviation);
  const auto radius = static_cast<std::ptrdiff_t>(weights.size() / 2);
  const auto height = static_cast<std::ptrdiff_t>(image.shape.height);
  std::vector<double> rows(image.out.size());
  std::size_t next = 0;
  for (std::size_t c = 0; c < image.shape.channels; ++c) {
    for (std::ptrdiff_t y = 0; y < height; ++y) {
      for (std::ptrdiff_t x = 0; x < static_cast<std::ptrdiff_t>(image.shape.width); ++x) {
        double sum = 0;
        for (std::ptrdiff_t i = -radius; i <= radius; ++i) {
          sum += weights[static_cast<std::size_t>(i + radius)] * image.at(c, y, x + i);
        }
        rows[next++] = sum;
      }
    }
  }
  image.fill([&](std::size_t c, std::ptrdiff_t y, std::ptrdiff_t x) {
    double sum = 0;
    for (std::ptrdiff_t i = -radius; i <= radius; ++i) {
      const auto row = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(y + i, 0, height - 1));
      sum += weights[static_cast<std::size_t>(i + radius)] *
             rows[c * image.plane() + row * image.shape.width + static_cast<std::size_t>(x)];
    }
    return sum;
  });
}

void brighten(const Image& image, double by) {
  image.fill([&](std::size_t channel, std::ptrdiff_t y, std::ptrdiff_t x) {
    double largest = 0;
    for (std::size_t c = 0; c < image.shape.channels; ++c) {
      largest = std::max(largest, image.at(c, y, x));
    }
    const double raised = std::min(largest + by, 1.0);
    return largest > 0 ? image.at(channel, y, x) * raised / largest : raised;
  });
}

void flatten(const Image& image, double share) {
  std::vector<double> means(image.shape.channels);
  for (std::size_t i = 0; i < image.out.size(); ++i) means[i / image.plane()] += image.in[i];
  for (double& m : means) m /= 255 * static_cast<double>(image.plane());
  image.fill([&](std::size_t c, std::ptrdiff_t y, std::ptrdiff_t x) {
    return means[c] + share * (image.at(c, y, x) - means[c]);
  });
}

/// Each pixel of out from where it lay in `in`, before the turn by `degrees` (y points down).
void rotate(const Image& image, double degrees) {
  const double angle = degrees * std::numbers::pi / 180;
  const double cosine = std::cos(angle);
  const double sine = std::sin(angle);
  const double middle_y = (static_cast<double>(image.shape.height) - 1) / 2;
  const double middle_x = (static_cast<double>(image.shape.width) - 1) / 2;
  image.fill([&](std::size_t c, std::ptrdiff_t y, std::ptrdiff_t x) {
    const double down = static_cast<double>(y) - middle_y;
    const double right = static_cast<double>(x) - middle_x;
    const double from_y = middle_y + cosine * down - sine * right;
    const double from_x = middle_x + sine * down + cosine * right;
    const double top = std::floor(from_y);
    const double left = std::floor(from_x);
    const auto at = [&](std::ptrdiff_t i, std::ptrdiff_t j) {
      return image.at(c, static_cast<std::ptrdiff_t>(top) + i,
                      static_cast<std::ptrdiff_t>(left) + j);
    };
    const double v = from_y - top;
    const double h = from_x - left;
    return (1 - v) * ((1 - h) * at(0, 0) + h * at(0, 1)) + v * ((1 - h) * at(1, 0) + h * at(1, 1));
  });
}

/// What a severity means, kind by kind.
constexpr double strengths[shift_kinds.size()][severities] = {{0.04, 0.06, 0.08, 0.09, 0.10},
                                                              {0.4, 0.6, 0.7, 0.8, 1},
                                                              {0.05, 0.1, 0.15, 0.2, 0.3},
                                                              {0.75, 0.5, 0.4, 0.3, 0.15},
                                                              {10, 20, 30, 40, 50}};

}  // namespace

std::span<const std::string> shift_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const char* kind : shift_kinds) {
      for (std::size_t s = 1; s <= severities; ++s) all.push_back(fmt::format("{}-{}", kind, s));
    }
    return all;
  }();
  return names;
}

void shift_image(std::size_t way, const Shape& shape, std::uint32_t record, const unsigned char* in,
                 std::span<unsigned char> out) {
  assert(way < shift_kinds.size() * severities && out.size() == shape.size());
  const std::size_t kind = way / severities;
  const double strength = strengths[kind][way % severities];
  const Image image{shape, in, out};
  Random random = Random(0).at("shift", kind, record);
  switch (kind) {
    case 0:
      return add_noise(image, strength, random);
    case 1:
      return blur(image, strength);
    case 2:
      return brighten(image, strength);
    case 3:
      return flatten(image, strength);
    default:
      return rotate(image, random.below(2) == 0 ? strength : -strength);
  }
}

}  // namespace gapbench::data

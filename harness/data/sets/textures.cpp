#include "data/sets/textures.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace gapbench::data {
namespace {

constexpr std::size_t side = Textures::side;
constexpr std::size_t plane = side * side;
constexpr double mid_grey = 128;
constexpr double turn = 2 * std::numbers::pi;

using Canvas = std::array<std::array<double, plane>, 3>;
using Mask = std::array<double, plane>;

double between(Random& random, double low, double high) {
  return low + (high - low) * random.uniform();
}

/// A random direction in colour space, of the given length.
Colour random_colour(Random& random, double length) {
  Colour c{random.normal(), random.normal(), random.normal()};
  const double norm = std::sqrt(c[0] * c[0] + c[1] * c[1] + c[2] * c[2]) + 1e-12;
  for (double& x : c) x *= length / norm;
  return c;
}

Grating random_grating(Random& random, double amplitude) {
  const double cycles = between(random, 2.5, 8) / static_cast<double>(side);
  const double angle = between(random, 0, turn);
  return {cycles * std::cos(angle), cycles * std::sin(angle), random_colour(random, amplitude)};
}

Prototype random_prototype(Random random, double tint) {
  Prototype p;
  for (Grating& g : p.texture) g = random_grating(random, between(random, 55, 75));
  p.tint = random_colour(random, tint * between(random, 20, 45));
  p.home_x = between(random, 12, 20);
  p.home_y = between(random, 12, 20);
  p.radius_x = between(random, 7, 12);
  p.radius_y = between(random, 7, 12);
  return p;
}

Grating tilted(const Grating& g, double angle, double scale) {
  const double c = std::cos(angle) / scale;
  const double s = std::sin(angle) / scale;
  return {c * g.along_x - s * g.along_y, s * g.along_x + c * g.along_y, g.colour};
}

/// 1 inside the ellipse, 0 far outside, with a soft edge: 1 / (1 + q^4), q the squared distance
/// from the centre in radii.
Mask ellipse(double centre_x, double centre_y, double radius_x, double radius_y) {
  Mask mask;
  for (std::size_t y = 0; y < side; ++y) {
    const double v = (static_cast<double>(y) - centre_y) / radius_y;
    for (std::size_t x = 0; x < side; ++x) {
      const double u = (static_cast<double>(x) - centre_x) / radius_x;
      const double q = u * u + v * v;
      mask[y * side + x] = 1 / (1 + q * q * q * q);
    }
  }
  return mask;
}

/// canvas += gain * mask * grating * colour. sin(a + b) is taken apart, so that only 64 pairs of
/// sine and cosine are needed.
void add_grating(Canvas& canvas, const Mask& mask, const Grating& g, double phase, double gain) {
  std::array<double, side> sin_x, cos_x;
  for (std::size_t x = 0; x < side; ++x) {
    const double angle = turn * g.along_x * static_cast<double>(x);
    sin_x[x] = std::sin(angle);
    cos_x[x] = std::cos(angle);
  }
  for (std::size_t y = 0; y < side; ++y) {
    const double angle = turn * g.along_y * static_cast<double>(y) + phase;
    const double sin_y = gain * std::sin(angle);
    const double cos_y = gain * std::cos(angle);
    for (std::size_t x = 0; x < side; ++x) {
      const std::size_t at = y * side + x;
      const double value = mask[at] * (sin_x[x] * cos_y + cos_x[x] * sin_y);
      for (std::size_t c = 0; c < 3; ++c) canvas[c][at] += g.colour[c] * value;
    }
  }
}

void add_tint(Canvas& canvas, const Mask& mask, const Colour& tint) {
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < plane; ++i) canvas[c][i] += tint[c] * mask[i];
  }
}

void add_object(Canvas& canvas, const Prototype& p, Random& random) {
  const double scale = between(random, 0.85, 1.2);
  const double tilt = between(random, -0.2, 0.2);
  const double contrast = between(random, 0.6, 1.2);
  const Mask mask = ellipse(p.home_x + between(random, -5, 5), p.home_y + between(random, -5, 5),
                            scale * p.radius_x, scale * p.radius_y);
  for (const Grating& g : p.texture) {
    add_grating(canvas, mask, tilted(g, tilt, scale), between(random, 0, turn), contrast);
  }
  const Colour shift = random_colour(random, between(random, 0, 25));
  add_tint(canvas, mask, {p.tint[0] + shift[0], p.tint[1] + shift[1], p.tint[2] + shift[2]});
}

void add_distractors(Canvas& canvas, double strength, Random& random) {
  Mask everywhere;
  everywhere.fill(1);
  for (int i = 0; i < 2; ++i) {
    const Grating g = random_grating(random, strength * between(random, 20, 45));
    add_grating(canvas, everywhere, g, between(random, 0, turn), 1);
  }
  const double radius = between(random, 3, 6);
  const Mask disc = ellipse(between(random, 0, 32), between(random, 0, 32), radius, radius);
  add_tint(canvas, disc, random_colour(random, strength * between(random, 30, 80)));
  everywhere.fill(between(random, -25, 25));  // overall brightness
  add_tint(canvas, everywhere, {1, 1, 1});
}

/// About normal, variance 1: four random bytes summed, two such sums a draw.
class ByteNoise {
 public:
  explicit ByteNoise(Random random) : random_(random) {}
  double next() {
    if (left_ == 0) {
      word_ = random_.bits();
      left_ = 2;
    }
    --left_;
    const std::uint64_t sum =
        (word_ & 255) + (word_ >> 8 & 255) + (word_ >> 16 & 255) + (word_ >> 24 & 255);
    word_ >>= 32;
    constexpr double mean = 510;
    constexpr double deviation = 147.80053;  // sqrt(4 (256^2 - 1) / 12)
    return (static_cast<double>(sum) - mean) / deviation;
  }

 private:
  Random random_;
  std::uint64_t word_ = 0;
  int left_ = 0;
};

}  // namespace

Textures::Textures(Random random, std::size_t classes, const Difficulty& difficulty)
    : difficulty_(difficulty) {
  for (std::size_t c = 0; c < classes; ++c) {
    for (std::size_t k = 0; k < difficulty.prototypes; ++k) {
      prototypes_.push_back(random_prototype(random.at("prototype", c, k), difficulty.tint));
    }
  }
}

void Textures::draw(Random random, std::size_t label, std::span<unsigned char> out) const {
  assert(out.size() == bytes);
  Canvas canvas;
  for (auto& channel : canvas) channel.fill(mid_grey);
  Random layout = random.at("layout");
  const std::size_t kind = layout.below(difficulty_.prototypes);
  add_object(canvas, prototypes_[label * difficulty_.prototypes + kind], layout);
  add_distractors(canvas, difficulty_.distraction, layout);
  ByteNoise noise(random.at("noise"));
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < plane; ++i) {
      const double level = canvas[c][i] + difficulty_.noise * noise.next();
      out[c * plane + i] = static_cast<unsigned char>(std::clamp(level + 0.5, 0.0, 255.0));
    }
  }
}

}  // namespace gapbench::data

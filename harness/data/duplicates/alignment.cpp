#include "data/duplicates/alignment.h"

#include <algorithm>
#include <cmath>

namespace gapbench::data::duplicates {
namespace {

constexpr double farthest = 5;
constexpr double largest = 1.45;

bool allowed(const Transform& t) {
  const auto scale = [](double s) { return s >= 1 / largest && s <= largest; };
  return std::abs(t.right) <= farthest && std::abs(t.down) <= farthest && scale(t.scale_x) &&
         scale(t.scale_y);
}

/// One step along an axis of the search, either way: right, down, one scale, both scales.
std::array<Transform, 10> neighbours(const Transform& t, double pixels, double scale) {
  std::array<Transform, 10> all;
  all.fill(t);
  std::size_t i = 0;
  for (const double sign : {1.0, -1.0}) {
    all[i++].right += sign * pixels;
    all[i++].down += sign * pixels;
    all[i++].scale_x += sign * scale;
    all[i++].scale_y += sign * scale;
    all[i].scale_x += sign * scale;
    all[i++].scale_y += sign * scale;
  }
  return all;
}

/// From `start` always to the best neighbour, until none is better.
template <class F>
Alignment descend(const Transform& start, double pixels, double scale, const F& distance) {
  Alignment best{distance(start), start};
  for (bool better = true; better;) {
    better = false;
    for (const Transform& next : neighbours(Transform(best.transform), pixels, scale)) {
      if (!allowed(next)) continue;
      const double d = distance(next);
      if (d < best.distance) {
        best = {d, next};
        better = true;
      }
    }
  }
  return best;
}

}  // namespace

Aligner::Aligner(const Shape& shape)
    : height_(shape.height), width_(shape.width), row_(width_), found_(width_) {
  columns_.at.resize(width_);
  columns_.beyond.resize(width_);
  rows_.at.resize(height_);
  rows_.beyond.resize(height_);
  for (auto& sums : column_sums_) sums.resize(width_);
}

void Aligner::place(Axis& axis, double scale, double shift) {
  const std::size_t size = axis.at.size();
  const double last = static_cast<double>(size) - 1;
  constexpr double rounding = 1e-6;
  axis.first = size;
  axis.end = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const double at = last / 2 + scale * (static_cast<double>(i) - last / 2) + shift;
    if (at < -rounding || at > last + rounding) continue;
    axis.first = std::min(axis.first, i);
    axis.end = i + 1;
    const double inside = std::clamp(at, 0.0, last);
    axis.at[i] = std::min(static_cast<std::size_t>(inside), size - 2);
    axis.beyond[i] = static_cast<float>(inside - static_cast<double>(axis.at[i]));
  }
}

// Sums go down the columns, so that the compiler may do several columns at a time.
void Aligner::add(const std::vector<float>& test, const std::vector<float>& train, Sums& sums) {
  for (auto& s : column_sums_) std::fill(s.begin(), s.end(), 0.0F);
  float* __restrict aa = column_sums_[0].data();
  float* __restrict ab = column_sums_[1].data();
  float* __restrict bb = column_sums_[2].data();
  float* __restrict row = row_.data();
  float* __restrict found = found_.data();
  for (std::size_t y = rows_.first; y < rows_.end; ++y) {
    const float* upper = test.data() + rows_.at[y] * width_;
    const float* lower = upper + width_;
    const float beyond = rows_.beyond[y];
    for (std::size_t x = 0; x < width_; ++x) row[x] = upper[x] + beyond * (lower[x] - upper[x]);
    for (std::size_t x = columns_.first; x < columns_.end; ++x) {
      const float* left = row + columns_.at[x];
      found[x] = left[0] + columns_.beyond[x] * (left[1] - left[0]);
    }
    const float* other = train.data() + y * width_;
    for (std::size_t x = columns_.first; x < columns_.end; ++x) {
      aa[x] += found[x] * found[x];
      ab[x] += found[x] * other[x];
      bb[x] += other[x] * other[x];
    }
  }
  for (std::size_t x = columns_.first; x < columns_.end; ++x) {
    sums.test += aa[x];
    sums.both += ab[x];
    sums.train += bb[x];
  }
}

double Aligner::cosine(const Sums& s, double floor) {
  return s.both / std::sqrt((s.test + floor) * (s.train + floor));
}

std::size_t Aligner::lay(const Transform& t) {
  place(columns_, t.scale_x, t.right);
  place(rows_, t.scale_y, t.down);
  if (columns_.first >= columns_.end || rows_.first >= rows_.end) return 0;
  const std::size_t shared = (columns_.end - columns_.first) * (rows_.end - rows_.first);
  return 2 * shared < height_ * width_ ? 0 : shared;
}

double Aligner::gradient_cosine(const Features& test, const Features& train, double shared) {
  Sums sums;
  add(test.right, train.right, sums);
  add(test.down, train.down, sums);
  return cosine(sums, shared);
}

double Aligner::distance(const Features& test, const Features& train, const Transform& t) {
  const auto shared = static_cast<double>(lay(t));
  if (shared == 0) return 2;
  Sums sums;
  add(test.local, train.local, sums);
  return 1 - (gradient_cosine(test, train, shared) + cosine(sums, 0.01 * shared)) / 2;
}

double Aligner::rough_distance(const Features& test, const Features& train, const Transform& t) {
  const auto shared = static_cast<double>(lay(t));
  if (shared == 0) return 2;
  Sums sums;
  add(test.centred, train.centred, sums);
  return 1 - (gradient_cosine(test, train, shared) + cosine(sums, shared)) / 2;
}

Alignment Aligner::refine(const Features& test, const Features& train, const Transform& start) {
  const auto roughly = [&](const Transform& t) { return rough_distance(test, train, t); };
  const auto closely = [&](const Transform& t) { return distance(test, train, t); };
  const Transform near = descend(start, 1, 0.06, roughly).transform;
  return descend(descend(near, 0.5, 0.03, closely).transform, 0.25, 0.015, closely);
}

}  // namespace gapbench::data::duplicates

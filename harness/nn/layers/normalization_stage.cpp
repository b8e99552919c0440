#include "nn/layers/normalization_stage.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace gapbench::nn {
namespace {

constexpr std::size_t usual_width = 256;  // floats in a row: a few arrays of them fit the L1 cache
constexpr std::size_t coefficient_arrays = 6;

std::size_t width_for(std::size_t channels) {
  return channels * std::max<std::size_t>(1, usual_width / channels);
}

const NormalizationWeights& own(const Weights& w) {
  return static_cast<const NormalizationWeights&>(w);
}

}  // namespace

ChannelSums::ChannelSums(std::size_t channels, std::size_t width)
    : channels_(channels),
      width_(width),
      short_one_(width),
      short_two_(width),
      one_(channels),
      two_(channels) {}

template <class Kernel>
void ChannelSums::over(std::size_t slice, Kernel kernel) {
  std::ranges::fill(one_, 0);
  std::ranges::fill(two_, 0);
  for (std::size_t first = 0; first < slice; first += run * width_) {
    std::ranges::fill(short_one_, 0.0F);
    std::ranges::fill(short_two_, 0.0F);
    const std::size_t size = std::min(run * width_, slice - first);
    kernel(first, sweep::Rows{size, width_}, short_one_.data(), short_two_.data());
    flush();
  }
}

void ChannelSums::flush() {
  for (std::size_t start = 0; start < width_; start += channels_) {
    for (std::size_t c = 0; c < channels_; ++c) {
      one_[c] += short_one_[start + c];
      two_[c] += short_two_[start + c];
    }
  }
}

NormalizationStage::NormalizationStage(const Grouping& grouping, const Flow& x, const Flow& y,
                                       std::span<float> statistics)
    : grouping_(grouping),
      x_(x),
      y_(y),
      statistics_(statistics),
      width_(width_for(grouping.channels)),
      groups_(grouping.slices * grouping.groups),
      channels_(grouping.slices * grouping.channels),
      total_(grouping.channels),
      sums_(grouping.channels, width_),
      coefficients_(coefficient_arrays * width_) {}

template <class F>
const float* NormalizationStage::coefficients(std::size_t slice, std::size_t k, F f) {
  assert(k < coefficient_arrays);
  float* const row = coefficients_.data() + k * width_;
  const std::size_t channels = grouping_.channels;
  for (std::size_t c = 0; c < channels; ++c) row[c] = static_cast<float>(f(group(slice, c), c));
  for (std::size_t i = channels; i < width_; ++i) row[i] = row[i - channels];
  return row;
}

const float* NormalizationStage::means(std::size_t slice) {
  return coefficients(slice, 0, [](const Group& g, std::size_t) { return g.mean; });
}

void NormalizationStage::forward(const Weights& w, Mode mode) {
  const auto running = own(w).running();
  const auto scale = own(w).scale();
  const auto shift = own(w).shift();
  const std::size_t size = grouping_.slice();
  constant_ = mode == Mode::evaluation && !running.empty();
  for (std::size_t s = 0; s < grouping_.slices; ++s) {
    if (constant_) {
      adopt(s, running);
    } else {
      measure(s);
    }
    const auto slope = [&](const Group& g, std::size_t c) { return g.rate * scale[c]; };
    const auto add = [&](const Group& g, std::size_t c) { return shift[c] - slope(g, c) * g.rest; };
    sweep::normalize({size, width_}, x_.value + s * size, means(s), coefficients(s, 1, slope),
                     coefficients(s, 2, add), y_.value + s * size);
  }
  if (mode == Mode::training) report();
}

// The sums are taken around each channel's first value: far from 0 the square of the mean would
// swallow the variance.
void NormalizationStage::measure(std::size_t slice) {
  const float* const x = x_.value + slice * grouping_.slice();
  const float* const shift =
      coefficients(slice, 0, [&](const Group&, std::size_t c) { return x[c]; });
  sums_.over(grouping_.slice(), [&](std::size_t at, sweep::Rows rows, float* one, float* two) {
    sweep::add_moments(rows, x + at, shift, one, two);
  });
  const auto rows = static_cast<double>(grouping_.rows);
  const double members = grouping_.members();
  std::ranges::fill(groups(slice), Group{});
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    group(slice, c).mean += (sums_.one(c) + rows * shift[c]) / members;
  }
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    Group& g = group(slice, c);
    const double off = shift[c] - g.mean;  // sum of (x - mean)^2, from sums around the shift
    g.variance += (sums_.two(c) + 2 * off * sums_.one(c) + rows * off * off) / members;
  }
  for (Group& g : groups(slice)) {
    g.variance = std::max(g.variance, 0.0);
    g.rest = g.mean - static_cast<float>(g.mean);
    g.rate = 1 / std::sqrt(g.variance + Normalization::epsilon);
  }
}

void NormalizationStage::adopt(std::size_t slice, std::span<const float> running) {
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    Group& g = group(slice, c);
    g = {};
    g.mean = running[c];
    g.variance = running[grouping_.channels + c];
    g.rate = 1 / std::sqrt(g.variance + Normalization::epsilon);
  }
}

void NormalizationStage::report() {
  if (statistics_.empty()) return;
  const double members = grouping_.members();
  const double unbias = members > 1 ? members / (members - 1) : 1;
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    statistics_[c] = static_cast<float>(group(0, c).mean);
    statistics_[grouping_.channels + c] = static_cast<float>(group(0, c).variance * unbias);
  }
}

void NormalizationStage::backward(const Weights& w, std::span<float> out) {
  const auto scale = own(w).scale();
  const std::size_t size = grouping_.slice();
  std::ranges::fill(total_, Channel{});
  for (std::size_t s = 0; s < grouping_.slices; ++s) {
    sum_gradients(s, scale);
    if (!varies()) continue;
    const auto slope = [&](const Group& g, std::size_t c) { return g.rate * scale[c]; };
    const auto turn = [](const Group& g, std::size_t) { return -g.rate * g.rate * g.twist; };
    const auto add = [&](const Group& g, std::size_t c) {
      return -g.rate * g.pull - turn(g, c) * g.rest;
    };
    const sweep::Pair k{means(s), coefficients(s, 1, slope), coefficients(s, 2, turn),
                        coefficients(s, 3, add)};
    sweep::combine({size, width_}, y_.cotangent + s * size, x_.value + s * size, k,
                   x_.cotangent + s * size);
  }
  deliver(out);
}

void NormalizationStage::sum_gradients(std::size_t slice, std::span<const float> scale) {
  const std::size_t begin = slice * grouping_.slice();
  const float* const mean = means(slice);
  sums_.over(grouping_.slice(), [&](std::size_t at, sweep::Rows rows, float* one, float* two) {
    sweep::add_products(rows, y_.cotangent + begin + at, x_.value + begin + at, mean, one, two);
  });
  const double members = grouping_.members();
  for (Group& g : groups(slice)) g.pull = g.twist = 0;
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    Group& g = group(slice, c);
    const Channel sum{sums_.one(c), g.rate * (sums_.two(c) - g.rest * sums_.one(c))};
    channel(slice, c) = sum;
    total_[c].shift += sum.shift;
    total_[c].scale += sum.scale;
    if (constant_) continue;
    g.pull += scale[c] * sum.shift / members;
    g.twist += scale[c] * sum.scale / members;
  }
}

void NormalizationStage::tangent_forward(const Weights& w, const Weights& v) {
  const auto scale = own(w).scale();
  const auto moved_scale = own(v).scale();
  const auto moved_shift = own(v).shift();
  const std::size_t size = grouping_.slice();
  for (std::size_t s = 0; s < grouping_.slices; ++s) {
    sum_tangents(s);
    const auto slope = [&](const Group& g, std::size_t c) { return g.rate * scale[c]; };
    const auto turn = [&](const Group& g, std::size_t c) {
      return g.rate * (moved_scale[c] - scale[c] * g.rate * g.spread);
    };
    const auto add = [&](const Group& g, std::size_t c) {
      return moved_shift[c] - slope(g, c) * g.moved_mean - turn(g, c) * g.rest;
    };
    const sweep::Pair k{means(s), coefficients(s, 1, slope), coefficients(s, 2, turn),
                        coefficients(s, 3, add)};
    sweep::combine({size, width_}, x_.tangent + s * size, x_.value + s * size, k,
                   y_.tangent + s * size);
  }
}

void NormalizationStage::sum_tangents(std::size_t slice) {
  for (Group& g : groups(slice)) g.moved_mean = g.spread = 0;
  if (constant_ || !varies()) return;
  const std::size_t begin = slice * grouping_.slice();
  const float* const mean = means(slice);
  sums_.over(grouping_.slice(), [&](std::size_t at, sweep::Rows rows, float* one, float* two) {
    sweep::add_products(rows, x_.tangent + begin + at, x_.value + begin + at, mean, one, two);
  });
  const double members = grouping_.members();
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    Group& g = group(slice, c);
    g.moved_mean += sums_.one(c) / members;
    g.spread += g.rate * (sums_.two(c) - g.rest * sums_.one(c)) / members;
  }
}

// (dx)' with n and n' written out: r { s dy' + (s' - r C s) dy - r B x' + r (2 r C B - B') (x - mu)
// - A' + r C A + r B mu' }.
void NormalizationStage::tangent_backward(const Weights& w, const Weights& v,
                                          std::span<float> out) {
  const auto scale = own(w).scale();
  const auto moved_scale = own(v).scale();
  const std::size_t size = grouping_.slice();
  std::ranges::fill(total_, Channel{});
  for (std::size_t s = 0; s < grouping_.slices; ++s) {
    sum_moved_gradients(s, scale, moved_scale);
    if (!varies()) continue;
    const auto of_moved_g = [&](const Group& g, std::size_t c) { return g.rate * scale[c]; };
    const auto of_g = [&](const Group& g, std::size_t c) {
      return g.rate * (moved_scale[c] - g.rate * g.spread * scale[c]);
    };
    const auto of_moved_x = [](const Group& g, std::size_t) { return -g.rate * g.rate * g.twist; };
    const auto of_x = [](const Group& g, std::size_t) {
      return g.rate * g.rate * (2 * g.rate * g.spread * g.twist - g.moved_twist);
    };
    const auto add = [&](const Group& g, std::size_t c) {
      return g.rate * (g.rate * g.spread * g.pull - g.moved_pull) -
             of_moved_x(g, c) * g.moved_mean - of_x(g, c) * g.rest;
    };
    const sweep::Quad k{means(s),
                        coefficients(s, 1, of_moved_g),
                        coefficients(s, 2, of_g),
                        coefficients(s, 3, of_moved_x),
                        coefficients(s, 4, of_x),
                        coefficients(s, 5, add)};
    const sweep::Streams streams{y_.cotangent_tangent + s * size, y_.cotangent + s * size,
                                 x_.tangent + s * size, x_.value + s * size};
    sweep::combine_moved({size, width_}, streams, k, x_.cotangent_tangent + s * size);
  }
  deliver(out);
}

void NormalizationStage::sum_moved_gradients(std::size_t slice, std::span<const float> scale,
                                             std::span<const float> moved_scale) {
  const std::size_t begin = slice * grouping_.slice();
  const float* const mean = means(slice);
  const float* const moved_mean =
      coefficients(slice, 1, [](const Group& g, std::size_t) { return g.moved_mean; });
  sums_.over(grouping_.slice(), [&](std::size_t at, sweep::Rows rows, float* one, float* two) {
    const std::size_t from = begin + at;
    sweep::add_moved_products(
        rows,
        {y_.cotangent_tangent + from, y_.cotangent + from, x_.tangent + from, x_.value + from},
        mean, moved_mean, one, two);
  });
  const double members = grouping_.members();
  for (Group& g : groups(slice)) g.moved_pull = g.moved_twist = 0;
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    Group& g = group(slice, c);
    const Channel& sum = channel(slice, c);
    // dy n' = r dy (x' - mu') - r C dy n
    const double two = sums_.two(c) - g.rest * sums_.one(c);
    const Channel moved{sums_.one(c), g.rate * (two - g.spread * sum.scale)};
    total_[c].shift += moved.shift;
    total_[c].scale += moved.scale;
    if (constant_) continue;
    g.moved_pull += (moved_scale[c] * sum.shift + scale[c] * moved.shift) / members;
    g.moved_twist += (moved_scale[c] * sum.scale + scale[c] * moved.scale) / members;
  }
}

void NormalizationStage::deliver(std::span<float> out) const {
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    out[c] = static_cast<float>(total_[c].scale);
    out[grouping_.channels + c] = static_cast<float>(total_[c].shift);
  }
}

}  // namespace gapbench::nn

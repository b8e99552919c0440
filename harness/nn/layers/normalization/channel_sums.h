// Sums over the pixels that share a channel.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/aligned.h"
#include "nn/layers/normalization/normalization.h"
#include "nn/layers/normalization/sweeps.h"

namespace gapbench::nn {

/// Two sums over the rows of a slice, channel by channel.
class ChannelSums {
 public:
  ChannelSums(const Grouping& grouping, std::size_t width);

  /// Calls kernel(offset, rows, one, two) for the runs of one plane of a slice, in stretches short
  /// enough for f32.
  template <class Kernel>
  void over(std::size_t slice, std::size_t plane, Kernel kernel);

  double one(std::size_t channel) const { return one_[channel]; }
  double two(std::size_t channel) const { return two_[channel]; }

 private:
  static constexpr std::size_t stretch = 32;  // rows
  void flush(std::size_t plane);

  Grouping grouping_;
  std::size_t width_;
  AlignedVector<float> short_one_, short_two_;
  std::vector<double> one_, two_;
};

template <class Kernel>
void ChannelSums::over(std::size_t slice, std::size_t plane, Kernel kernel) {
  const std::size_t limit = stretch * width_;
  const std::size_t run = grouping_.run(slice);
  std::size_t filled = 0;  // of the short sums
  std::fill_n(one_.begin() + static_cast<std::ptrdiff_t>(plane * grouping_.lanes), grouping_.lanes,
              0.0);
  std::fill_n(two_.begin() + static_cast<std::ptrdiff_t>(plane * grouping_.lanes), grouping_.lanes,
              0.0);
  for (std::size_t piece = 0; piece < grouping_.pieces(slice); ++piece) {
    const std::size_t begin = grouping_.offset(slice, piece, plane);
    for (std::size_t first = 0; first < run;) {
      const std::size_t size = std::min(limit - filled, run - first);
      kernel(begin + first, sweep::Rows{size, width_}, short_one_.data(), short_two_.data());
      first += size;
      filled += (size + width_ - 1) / width_ * width_;
      if (filled >= limit) {
        flush(plane);
        filled = 0;
      }
    }
  }
  flush(plane);
}

}  // namespace gapbench::nn

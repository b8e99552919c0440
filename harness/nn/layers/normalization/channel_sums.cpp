#include "nn/layers/normalization/channel_sums.h"

namespace gapbench::nn {

ChannelSums::ChannelSums(const Grouping& grouping, std::size_t width)
    : grouping_(grouping),
      width_(width),
      short_one_(width),
      short_two_(width),
      one_(grouping.channels),
      two_(grouping.channels) {}

// Leaves the short sums empty.
void ChannelSums::flush(std::size_t plane) {
  const std::size_t channel = plane * grouping_.lanes;
  for (std::size_t start = 0; start < width_; start += grouping_.lanes) {
    for (std::size_t c = 0; c < grouping_.lanes; ++c) {
      one_[channel + c] += short_one_[start + c];
      two_[channel + c] += short_two_[start + c];
    }
  }
  std::ranges::fill(short_one_, 0.0F);
  std::ranges::fill(short_two_, 0.0F);
}

}  // namespace gapbench::nn

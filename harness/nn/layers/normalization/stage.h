// The four passes of a normalization.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/aligned.h"
#include "nn/layer.h"
#include "nn/layers/normalization/channel_sums.h"
#include "nn/layers/normalization/normalization.h"
#include "nn/layers/normalization/sweeps.h"

namespace gapbench::nn {

/// What the layer does behind the shift: y = max(. + addend, 0).
struct NormalizationEnding {
  Flow addend = {};  ///< empty for none
  bool rectifier = false;
};

/// See Normalization for the letters. T: the numbers of x and y; sums and coefficients are not
/// rounded to it. The statistics of a slice's groups and the sums of its
/// channels are kept from pass to pass.
template <class T>
class NormalizationStage final : public Stage {
 public:
  NormalizationStage(const Grouping& grouping, const Flow& x, const Flow& y,
                     const NormalizationEnding& ending, std::span<float> statistics);

  void forward(const Weights& w, Mode mode) override;
  void backward(const Weights& w, std::span<float> out) override;
  void tangent_forward(const Weights& w, const Weights& v) override;
  void tangent_backward(const Weights& w, const Weights& v, std::span<float> out) override;
  void add_example_norms(std::span<double> totals) override;

 private:
  /// Of one group in one slice.
  struct Group {
    double mean = 0, variance = 0, rate = 0;  // mu, var, r
    double rest = 0;                          // mu less the float that the loops subtract
    double pull = 0, twist = 0;               // A, B
    double moved_mean = 0, spread = 0;        // mu', C
    double moved_pull = 0, moved_twist = 0;   // A', B'
  };
  /// Of one channel in one slice.
  struct Channel {
    double shift = 0, scale = 0;  // its part of dt and ds
  };

  bool varies() const noexcept { return x_.cotangent != nullptr; }
  Group& group(std::size_t slice, std::size_t channel) {
    return groups_[slice * grouping_.groups + grouping_.group_of(channel)];
  }
  Channel& channel(std::size_t slice, std::size_t c) {
    return channels_[slice * grouping_.channels + c];
  }
  std::span<Group> groups(std::size_t slice) {
    return std::span(groups_).subspan(slice * grouping_.groups, grouping_.groups);
  }

  void measure(std::size_t slice);
  void adopt(std::size_t slice, std::span<const float> running);
  void report();
  void sum_gradients(std::size_t slice, std::span<const float> scale);
  void sum_tangents(std::size_t slice);
  void sum_moved_gradients(std::size_t slice, std::span<const float> scale,
                           std::span<const float> moved_scale);
  void deliver(std::span<float> out) const;
  void sum_gradients_of_example(std::size_t example);

  /// The runs of one plane of one slice.
  struct Place {
    std::size_t slice;
    std::size_t plane;
  };
  /// f(place) for all of one slice's planes.
  template <class F>
  void for_each_plane(std::size_t slice, F f);
  /// f(offset, rows) for all runs of a place.
  template <class F>
  void for_each_run(Place place, F f) const;
  /// The k-th array of coefficients: f(group, channel) all along a row.
  template <class F>
  const float* coefficients(Place place, std::size_t k, F f);
  const float* means(Place place);
  static const T* from(const T* tensor, std::size_t offset) {
    return tensor == nullptr ? nullptr : tensor + offset;
  }
  sweep::Streams<T> streams(std::size_t at) const noexcept {
    return {y_.cotangent_tangent + at, y_.cotangent + at, x_.tangent + at, x_.value + at};
  }
  /// y where it is a mask.
  const T* mask() const noexcept { return rectifier_ ? y_.value : nullptr; }

  Grouping grouping_;
  View<T> x_;
  View<T> y_;
  View<T> addend_;
  bool rectifier_;
  std::span<float> statistics_;
  std::size_t width_;
  bool constant_ = false;  ///< the statistics of this forward are the running ones
  std::vector<Group> groups_;
  std::vector<Channel> channels_;
  std::vector<Channel> total_;  ///< over slices: the gradient in progress
  ChannelSums sums_;
  ChannelSums example_sums_;
  AlignedVector<float> coefficients_;
};

}  // namespace gapbench::nn

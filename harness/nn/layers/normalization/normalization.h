// What batch and group normalization share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/aligned.h"
#include "nn/layer.h"

namespace gapbench::nn {

/// Where the values that share a mean and a variance lie. The examples of a micro-batch form slices
/// of `per_slice` (the last may have fewer); the channels of a slice form `groups` of equal size.
/// Batch normalization: every channel a group. Group normalization: every example a slice.
///
/// A slice is made of pieces, each of them a run of pixels for every plane of `lanes` channels.
/// Channels-last there is one plane and one piece.
struct Grouping {
  std::size_t examples;
  std::size_t per_slice;
  std::size_t area;  ///< pixels of an example
  std::size_t channels;
  std::size_t lanes;
  std::size_t groups;

  std::size_t slices() const noexcept { return (examples + per_slice - 1) / per_slice; }
  std::size_t planes() const noexcept { return channels / lanes; }
  std::size_t members_of(std::size_t slice) const noexcept {  ///< examples
    return std::min(per_slice, examples - slice * per_slice);
  }
  std::size_t pieces(std::size_t slice) const noexcept {
    return planes() == 1 ? 1 : members_of(slice);
  }
  std::size_t run(std::size_t slice) const noexcept {  ///< numbers
    return (planes() == 1 ? members_of(slice) : 1) * area * lanes;
  }
  std::size_t rows(std::size_t slice) const noexcept { return members_of(slice) * area; }
  std::size_t offset(std::size_t slice, std::size_t piece, std::size_t plane) const noexcept {
    return ((slice * per_slice + piece) * planes() + plane) * area * lanes;
  }
  std::size_t group_of(std::size_t channel) const noexcept { return channel / (channels / groups); }
  double members(std::size_t slice) const noexcept {  ///< values of one group
    return static_cast<double>(rows(slice)) * static_cast<double>(channels / groups);
  }
};

/// Normalization with scale and shift. Over the m members of a group, with mean(.) the average over
/// them, mu = mean(x), var = mean((x - mu)^2), r = 1 / sqrt(var + epsilon), n = r (x - mu), and
/// with the scale s and the shift t of each value's channel:
///
///   forward           y  = s n + t
///   backward          dx = r (s dy - A - n B);  ds = sum of dy n;  dt = sum of dy
///                     A = mean(s dy), B = mean(s dy n)
///   tangent forward   y' = s n' + s' n + t';    n' = r (x' - mu') - r C n
///                     mu' = mean(x'), C = mean(n x'), since r' = -r^2 C
///   tangent backward  (dx)' = r (s' dy + s dy' - A' - n' B - n B') - r C dx
///                     (ds)' = sum of dy' n + dy n';  (dt)' = sum of dy'
///                     A' = mean(s' dy + s dy'), B' = mean(s' dy n + s dy' n + s dy n')
///
/// which are exact: the statistics are differentiated like everything else. Where they are
/// constants (Mode::evaluation of a batch normalization), mu' = A = B = A' = B' = C = 0.
///
/// What follows it may be done in the same sweeps: y = max(s n + t + z, 0) with z the other path of
/// a residual block. The mask of the rectifier is then taken from y, and left in dy and dy'.
///
/// Parameters: <name>.scale [channels], starts at 1, and <name>.shift [channels], starts at 0.
/// Sums: f32 over at most 32 values, then double, in a fixed order. Cost: two sweeps over x a pass.
class Normalization final : public Layer {
 public:
  static constexpr double epsilon = 1e-5;
  enum class Over { batch, group };

  /// Use make_batch_norm and make_group_norm.
  /// `ghost`: examples that share the statistics of a batch normalization, 0 for all.
  Normalization(std::string name, ImageShape shape, Over over, std::size_t groups,
                std::size_t ghost = 0);

  ImageShape output() const noexcept override { return shape_; }
  std::vector<ParameterSpec> parameters() const override;
  std::vector<float> buffers() const override;
  std::unique_ptr<Weights> make_weights() const override;
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;
  bool absorb(Ending ending) override;

 private:
  std::string name_;
  ImageShape shape_;
  Over over_;
  std::size_t groups_;
  std::size_t ghost_;
  bool sum_ = false;
  bool rectifier_ = false;
};

/// Scale and shift where the caller has them, and a copy of the running statistics.
class NormalizationWeights final : public Weights {
 public:
  NormalizationWeights(std::size_t channels, std::span<const float> running)
      : channels_(channels), running_(running.begin(), running.end()) {}

  void assign(std::span<const float> values) override { values_ = values; }
  void assign_buffers(std::span<const float> statistics) override {
    running_.assign(statistics.begin(), statistics.end());
  }

  std::span<const float> scale() const noexcept { return values_.first(channels_); }
  std::span<const float> shift() const noexcept { return values_.last(channels_); }
  /// Running means, then running variances; empty for a group normalization, which has none.
  std::span<const float> running() const noexcept { return running_; }

 private:
  std::size_t channels_;
  std::span<const float> values_;
  std::vector<float> running_;
};

}  // namespace gapbench::nn

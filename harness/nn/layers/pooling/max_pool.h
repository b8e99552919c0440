// Maximum pooling.
#pragma once

#include "nn/layer.h"
#include "nn/layers/pooling/windows.h"

namespace gapbench::nn {

/// y = the largest x of each window, channel by channel; a is its place, the first one in row order
/// among equals.
///
///   forward           y  = x[a]
///   backward          dx = sum over windows of dy at a
///   tangent forward   y' = x'[a]              a as found by forward
///   tangent backward  (dx)' = sum over windows of (dy)' at a
///
/// x [examples, h, w, c], y [examples, h', w', c], h' = floor((h + 2 padding - window) / stride) +
/// 1; padding counts as smaller than any x. State: a, 4 bytes an output. Cost: one sweep over x a
/// pass.
class MaxPool final : public Layer {
 public:
  /// Throws Error where a window does not fit.
  explicit MaxPool(const Windows& windows);
  ImageShape output() const noexcept override { return windows_.output(); }
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;

 private:
  Windows windows_;
};

}  // namespace gapbench::nn

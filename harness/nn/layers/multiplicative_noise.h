// A noise site: a named place where a regularizer may multiply what flows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nn/layer.h"

namespace gapbench::nn {

/// y = f x, entry by entry; the factors f stand in the workspace and depend on nothing.
///
///   forward           y  = f x
///   backward          dx = f dy;                df = x dy
///   tangent forward   y' = f x' + f' x
///   tangent backward  (dx)' = f (dy)' + f' dy
///
/// with f' = 0 unless the caller moves the factors. A workspace without noise has no factors, and the
/// layer costs nothing there; with noise it does not write over its input, which df is made of.
///
/// Any shape and precision, f is f32. The factors are given in the order (example, row, column,
/// channel), however the flow lies in memory. Cost: one sweep a pass.
class MultiplicativeNoise final : public Layer {
 public:
  MultiplicativeNoise(std::string name, ImageShape shape) : name_(std::move(name)), shape_(shape) {}
  ImageShape output() const noexcept override { return shape_; }
  std::vector<NoiseSite> noise_sites() const override { return {{name_, shape_.size()}}; }
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;

 private:
  std::string name_;
  ImageShape shape_;
};

}  // namespace gapbench::nn

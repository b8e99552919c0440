// Images as rows of numbers.
#pragma once

#include "nn/layer.h"

namespace gapbench::nn {

/// The same numbers under the shape 1 x 1 x (height * width * channels); all four passes are the
/// identity on shared memory and cost nothing, or a copy where the channels lie in blocks.
///
/// The order is (row, column, channel). PyTorch's is (channel, row, column): a
/// linear layer behind it has the same weights with its columns permuted.
class Flatten final : public Layer {
 public:
  explicit Flatten(ImageShape input) : input_(input) {}
  ImageShape output() const noexcept override { return {1, 1, input_.size(), 0, input_.precision}; }
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;

 private:
  ImageShape input_;
};

/// The same image with the channels of each pixel side by side, where they lie in blocks. Cost: a copy a
/// pass.
class SideBySide final : public Layer {
 public:
  explicit SideBySide(ImageShape input) : input_(input) {}
  ImageShape output() const noexcept override {
    return {input_.height, input_.width, input_.channels, 0, input_.precision};
  }
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;

 private:
  ImageShape input_;
};

}  // namespace gapbench::nn

// Layers inside a layer.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "nn/layer.h"

namespace gapbench::nn {

/// What a layer made of layers has of them, first to last: parameters, running statistics, noise
/// sites, weights and plans.
class Parts {
 public:
  explicit Parts(std::vector<std::unique_ptr<Layer>> layers);

  std::size_t size() const noexcept { return layers_.size(); }
  const Layer& operator[](std::size_t i) const { return *layers_[i]; }
  Layer& operator[](std::size_t i) { return *layers_[i]; }
  /// The number of parameters of each.
  const std::vector<std::size_t>& sizes() const noexcept { return sizes_; }

  std::vector<ParameterSpec> parameters() const;
  std::vector<float> buffers() const;
  std::vector<NoiseSite> noise_sites() const;
  std::unique_ptr<Weights> make_weights() const;
  std::unique_ptr<const Plan> plan(std::size_t examples) const;

 private:
  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<std::size_t> sizes_;
  std::vector<std::size_t> buffer_sizes_;
};

/// The i-th part's share of what Parts made.
const Weights& part(const Weights& all, std::size_t i);
const Plan& part(const Plan& all, std::size_t i);

}  // namespace gapbench::nn

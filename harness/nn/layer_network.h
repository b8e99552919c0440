// A network made of layers.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "nn/layer.h"
#include "nn/network.h"

namespace gapbench::nn {

/// The tree of layers under `root`, its tensors numbered and placed one after another. A plan is
/// made once for each number of examples and kept as long as the network. Workspaces and points
/// must not outlive their network.
///
/// Start: tensor k is drawn from random.at("init", k), normal with its layer's deviation (chain.h
/// states which); biases and shifts are 0, scales are 1.
class LayerNetwork final : public Network {
 public:
  LayerNetwork(dnnl::engine engine, ImageShape input, std::unique_ptr<const Layer> root);

  std::span<const TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t dimension() const noexcept override { return dimension_; }
  ImageShape input() const noexcept override { return input_; }
  std::size_t width() const noexcept override { return root_->output().size(); }
  void initialize(Random random, std::span<float> w) const override;
  std::unique_ptr<Point> make_point() const override;
  std::unique_ptr<Workspace> make_workspace(std::size_t examples) const override {
    return make(examples, {}, false);
  }
  std::unique_ptr<Workspace> make_noisy_workspace(std::size_t examples) const override {
    return make(examples, sites_, false);
  }
  std::unique_ptr<Workspace> make_gaussian_workspace(std::size_t examples) const override {
    return make(examples, sites_, true);
  }
  bool takes_variances() const noexcept override { return takes_variances_; }
  bool has_variances(const Point& point) const noexcept override;
  bool has_example_squares() const noexcept override { return weighted_ == dimension_; }
  PassFlops flops() const noexcept override { return flops_; }
  std::span<const KroneckerLayer> kronecker_layers() const noexcept override {
    return kronecker_layers_;
  }
  std::span<const float> buffers() const noexcept override { return buffers_; }
  std::span<const NoiseSite> noise_sites() const noexcept override { return sites_; }

 private:
  std::unique_ptr<Workspace> make(std::size_t examples, std::span<const NoiseSite> noisy,
                                  bool gaussian) const;
  std::shared_ptr<const Plan> plan(std::size_t examples) const;

  dnnl::engine engine_;
  ImageShape input_;
  std::unique_ptr<const Layer> root_;
  std::vector<TensorInfo> tensors_;
  std::vector<ParameterSpec> starts_;  ///< without the tensors
  std::vector<KroneckerLayer> kronecker_layers_;
  std::vector<float> buffers_;
  std::vector<NoiseSite> sites_;
  std::vector<std::size_t> weight_offsets_;  ///< of the layers with a weight tensor
  bool takes_variances_ = true;
  std::size_t dimension_ = 0;
  std::size_t weighted_ = 0;  ///< parameters of layers with a weight tensor
  PassFlops flops_;
  mutable std::mutex mutex_;
  mutable std::map<std::size_t, std::shared_ptr<const Plan>> plans_;
};

}  // namespace gapbench::nn

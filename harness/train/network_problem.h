// A network on a data set, as a problem.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "data/data.h"
#include "gapbench/problem.h"
#include "nn/network.h"

namespace gapbench::train {

/// loss_i(w) = cross-entropy of the network's outputs on example i for classification; for
/// regression squared error, or where `deviation` > 0 -log N(target | output, deviation^2). Const and
/// thread-safe.
class NetworkProblem final : public Problem {
 public:
  NetworkProblem(std::unique_ptr<const data::Data> data, std::unique_ptr<const nn::Network> network,
                 double deviation = 0);

  std::span<const TensorInfo> tensors() const noexcept override { return network_->tensors(); }
  std::size_t width() const noexcept override { return network_->width(); }
  std::size_t examples(Part part) const noexcept override { return data_->examples(part); }
  /// Test examples of unseen classes, see data::Data::unseen().
  std::size_t unseen() const noexcept { return data_->unseen(); }
  const Head& loss() const noexcept override;
  void initialize(Random random, std::span<float> w) const override;
  std::unique_ptr<Point> make_point() const override { return network_->make_point(); }
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override;
  PassFlops flops() const noexcept override { return network_->flops(); }
  std::optional<Shape> input_shape() const noexcept override { return data_->description().shape; }
  std::span<const float> buffers() const noexcept override { return network_->buffers(); }
  bool has_example_norms() const noexcept override { return true; }
  bool has_example_squares() const noexcept override { return network_->has_example_squares(); }
  bool has_factor_derivatives() const noexcept override { return true; }
  bool takes_ones() const noexcept override { return true; }
  bool takes_variances() const noexcept override { return network_->takes_variances(); }
  std::span<const double> target_scales() const noexcept override {
    return data_->description().target_scales;
  }
  std::span<const KroneckerLayer> kronecker_layers() const noexcept override {
    return network_->kronecker_layers();
  }
  std::span<const std::string> shifts() const noexcept override { return data_->shifts(); }
  std::span<const NoiseSite> noise_sites() const noexcept override {
    return network_->noise_sites();
  }

 private:
  std::unique_ptr<const data::Data> data_;
  std::unique_ptr<const nn::Network> network_;
  CrossEntropy cross_entropy_;
  SquaredError squared_error_;
  std::optional<Gaussian> gaussian_;
};

}  // namespace gapbench::train

#include "train/network_problem.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace gapbench::train {
namespace {

/// Passes of one worker. A workspace is planned for one number of examples; the few sizes that a
/// trial meets (the micro-batch, the rest of a mini-batch, the rest of a part) each get their own,
/// made the first time the size comes up.
class NetworkPasses final : public Passes {
 public:
  NetworkPasses(const data::Data& data, const nn::Network& network, std::size_t capacity)
      : data_(data),
        network_(network),
        labels_(data.description().classes > 0 ? capacity : 0),
        targets_(capacity * data.description().target_width) {}

  Outputs forward(const Point& w, const Examples& examples, Mode mode) override {
    const std::size_t count = examples.indices.size();
    current_ = network_.has_variances(w) ? gaussian(examples) : planned(examples);
    const auto labels = std::span(labels_).first(labels_.empty() ? 0 : count);
    const auto targets = std::span(targets_).first(targets_.empty() ? 0 : count * network_.width());
    data_.gather(examples, current_->inputs(), labels, targets);
    const bool is_mixed = examples.noise != nullptr && examples.noise->mixes_examples();
    if (is_mixed) {
      mix_inputs(examples);
    } else if (examples.noise != nullptr && examples.noise->changes_inputs()) {
      change_inputs(examples);
    }
    if (examples.ones) std::ranges::fill(current_->inputs(), 1.0F);
    Outputs z{count, network_.width(), current_->forward(w, mode), labels, targets};
    if (is_mixed) z.partner_labels = partner_labels_;
    if (is_mixed) z.shares = shares_;
    return z;
  }

  void backward(std::span<const float> cotangent, std::span<float> out) override {
    current_->backward(cotangent, out);
  }

  void example_norms(std::span<double> out) override { current_->example_norms(out); }

  void kronecker_factors(std::size_t layer, std::span<float> a, std::span<float> g) override {
    current_->kronecker_factors(layer, a, g);
  }

  void example_squares(std::span<float> out) override { current_->example_squares(out); }

  void factor_gradient(std::span<float> out) override { current_->factor_gradient(out); }
  void factor_tangents(std::span<const float> u) override { current_->factor_tangents(u); }

  void variance_gradient(std::span<float> out) override { current_->variance_gradient(out); }

  std::span<const float> tangent_forward(const Point& v) override {
    return current_->tangent_forward(v);
  }

  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    current_->tangent_backward(cotangent_tangent, out);
  }

  std::span<const float> statistics() const noexcept override {
    if (current_ == nullptr) return {};
    return current_->statistics();
  }

 private:
  /// Made without noise, and again with it the first time that some is asked for.
  struct Planned {
    std::unique_ptr<nn::Workspace> workspace;
    bool noisy = false;
  };

  nn::Workspace* planned(const Examples& examples) {
    const std::size_t count = examples.indices.size();
    Planned& planned = workspaces_[count];
    const bool noisy = examples.noise != nullptr;
    if (planned.workspace == nullptr || (noisy && !planned.noisy)) {
      planned = {noisy ? network_.make_noisy_workspace(count) : network_.make_workspace(count),
                 noisy};
    }
    if (planned.noisy) draw(*planned.workspace, examples);
    return planned.workspace.get();
  }

  void change_inputs(const Examples& examples) {
    const Shape shape = data_.description().shape;
    for (std::size_t i = 0; i < examples.indices.size(); ++i) {
      examples.noise->input(examples.indices[i], shape,
                            current_->inputs().subspan(i * shape.size(), shape.size()));
    }
  }

  // One partner after the other, as its own question in this epoch would have it.
  void mix_inputs(const Examples& examples) {
    const Shape shape = data_.description().shape;
    partner_labels_.resize(examples.indices.size());
    shares_.resize(examples.indices.size());
    partner_.resize(shape.size());
    Examples other = examples;
    for (std::size_t i = 0; i < examples.indices.size(); ++i) {
      const std::uint32_t partner = examples.noise->partner(examples.indices[i]);
      other.indices = {&partner, 1};
      data_.gather(other, partner_, std::span(partner_labels_).subspan(i, 1), {});
      shares_[i] = examples.noise->mixed_input(
          examples.indices[i], shape, current_->inputs().subspan(i * shape.size(), shape.size()),
          partner_);
    }
  }

  nn::Workspace* gaussian(const Examples& examples) {
    assert(examples.noise != nullptr);
    auto& workspace = gaussians_[examples.indices.size()];
    if (workspace == nullptr) {
      workspace = network_.make_gaussian_workspace(examples.indices.size());
    }
    draw(*workspace, examples);
    for (std::size_t layer = 0; layer < network_.kronecker_layers().size(); ++layer) {
      const std::span<float> all = workspace->normals(layer);
      const std::size_t size = all.size() / examples.indices.size();
      for (std::size_t i = 0; i < examples.indices.size(); ++i) {
        examples.noise->normals(layer, examples.indices[i], all.subspan(i * size, size));
      }
    }
    return workspace.get();
  }

  void draw(nn::Workspace& workspace, const Examples& examples) {
    for (std::size_t site = 0; site < network_.noise_sites().size(); ++site) {
      const std::span<float> all = workspace.factors(site);
      const std::size_t size = network_.noise_sites()[site].size;
      if (examples.noise == nullptr) std::ranges::fill(all, 1.0F);
      if (examples.noise == nullptr) continue;
      for (std::size_t i = 0; i < examples.indices.size(); ++i) {
        examples.noise->factors(site, examples.indices[i], all.subspan(i * size, size));
      }
    }
  }

  const data::Data& data_;
  const nn::Network& network_;
  std::vector<std::int32_t> labels_;
  std::vector<float> targets_;
  std::vector<std::int32_t> partner_labels_;
  std::vector<double> shares_;
  std::vector<float> partner_;  ///< input of one
  std::map<std::size_t, Planned> workspaces_;
  std::map<std::size_t, std::unique_ptr<nn::Workspace>> gaussians_;
  nn::Workspace* current_ = nullptr;
};

}  // namespace

NetworkProblem::NetworkProblem(std::unique_ptr<const data::Data> data,
                               std::unique_ptr<const nn::Network> network, double deviation)
    : data_(std::move(data)), network_(std::move(network)) {
  if (deviation > 0) gaussian_.emplace(deviation);
  assert(network_->input().size() == data_->description().shape.size());
}

const Head& NetworkProblem::loss() const noexcept {
  if (data_->description().classes > 0) return cross_entropy_;
  if (gaussian_) return *gaussian_;
  return squared_error_;
}

void NetworkProblem::initialize(Random random, std::span<float> w) const {
  network_->initialize(random, w);
}

std::unique_ptr<Passes> NetworkProblem::make_passes(std::size_t capacity) const {
  return std::make_unique<NetworkPasses>(*data_, *network_, capacity);
}

}  // namespace gapbench::train

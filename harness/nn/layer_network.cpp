#include "nn/layer_network.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/float_mode.h"
#include "nn/arena.h"
#include "nn/onednn.h"

namespace gapbench::nn {
namespace {

class LayerPoint final : public Point {
 public:
  explicit LayerPoint(std::unique_ptr<Weights> weights) : weights_(std::move(weights)) {}

  void assign(std::span<const float> values) override {
    const SingleThread single;
    Point::assign(values);
    weights_->assign(values);
  }
  void assign_buffers(std::span<const float> statistics) override {
    weights_->assign_buffers(statistics);
  }
  void assign_variances(std::span<const float> variances) override { variances_ = variances; }
  const Weights& weights() const noexcept { return *weights_; }
  std::span<const float> variances() const noexcept { return variances_; }

 private:
  std::span<const float> variances_;
  std::unique_ptr<Weights> weights_;
};

const LayerPoint& own(const Point& point) {
  assert(dynamic_cast<const LayerPoint*>(&point) != nullptr);  // made by this network
  return static_cast<const LayerPoint&>(point);
}

const Weights& weights(const Point& point) { return own(point).weights(); }

/// A pass over the layers: oneDNN on this thread alone, subnormal numbers 0.
struct Passing {
  SingleThread single;
  FlushSubnormals flush;
};

class LayerWorkspace final : public Workspace {
 public:
  LayerWorkspace(const Layer& root, std::shared_ptr<const Plan> plan, const dnnl::engine& engine,
                 std::size_t examples, std::size_t input_size, std::span<const float> buffers,
                 std::span<const NoiseSite> noisy, std::span<const std::size_t> offsets,
                 bool gaussian)
      : plan_(std::move(plan)),
        inputs_(arena_.floats(examples * input_size), examples * input_size),
        statistics_(buffers.begin(), buffers.end()),
        offsets_(offsets) {
    std::ranges::fill(inputs_, 0.0F);
    Bench bench{examples, arena_, arena_.floats(plan_->scratch()), dnnl::stream(engine),
                statistics_};
    bench.factors = make_factors(noisy, examples);
    bench.gaussian = gaussian;
    Bound bound = root.bind(*plan_, {.value = inputs_.data()}, bench);
    stage_ = std::move(bound.stage);
    stage_->list_factors(kronecker_);
    stage_->list_noise(noise_);
    stage_->list_gaussians(gaussians_);
    assert((gaussian ? gaussians_.size() : kronecker_.size()) == offsets_.size());
    examples_ = examples;
    output_ = view<float>(bound.output);
    output_size_ = examples * root.output().size();
  }

  std::span<float> inputs() noexcept override { return inputs_; }

  std::span<const float> forward(const Point& w, Mode mode) override {
    const Passing passing;
    w_ = &weights(w);
    for (std::size_t l = 0; l < gaussians_.size(); ++l) {
      GaussianPart& part = *gaussians_[l];
      part.assign(own(w).variances().subspan(offsets_[l], part.parameters()));
    }
    stage_->forward(*w_, mode);
    return {output_.value, output_size_};
  }

  void backward(std::span<const float> cotangent, std::span<float> out) override {
    assert(w_ != nullptr);
    const Passing passing;
    std::ranges::copy(cotangent, output_.cotangent);
    stage_->backward(*w_, out);
  }

  void example_norms(std::span<double> out) override {
    assert(w_ != nullptr);
    const Passing passing;
    std::ranges::fill(out, 0.0);
    stage_->add_example_norms(out);
  }

  void kronecker_factors(std::size_t layer, std::span<float> a, std::span<float> g) override {
    assert(w_ != nullptr && layer < kronecker_.size());
    const Passing passing;
    kronecker_[layer]->compute(a, g);
  }

  void example_squares(std::span<float> out) override {
    assert(w_ != nullptr);
    const Passing passing;
    for (std::size_t l = 0; l < kronecker_.size(); ++l) {
      const std::size_t end = l + 1 < offsets_.size() ? offsets_[l + 1] : out.size();
      kronecker_[l]->squares(out.subspan(offsets_[l], end - offsets_[l]));
    }
  }

  std::span<const float> tangent_forward(const Point& v) override {
    assert(w_ != nullptr);
    const Passing passing;
    v_ = &weights(v);
    stage_->tangent_forward(*w_, *v_);
    return {output_.tangent, output_size_};
  }

  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    assert(v_ != nullptr);
    const Passing passing;
    std::ranges::copy(cotangent_tangent, output_.cotangent_tangent);
    stage_->tangent_backward(*w_, *v_, out);
  }

  std::span<float> normals(std::size_t layer) noexcept override {
    return gaussians_[layer]->normals();
  }

  void variance_gradient(std::span<float> out) override {
    std::ranges::fill(out, 0.0F);
    for (std::size_t l = 0; l < gaussians_.size(); ++l) {
      gaussians_[l]->gradient(out.subspan(offsets_[l], gaussians_[l]->parameters()));
    }
  }

  std::span<const float> statistics() const noexcept override { return statistics_; }
  std::span<float> factors(std::size_t site) noexcept override { return factors_[site]; }

  void factor_gradient(std::span<float> out) override {
    const std::size_t stride = out.size() / examples_;
    float* to = out.data();
    for (const NoiseFactors* site : noise_) {
      site->gradient(to, stride);
      to += site->entries();
    }
  }

  void factor_tangents(std::span<const float> u) override {
    const std::size_t stride = u.size() / examples_;
    const float* from = u.data();
    for (NoiseFactors* site : noise_) {
      site->move(u.empty() ? nullptr : from, stride);
      if (!u.empty()) from += site->entries();
    }
  }

 private:
  std::span<float> make_factors(std::span<const NoiseSite> noisy, std::size_t examples) {
    const std::size_t size = examples * count(noisy);
    if (size == 0) return {};
    const std::span<float> all(arena_.floats(size), size);
    std::ranges::fill(all, 1.0F);
    std::size_t first = 0;
    for (const NoiseSite& site : noisy) {
      factors_.push_back(all.subspan(first, examples * site.size));
      first += examples * site.size;
    }
    return all;
  }

  std::shared_ptr<const Plan> plan_;
  Arena arena_;
  std::span<float> inputs_;
  std::vector<float> statistics_;
  std::vector<std::span<float>> factors_;  ///< of each noise site
  std::unique_ptr<Stage> stage_;
  std::vector<const KroneckerFactors*> kronecker_;
  std::vector<NoiseFactors*> noise_;
  std::span<const std::size_t> offsets_;  ///< of the weight tensors
  std::vector<GaussianPart*> gaussians_;
  std::size_t examples_ = 0;
  View<float> output_{};
  std::size_t output_size_ = 0;
  const Weights* w_ = nullptr;
  const Weights* v_ = nullptr;
};

}  // namespace

LayerNetwork::LayerNetwork(dnnl::engine engine, ImageShape input, std::unique_ptr<const Layer> root)
    : engine_(std::move(engine)), input_(input), root_(std::move(root)) {
  for (ParameterSpec& p : root_->parameters()) {
    if (p.kronecker_inputs > 0) {
      kronecker_layers_.push_back(
          {tensors_.size(), p.kronecker_inputs, p.tensor.shape[0], p.positions});
      weight_offsets_.push_back(dimension_);
      takes_variances_ = takes_variances_ && p.takes_variances;
    }
    p.tensor.offset = dimension_;
    dimension_ += p.tensor.size;
    tensors_.push_back(std::move(p.tensor));
    starts_.push_back({{}, p.deviation, p.start});
  }
  for (const KroneckerLayer& layer : kronecker_layers_) {
    weighted_ += layer.inputs * layer.outputs;
  }
  assert(root_->output().precision == Precision::f32);
  buffers_ = root_->buffers();
  sites_ = root_->noise_sites();
  flops_ = root_->flops(false);
}

void LayerNetwork::initialize(Random random, std::span<float> w) const {
  assert(w.size() == dimension_);
  for (std::size_t k = 0; k < tensors_.size(); ++k) {
    const auto values = w.subspan(tensors_[k].offset, tensors_[k].size);
    if (starts_[k].deviation == 0) {
      std::ranges::fill(values, starts_[k].start);
    } else {
      random.at("init", k).normal(values, starts_[k].deviation);
    }
  }
}

std::unique_ptr<Point> LayerNetwork::make_point() const {
  return std::make_unique<LayerPoint>(root_->make_weights());
}

std::unique_ptr<Workspace> LayerNetwork::make(std::size_t examples,
                                              std::span<const NoiseSite> noisy,
                                              bool gaussian) const {
  assert(examples > 0 && (takes_variances_ || !gaussian));
  const SingleThread single;
  return std::make_unique<LayerWorkspace>(*root_, plan(examples), engine_, examples, input_.size(),
                                          buffers_, noisy, weight_offsets_, gaussian);
}

bool LayerNetwork::has_variances(const Point& point) const noexcept {
  return !own(point).variances().empty();
}

std::shared_ptr<const Plan> LayerNetwork::plan(std::size_t examples) const {
  const std::lock_guard lock(mutex_);
  auto& plan = plans_[examples];
  if (plan == nullptr) plan = root_->plan(examples);
  return plan;
}

}  // namespace gapbench::nn

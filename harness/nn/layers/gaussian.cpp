#include "nn/layers/gaussian.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace gapbench::nn {
namespace {

class GaussianStage final : public Stage, public GaussianPart {
 public:
  /// `shape`: of the output; `mean` is bound to x.
  GaussianStage(const Layer& variances, ImageShape input, ImageShape shape, const Flow& x,
                Bound mean, Bench& bench)
      : shape_(shape),
        inputs_(bench.examples * input.size()),
        outputs_(bench.examples * shape.size()),
        x_(view<float>(x)),
        y_(view<float>(mean.output)),
        mean_(std::move(mean.stage)),
        plan_(variances.plan(bench.examples)),
        s_(variances.make_weights()),
        normals_(bench.arena.floats(outputs_), outputs_),
        gradient_(count(variances.parameters())) {
    const Flow squares = bench.flow(input, x.varies(), false);
    Bench own{bench.examples, bench.arena, bench.arena.floats(plan_->scratch()), bench.stream};
    Bound bound = variances.bind(*plan_, squares, own);
    variance_ = std::move(bound.stage);
    squares_ = view<float>(squares);
    v_ = view<float>(bound.output);
    const bool blocked = shape.planes() > 1 && shape.height * shape.width > 1;
    if (blocked) laid_out_ = {bench.arena.floats(outputs_), outputs_};
  }

  void forward(const Weights& w, Mode mode) override {
    mean_->forward(w, mode);
    for (std::size_t i = 0; i < inputs_; ++i) squares_.value[i] = x_.value[i] * x_.value[i];
    variance_->forward(*s_, mode);
    const float* e = lay_out();
    for (std::size_t i = 0; i < outputs_; ++i) {
      y_.value[i] += e[i] * std::sqrt(std::max(v_.value[i], 0.0F));
    }
  }

  void backward(const Weights& w, std::span<float> out) override {
    const float* e = in_flow_order();
    for (std::size_t i = 0; i < outputs_; ++i) {
      v_.cotangent[i] = y_.cotangent[i] * e[i] / (2 * std::sqrt(std::max(v_.value[i], 1e-20F)));
    }
    variance_->backward(*s_, out.empty() ? std::span<float>() : gradient_);
    mean_->backward(w, out);
    if (x_.tangent == nullptr) return;
    for (std::size_t i = 0; i < inputs_; ++i) {
      x_.cotangent[i] += 2 * x_.value[i] * squares_.cotangent[i];
    }
  }

  void tangent_forward(const Weights&, const Weights&) override { assert(false); }
  void tangent_backward(const Weights&, const Weights&, std::span<float>) override {
    assert(false);
  }
  void add_example_norms(std::span<double>) override { assert(false); }
  void list_gaussians(std::vector<GaussianPart*>& all) override { all.push_back(this); }

  std::size_t parameters() const noexcept override { return gradient_.size(); }
  std::span<float> normals() noexcept override { return normals_; }
  void assign(std::span<const float> variances) override { s_->assign(variances); }
  void gradient(std::span<float> out) const override { std::ranges::copy(gradient_, out.begin()); }

 private:
  const float* in_flow_order() const {
    return laid_out_.empty() ? normals_.data() : laid_out_.data();
  }

  const float* lay_out() {
    if (laid_out_.empty()) return normals_.data();
    const std::size_t pixels = shape_.height * shape_.width;
    const float* from = normals_.data();
    for (std::size_t first = 0; first < outputs_; first += shape_.size()) {
      float* const image = laid_out_.data() + first;
      for (std::size_t i = 0; i < pixels; ++i) {
        for (std::size_t p = 0; p < shape_.planes(); ++p, from += shape_.lanes()) {
          std::copy_n(from, shape_.lanes(), image + (p * pixels + i) * shape_.lanes());
        }
      }
    }
    return laid_out_.data();
  }

  ImageShape shape_;
  std::size_t inputs_;   // numbers of x
  std::size_t outputs_;  // numbers of y
  View<float> x_, y_;
  std::unique_ptr<Stage> mean_;
  std::unique_ptr<const Plan> plan_;
  std::unique_ptr<Weights> s_;
  std::span<float> normals_;   // as given
  std::span<float> laid_out_;  // as the flow lies in memory; empty where that is the same
  std::vector<float> gradient_;
  std::unique_ptr<Stage> variance_;
  View<float> squares_{}, v_{};
};

class GaussianLayer final : public Layer {
 public:
  GaussianLayer(ImageShape input, std::unique_ptr<Layer> layer,
                std::unique_ptr<const Layer> variances)
      : input_(input), layer_(std::move(layer)), variances_(std::move(variances)) {
    assert(variances_ == nullptr || variances_->output().lanes() == layer_->output().lanes());
  }

  ImageShape output() const noexcept override { return layer_->output(); }
  std::vector<ParameterSpec> parameters() const override {
    std::vector<ParameterSpec> all = layer_->parameters();
    for (ParameterSpec& p : all) p.takes_variances = true;
    return all;
  }
  std::unique_ptr<Weights> make_weights() const override { return layer_->make_weights(); }
  PassFlops flops(bool varies) const override { return layer_->flops(varies); }
  std::unique_ptr<const Plan> plan(std::size_t examples) const override {
    return layer_->plan(examples);
  }
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override {
    Bound mean = layer_->bind(plan, input, bench);
    if (!bench.gaussian) return mean;
    const Flow output = mean.output;
    const Layer& variances = variances_ != nullptr ? *variances_ : *layer_;
    return {std::make_unique<GaussianStage>(variances, input_, layer_->output(), input,
                                            std::move(mean), bench),
            output};
  }

 private:
  ImageShape input_;
  std::unique_ptr<Layer> layer_;
  std::unique_ptr<const Layer> variances_;
};

}  // namespace

std::unique_ptr<Layer> make_gaussian(ImageShape input, std::unique_ptr<Layer> layer,
                                     std::unique_ptr<const Layer> variances) {
  return std::make_unique<GaussianLayer>(input, std::move(layer), std::move(variances));
}

}  // namespace gapbench::nn

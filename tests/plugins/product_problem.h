// Two weights and a product: small enough for a pencil, curved even under a linear head.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "gapbench/problem.h"

namespace gapbench::test {

/// z_i = a b x_i with parameters (a, b); loss (z_i - y_i)^2. J_i = x_i (b, a).
/// The gradient of (1/n) sum_i (z_i - y_i)^2 / 2 is r (b, a) with r = (1/n) sum_i x_i (z_i - y_i):
/// scale x and y by sqrt(1/2) to have the loss without its factor 2.
class ProductProblem final : public Problem {
 public:
  struct Example {
    float x;
    float y;
  };
  explicit ProductProblem(std::vector<Example> examples) : examples_(std::move(examples)) {}

  std::span<const TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t width() const noexcept override { return 1; }
  std::size_t examples(Part) const noexcept override { return examples_.size(); }
  const Head& loss() const noexcept override { return loss_; }
  void initialize(Random random, std::span<float> w) const override { random.normal(w); }
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override;
  PassFlops flops() const noexcept override { return {1, 1, 1, 1}; }

 private:
  friend class ProductPasses;
  std::vector<Example> examples_;
  std::vector<TensorInfo> tensors_{{"a", TensorKind::weight, {1}, 0, 1},
                                   {"b", TensorKind::weight, {1}, 1, 1}};
  SquaredError loss_;
};

class ProductPasses final : public Passes {
 public:
  ProductPasses(const ProductProblem& problem, std::size_t capacity)
      : problem_(problem), x_(capacity), y_(capacity), z_(capacity), tangent_(capacity) {}

  Outputs forward(const Point& w, const Examples& examples, Mode) override {
    a_ = w.values()[0];
    b_ = w.values()[1];
    n_ = examples.indices.size();
    for (std::size_t i = 0; i < n_; ++i) {
      x_[i] = problem_.examples_[examples.indices[i]].x;
      y_[i] = problem_.examples_[examples.indices[i]].y;
      z_[i] = a_ * b_ * x_[i];
    }
    return {n_, 1, std::span(z_).first(n_), {}, std::span(y_).first(n_)};
  }
  void backward(std::span<const float> cotangent, std::span<float> out) override {
    along_ = inputs_times(cotangent);
    out[0] = along_ * b_;
    out[1] = along_ * a_;
  }
  std::span<const float> tangent_forward(const Point& v) override {
    va_ = v.values()[0];
    vb_ = v.values()[1];
    for (std::size_t i = 0; i < n_; ++i) tangent_[i] = x_[i] * (b_ * va_ + a_ * vb_);
    return std::span(tangent_).first(n_);
  }
  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    const float moved = inputs_times(cotangent_tangent);
    out[0] = moved * b_ + along_ * vb_;
    out[1] = moved * a_ + along_ * va_;
  }

 private:
  float inputs_times(std::span<const float> u) const {
    float sum = 0;
    for (std::size_t i = 0; i < n_; ++i) sum += u[i] * x_[i];
    return sum;
  }

  const ProductProblem& problem_;
  std::size_t n_ = 0;
  float a_ = 0, b_ = 0, va_ = 0, vb_ = 0;
  float along_ = 0;  // of the last backward
  std::vector<float> x_, y_, z_, tangent_;
};

inline std::unique_ptr<Passes> ProductProblem::make_passes(std::size_t capacity) const {
  return std::make_unique<ProductPasses>(*this, capacity);
}

}  // namespace gapbench::test

// A linear model behind a noise site: where dropout's effect is known in full.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "gapbench/problem.h"

namespace gapbench::test {

/// z_i = sum_e w_e f_ie x_ie with the factors f of the noise site "input"; loss (z_i - y_i)^2, or
/// of a Gaussian where a deviation is given.
class NoisyLine final : public Problem {
 public:
  struct Example {
    std::vector<float> x;
    float y = 0;
  };
  explicit NoisyLine(std::vector<Example> examples, double deviation = 0)
      : examples_(std::move(examples)), gaussian_(deviation > 0 ? deviation : 1) {
    if (deviation > 0) loss_ = &gaussian_;
  }

  std::size_t inputs() const noexcept { return examples_.front().x.size(); }
  std::span<const TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t width() const noexcept override { return 1; }
  std::size_t examples(Part) const noexcept override { return examples_.size(); }
  const Head& loss() const noexcept override { return *loss_; }
  void initialize(Random random, std::span<float> w) const override { random.normal(w); }
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override;
  PassFlops flops() const noexcept override { return {1, 1, 1, 1}; }
  std::span<const NoiseSite> noise_sites() const noexcept override { return sites_; }
  bool has_factor_derivatives() const noexcept override { return true; }

 private:
  friend class NoisyLinePasses;
  std::vector<Example> examples_;
  SquaredError squared_error_;
  Gaussian gaussian_;
  const Head* loss_ = &squared_error_;
  std::vector<TensorInfo> tensors_{{"w", TensorKind::weight, {inputs()}, 0, inputs()}};
  std::vector<NoiseSite> sites_{{"input", inputs()}};
};

class NoisyLinePasses final : public Passes {
 public:
  explicit NoisyLinePasses(const NoisyLine& problem) : problem_(problem), d_(problem.inputs()) {}

  Outputs forward(const Point& w, const Examples& examples, Mode) override {
    const std::size_t n = examples.indices.size();
    w_.assign(w.values().begin(), w.values().end());
    x_.clear();
    y_.clear();
    f_.assign(n * d_, 1);
    u_.assign(n * d_, 0);
    for (std::size_t i = 0; i < n; ++i) {
      const auto& example = problem_.examples_[examples.indices[i]];
      x_.insert(x_.end(), example.x.begin(), example.x.end());
      y_.push_back(example.y);
      if (examples.noise != nullptr) {
        examples.noise->factors(0, examples.indices[i], std::span(f_).subspan(i * d_, d_));
      }
    }
    z_ = outputs(w_, f_);
    return {n, 1, z_, {}, y_};
  }
  void backward(std::span<const float> cotangent, std::span<float> out) override {
    cotangent_.assign(cotangent.begin(), cotangent.end());
    if (!out.empty()) pull(cotangent_, f_, out);
  }
  std::span<const float> tangent_forward(const Point& v) override {
    tangent_ = outputs(v.values(), f_);
    const std::vector<float> moved = outputs(w_, u_);
    for (std::size_t i = 0; i < moved.size(); ++i) tangent_[i] += moved[i];
    return tangent_;
  }
  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    pull(cotangent_tangent, f_, out);
    std::vector<float> moved(d_);
    pull(cotangent_, u_, moved);
    for (std::size_t e = 0; e < d_; ++e) out[e] += moved[e];
  }
  void factor_gradient(std::span<float> out) override {
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = cotangent_[k / d_] * w_[k % d_] * x_[k];
  }
  void factor_tangents(std::span<const float> u) override {
    u_.assign(u.begin(), u.end());
    u_.resize(f_.size());
  }

 private:
  std::vector<float> outputs(std::span<const float> w, std::span<const float> f) const {
    std::vector<float> z(f.size() / d_);
    for (std::size_t k = 0; k < f.size(); ++k) z[k / d_] += w[k % d_] * f[k] * x_[k];
    return z;
  }
  void pull(std::span<const float> cotangent, std::span<const float> f,
            std::span<float> out) const {
    std::fill(out.begin(), out.end(), 0.0F);
    for (std::size_t k = 0; k < f.size(); ++k) out[k % d_] += cotangent[k / d_] * f[k] * x_[k];
  }

  const NoisyLine& problem_;
  std::size_t d_;
  std::vector<float> w_, x_, y_, f_, u_, z_, tangent_, cotangent_;
};

inline std::unique_ptr<Passes> NoisyLine::make_passes(std::size_t) const {
  return std::make_unique<NoisyLinePasses>(*this);
}

/// The same factors for every example.
class GivenFactors final : public NoiseSource {
 public:
  explicit GivenFactors(std::vector<float> factors) : factors_(std::move(factors)) {}
  void factors(std::size_t, std::uint32_t, std::span<float> out) const override {
    std::copy(factors_.begin(), factors_.end(), out.begin());
  }
  void normals(std::size_t, std::uint32_t, std::span<float> out) const override {
    std::fill(out.begin(), out.end(), 0.0F);
  }

 private:
  std::vector<float> factors_;
};

}  // namespace gapbench::test

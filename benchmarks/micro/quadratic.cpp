#include "quadratic.h"

#include <cstddef>

namespace gapbench::bench {
namespace {

float sign_of(std::uint32_t example) { return example % 2 == 0 ? 1.0F : -1.0F; }

class QuadraticPasses final : public Passes {
 public:
  QuadraticPasses(std::span<const float> a, std::size_t capacity)
      : a_(a), z_(capacity), moved_z_(capacity), signs_(capacity) {}

  Outputs forward(const Point& w, const Examples& examples, Mode) override {
    w_ = w.values();
    count_ = examples.indices.size();
    for (std::size_t i = 0; i < count_; ++i) {
      signs_[i] = sign_of(examples.indices[i]);
      float sum = 0;
      for (std::size_t k = 0; k < w_.size(); ++k) {
        const float d = w_[k] - signs_[i] * a_[k];
        sum += d * d;
      }
      z_[i] = sum / 2;
    }
    return {count_, 1, std::span(z_).first(count_), {}, {}};
  }

  void backward(std::span<const float> cotangent, std::span<float> out) override {
    float total = 0;
    float signed_total = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      total += cotangent[i];
      signed_total += cotangent[i] * signs_[i];
    }
    total_ = total;
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = total * w_[k] - signed_total * a_[k];
  }

  std::span<const float> tangent_forward(const Point& v) override {
    v_ = v.values();
    for (std::size_t i = 0; i < count_; ++i) {
      float sum = 0;
      for (std::size_t k = 0; k < w_.size(); ++k) sum += (w_[k] - signs_[i] * a_[k]) * v_[k];
      moved_z_[i] = sum;
    }
    return std::span(moved_z_).first(count_);
  }

  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    const float total = total_;
    backward(cotangent_tangent, out);
    total_ = total;
    for (std::size_t k = 0; k < out.size(); ++k) out[k] += total * v_[k];
  }

 private:
  std::span<const float> a_, w_, v_;
  std::vector<float> z_, moved_z_, signs_;
  std::size_t count_ = 0;
  float total_ = 0;  ///< of the last cotangent
};

}  // namespace

Quadratic::Quadratic(std::size_t dimension)
    : tensors_{{"w", TensorKind::weight, {dimension}, 0, dimension}}, a_(dimension) {
  Random(1).at("a").normal(a_);
}

std::unique_ptr<Passes> Quadratic::make_passes(std::size_t capacity) const {
  return std::make_unique<QuadraticPasses>(a_, capacity);
}

}  // namespace gapbench::bench

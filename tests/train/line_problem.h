// A problem small enough for a pencil: z_i = w . x_i, loss (z_i - y_i)^2, or -log N(y_i | z_i, r^2) where
// a deviation r is given.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "gapbench/problem.h"

namespace gapbench::testing {

struct Line {
  std::vector<float> x;  // [dimension]
  float y = 0;
};

class LineProblem final : public Problem {
 public:
  LineProblem(std::vector<Line> train, std::vector<Line> test, double deviation = 0)
      : train_(std::move(train)), test_(std::move(test)) {
    if (deviation > 0) likelihood_.emplace(deviation);
    const std::size_t d = train_.front().x.size();
    tensors_ = {{"w", TensorKind::weight, {d}, 0, d}};
  }

  std::span<const TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t width() const noexcept override { return 1; }
  std::size_t examples(Part part) const noexcept override { return lines(part).size(); }
  const Head& loss() const noexcept override {
    if (likelihood_) return *likelihood_;
    return loss_;
  }
  void initialize(Random, std::span<float> w) const override { std::ranges::fill(w, 0.0F); }
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override;
  PassFlops flops() const noexcept override { return {1, 2, 3, 4}; }

  const std::vector<Line>& lines(Part part) const {
    static const std::vector<Line> none;
    if (part == Part::validation) return none;
    return part == Part::train ? train_ : test_;
  }

 private:
  std::vector<Line> train_;
  std::vector<Line> test_;
  std::vector<TensorInfo> tensors_;
  SquaredError loss_;
  std::optional<Gaussian> likelihood_;
};

class LinePasses final : public Passes {
 public:
  LinePasses(const LineProblem& problem, std::size_t capacity)
      : problem_(problem), z_(capacity), targets_(capacity), tangent_(capacity) {}

  Outputs forward(const Point& w, const Examples& examples, Mode) override {
    chosen_.clear();
    for (const std::uint32_t i : examples.indices) {
      chosen_.push_back(&problem_.lines(examples.part)[i]);
    }
    const std::size_t n = chosen_.size();
    for (std::size_t i = 0; i < n; ++i) {
      z_[i] = dot(w.values(), chosen_[i]->x);
      targets_[i] = chosen_[i]->y;
    }
    return {n, 1, std::span(z_).first(n), {}, std::span(targets_).first(n)};
  }

  void backward(std::span<const float> cotangent, std::span<float> out) override {
    std::ranges::fill(out, 0.0F);
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      for (std::size_t j = 0; j < out.size(); ++j) out[j] += cotangent[i] * chosen_[i]->x[j];
    }
  }

  std::span<const float> tangent_forward(const Point& v) override {
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      tangent_[i] = dot(v.values(), chosen_[i]->x);
    }
    return std::span(tangent_).first(chosen_.size());
  }

  // The model is linear, so the backward pass itself does not move.
  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    backward(cotangent_tangent, out);
  }

 private:
  static float dot(std::span<const float> a, std::span<const float> b) {
    float sum = 0;
    for (std::size_t i = 0; i < b.size(); ++i) sum += a[i] * b[i];
    return sum;
  }

  const LineProblem& problem_;
  std::vector<const Line*> chosen_;
  std::vector<float> z_;
  std::vector<float> targets_;
  std::vector<float> tangent_;
};

inline std::unique_ptr<Passes> LineProblem::make_passes(std::size_t capacity) const {
  return std::make_unique<LinePasses>(*this, capacity);
}

}  // namespace gapbench::testing

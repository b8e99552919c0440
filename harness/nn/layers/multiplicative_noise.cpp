#include "nn/layers/multiplicative_noise.h"

#include <algorithm>

#include "nn/layers/sweeps.h"

namespace gapbench::nn {
namespace {

/// Of a workspace without noise.
class IdentityStage final : public Stage {
  void forward(const Weights&, Mode) override {}
  void backward(const Weights&, std::span<float>) override {}
  void tangent_forward(const Weights&, const Weights&) override {}
  void tangent_backward(const Weights&, const Weights&, std::span<float>) override {}
  void add_example_norms(std::span<double>) override {}
};

/// As long as nothing is drawn (Mode::evaluation) the flow is copied, or left where it is.
template <class T>
class NoiseStage final : public Stage {
 public:
  /// `room` holds the factors as the flow lies in memory, null where they are given like that.
  NoiseStage(ImageShape shape, std::span<const float> factors, float* room, const Flow& x,
             const Flow& y)
      : shape_(shape), given_(factors), room_(room), x_(view<T>(x)), y_(view<T>(y)) {}

  void forward(const Weights&, Mode mode) override {
    drawn_ = mode == Mode::training;
    if (drawn_ && room_ != nullptr) lay_out();
    multiply(x_.value, y_.value);
  }
  void backward(const Weights&, std::span<float>) override { multiply(y_.cotangent, x_.cotangent); }
  void tangent_forward(const Weights&, const Weights&) override {
    multiply(x_.tangent, y_.tangent);
  }
  void tangent_backward(const Weights&, const Weights&, std::span<float>) override {
    multiply(y_.cotangent_tangent, x_.cotangent_tangent);
  }
  void add_example_norms(std::span<double>) override {}

 private:
  // The companions are null where the input does not vary.
  void multiply(const T* from, T* to) const {
    if (to == nullptr) return;
    if (drawn_) {
      sweep::multiply(room_ != nullptr ? room_ : given_.data(), from, to, given_.size());
    } else if (from != to) {
      std::copy_n(from, given_.size(), to);
    }
  }

  void lay_out() const {
    const std::size_t pixels = shape_.height * shape_.width;
    const float* from = given_.data();
    for (std::size_t n = 0; n < given_.size() / shape_.size(); ++n) {
      float* const image = room_ + n * shape_.size();
      for (std::size_t i = 0; i < pixels; ++i) {
        for (std::size_t p = 0; p < shape_.planes(); ++p, from += shape_.lanes()) {
          std::copy_n(from, shape_.lanes(), image + (p * pixels + i) * shape_.lanes());
        }
      }
    }
  }

  ImageShape shape_;
  std::span<const float> given_;
  float* room_;
  View<T> x_;
  View<T> y_;
  bool drawn_ = false;
};

}  // namespace

Bound MultiplicativeNoise::bind(const Plan&, const Flow& input, Bench& bench) const {
  const std::span<float> factors = bench.take_factors(shape_.size());
  if (factors.empty()) return {std::make_unique<IdentityStage>(), input};
  const bool blocked = shape_.planes() > 1 && shape_.height * shape_.width > 1;
  float* const room = blocked ? bench.arena.floats(factors.size()) : nullptr;
  Flow y = input;
  if (!input.overwritable) y = bench.flow(shape_, input.varies(), true);
  return {with_numbers(shape_.precision,
                       [&]<class T>(T) -> std::unique_ptr<Stage> {
                         return std::make_unique<NoiseStage<T>>(shape_, factors, room, input, y);
                       }),
          y};
}

}  // namespace gapbench::nn

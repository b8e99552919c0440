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

template <class T>
class NoiseStage final : public Stage, public NoiseFactors {
 public:
  /// `room` holds the factors as the flow lies in memory, null where they are given like that.
  NoiseStage(ImageShape shape, std::span<const float> factors, float* room, const Flow& x,
             const Flow& y)
      : shape_(shape), given_(factors), room_(room), x_(view<T>(x)), y_(view<T>(y)) {}

  void forward(const Weights&, Mode) override {
    moves_ = false;
    if (room_ != nullptr) lay_out(given_.data(), shape_.size(), room_);
    multiply(factors(), x_.value, y_.value);
  }
  void backward(const Weights&, std::span<float>) override {
    multiply(factors(), y_.cotangent, x_.cotangent);
  }
  void tangent_forward(const Weights&, const Weights&) override {
    multiply(factors(), x_.tangent, y_.tangent);
    if (moves_) add_product(moved_.data(), x_.value, y_.tangent);
  }
  void tangent_backward(const Weights&, const Weights&, std::span<float>) override {
    multiply(factors(), y_.cotangent_tangent, x_.cotangent_tangent);
    if (moves_) add_product(moved_.data(), y_.cotangent, x_.cotangent_tangent);
  }
  void add_example_norms(std::span<double>) override {}
  void list_noise(std::vector<NoiseFactors*>& all) override { all.push_back(this); }

  std::size_t entries() const noexcept override { return shape_.size(); }

  void gradient(float* out, std::size_t stride) const override {
    for_each_entry([&](std::size_t example, std::size_t entry, std::size_t place) {
      out[example * stride + entry] = widen(x_.value[place]) * widen(y_.cotangent[place]);
    });
  }

  void move(const float* u, std::size_t stride) override {
    moves_ = u != nullptr;
    if (!moves_) return;
    moved_.resize(given_.size());
    lay_out(u, stride, moved_.data());
  }

 private:
  const float* factors() const { return room_ != nullptr ? room_ : given_.data(); }

  // An input that does not vary has no companions: nothing to write, and a tangent of 0 to read.
  void multiply(const float* by, const T* from, T* to) const {
    if (to == nullptr) return;
    if (from == nullptr) {
      std::fill_n(to, given_.size(), T{});
    } else {
      sweep::multiply(by, from, to, given_.size());
    }
  }

  void add_product(const float* by, const T* from, T* to) const {
    if (to == nullptr) return;
    for (std::size_t i = 0; i < given_.size(); ++i) {
      to[i] = narrow<T>(widen(to[i]) + by[i] * widen(from[i]));
    }
  }

  // Calls f(example, entry as given, place in memory) for all.
  template <class F>
  void for_each_entry(F f) const {
    const std::size_t pixels = shape_.height * shape_.width;
    const std::size_t lanes = shape_.lanes();
    for (std::size_t n = 0; n < given_.size() / shape_.size(); ++n) {
      std::size_t entry = 0;
      for (std::size_t i = 0; i < pixels; ++i) {
        for (std::size_t c = 0; c < shape_.channels; ++c, ++entry) {
          const std::size_t place = (c / lanes * pixels + i) * lanes + c % lanes;
          f(n, entry, n * shape_.size() + place);
        }
      }
    }
  }

  void lay_out(const float* given, std::size_t stride, float* to) const {
    const std::size_t pixels = shape_.height * shape_.width;
    for (std::size_t n = 0; n < given_.size() / shape_.size(); ++n) {
      const float* from = given + n * stride;
      float* const image = to + n * shape_.size();
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
  bool moves_ = false;
  std::vector<float> moved_;  ///< f', as the flow lies in memory; made when asked for
};

}  // namespace

Bound MultiplicativeNoise::bind(const Plan&, const Flow& input, Bench& bench) const {
  const std::span<float> factors = bench.take_factors(shape_.size());
  if (factors.empty()) return {std::make_unique<IdentityStage>(), input};
  const bool blocked = shape_.planes() > 1 && shape_.height * shape_.width > 1;
  float* const room = blocked ? bench.arena.floats(factors.size()) : nullptr;
  const Flow y = bench.flow(shape_, true, true);
  return {with_numbers(shape_.precision,
                       [&]<class T>(T) -> std::unique_ptr<Stage> {
                         return std::make_unique<NoiseStage<T>>(shape_, factors, room, input, y);
                       }),
          y};
}

}  // namespace gapbench::nn

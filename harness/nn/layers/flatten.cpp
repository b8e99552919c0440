#include "nn/layers/flatten.h"

#include <algorithm>

namespace gapbench::nn {
namespace {

class FlattenStage final : public Stage {
  void forward(const Weights&, Mode) override {}
  void backward(const Weights&, std::span<float>) override {}
  void tangent_forward(const Weights&, const Weights&) override {}
  void tangent_backward(const Weights&, const Weights&, std::span<float>) override {}
  void add_example_norms(std::span<double>) override {}
};

/// Brings the channels of each pixel together, and back.
template <class T>
class GatherStage final : public ParameterlessStage {
 public:
  GatherStage(ImageShape shape, const Flow& x, const Flow& y, std::size_t examples)
      : ParameterlessStage(x.varies()),
        shape_(shape),
        x_(view<T>(x)),
        y_(view<T>(y)),
        examples_(examples) {}

 private:
  void forward() override { gather(x_.value, y_.value); }
  void backward() override { scatter(y_.cotangent, x_.cotangent); }
  void tangent_forward() override { gather(x_.tangent, y_.tangent); }
  void tangent_backward() override { scatter(y_.cotangent_tangent, x_.cotangent_tangent); }

  void gather(const T* from, T* to) const {
    for_each_run([&](std::size_t blocked, std::size_t flat) {
      std::copy_n(from + blocked, shape_.lanes(), to + flat);
    });
  }
  void scatter(const T* from, T* to) const {
    for_each_run([&](std::size_t blocked, std::size_t flat) {
      std::copy_n(from + flat, shape_.lanes(), to + blocked);
    });
  }

  template <class F>
  void for_each_run(F f) const {
    const std::size_t pixels = shape_.height * shape_.width;
    std::size_t blocked = 0;
    for (std::size_t n = 0; n < examples_; ++n) {
      for (std::size_t p = 0; p < shape_.planes(); ++p) {
        for (std::size_t i = 0; i < pixels; ++i, blocked += shape_.lanes()) {
          f(blocked, (n * pixels + i) * shape_.channels + p * shape_.lanes());
        }
      }
    }
  }

  ImageShape shape_;
  View<T> x_;
  View<T> y_;
  std::size_t examples_;
};

/// The same memory where nothing has to be moved.
Bound gathered(const ImageShape& from, const ImageShape& to, const Flow& input, Bench& bench) {
  if (from.planes() == 1 || from.height * from.width == 1) {
    return {std::make_unique<FlattenStage>(), input};
  }
  const Flow y = bench.flow(to, input.varies(), true);
  return {with_numbers(from.precision,
                       [&]<class T>(T) -> std::unique_ptr<Stage> {
                         return std::make_unique<GatherStage<T>>(from, input, y, bench.examples);
                       }),
          y};
}

}  // namespace

Bound Flatten::bind(const Plan&, const Flow& input, Bench& bench) const {
  return gathered(input_, output(), input, bench);
}

Bound SideBySide::bind(const Plan&, const Flow& input, Bench& bench) const {
  return gathered(input_, output(), input, bench);
}

}  // namespace gapbench::nn

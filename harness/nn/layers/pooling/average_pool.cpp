#include "nn/layers/pooling/average_pool.h"

#include <algorithm>
#include <cassert>

#include "nn/layers/sweeps.h"

namespace gapbench::nn {
namespace {

/// T: the numbers of x; those of y are floats.
template <class T>
class AveragePoolStage final : public ParameterlessStage {
 public:
  AveragePoolStage(const Windows& windows, const Flow& x, const Flow& y, std::size_t examples)
      : ParameterlessStage(x.varies()),
        windows_(windows),
        x_(view<T>(x)),
        y_(view<float>(y)),
        examples_(examples),
        share_(1.0F / static_cast<float>(windows.area())) {}

 private:
  void forward() override { mean(x_.value, y_.value); }
  void backward() override { spread(y_.cotangent, x_.cotangent); }
  void tangent_forward() override { mean(x_.tangent, y_.tangent); }
  void tangent_backward() override { spread(y_.cotangent_tangent, x_.cotangent_tangent); }

  void mean(const T* from, float* to) const {
    const std::size_t channels = windows_.input.channels;
    std::fill_n(to, examples_ * windows_.output().size(), 0.0F);
    for_each_window(windows_, examples_, [&](const Window& window) {
      for_each_pixel(windows_, window, [&](std::int32_t, std::size_t at) {
        sweep::add(from + at, to + window.output, channels);
      });
    });
    sweep::scale(share_, to, examples_ * windows_.output().size());
  }

  void spread(const float* from, T* to) const {
    const std::size_t channels = windows_.input.channels;
    std::fill_n(to, examples_ * windows_.input.size(), T{});
    for_each_window(windows_, examples_, [&](const Window& window) {
      for_each_pixel(windows_, window, [&](std::int32_t, std::size_t at) {
        sweep::add_scaled(share_, from + window.output, to + at, channels);
      });
    });
  }

  Windows windows_;
  View<T> x_;
  View<float> y_;
  std::size_t examples_;
  float share_;
};

}  // namespace

AveragePool::AveragePool(const Windows& windows) : windows_(windows) {
  check("average_pool", windows);
  assert(windows.padding == 0);  // the mean would be over fewer pixels at the border
}

ImageShape AveragePool::output() const noexcept {
  ImageShape shape = windows_.output();
  shape.precision = Precision::f32;
  return shape;
}

Bound AveragePool::bind(const Plan&, const Flow& input, Bench& bench) const {
  const Flow output = bench.flow(this->output(), input.varies(), true);
  const std::size_t images = bench.examples * windows_.input.planes();
  return {with_numbers(windows_.input.precision,
                       [&]<class T>(T) -> std::unique_ptr<Stage> {
                         return std::make_unique<AveragePoolStage<T>>(windows_.on_plane(), input,
                                                                      output, images);
                       }),
          output};
}

}  // namespace gapbench::nn

#include "nn/layers/max_pool.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "nn/layers/sweeps.h"

namespace gapbench::nn {
namespace {

template <class T>
class MaxPoolStage final : public ParameterlessStage {
 public:
  MaxPoolStage(const Windows& windows, const Flow& x, const Flow& y, std::size_t examples)
      : ParameterlessStage(x.varies()),
        windows_(windows),
        x_(view<T>(x)),
        y_(view<T>(y)),
        examples_(examples),
        place_(examples * windows.output().size()) {}

 private:
  void forward() override {
    const std::size_t channels = windows_.input.channels;
    for_each_window(windows_, examples_, [&](const Window& window) {
      T* const y = y_.value + window.output;
      std::int32_t* const place = place_.data() + window.output;
      bool first = true;
      for_each_pixel(windows_, window, [&](std::int32_t k, std::size_t at) {
        if (!first) return sweep::keep_larger(x_.value + at, k, y, place, channels);
        std::copy_n(x_.value + at, channels, y);
        std::fill_n(place, channels, k);
        first = false;
      });
    });
  }

  void backward() override { spread(y_.cotangent, x_.cotangent); }
  void tangent_backward() override { spread(y_.cotangent_tangent, x_.cotangent_tangent); }

  void tangent_forward() override {
    const std::size_t channels = windows_.input.channels;
    for_each_window(windows_, examples_, [&](const Window& window) {
      for_each_pixel(windows_, window, [&](std::int32_t k, std::size_t at) {
        sweep::take_at(place_.data() + window.output, k, x_.tangent + at,
                       y_.tangent + window.output, channels);
      });
    });
  }

  // Each output's number goes to the place of its maximum.
  void spread(const T* from, T* to) const {
    const std::size_t channels = windows_.input.channels;
    if (!windows_.tile()) std::fill_n(to, examples_ * windows_.input.size(), T{});
    for_each_window(windows_, examples_, [&](const Window& window) {
      const std::int32_t* const place = place_.data() + window.output;
      for_each_pixel(windows_, window, [&](std::int32_t k, std::size_t at) {
        if (windows_.overlap()) {
          sweep::add_at(place, k, from + window.output, to + at, channels);
        } else {
          sweep::put_at(place, k, from + window.output, to + at, channels);
        }
      });
    });
  }

  Windows windows_;
  View<T> x_;
  View<T> y_;
  std::size_t examples_;
  std::vector<std::int32_t> place_;
};

}  // namespace

MaxPool::MaxPool(const Windows& windows) : windows_(windows) { check("max_pool", windows); }

Bound MaxPool::bind(const Plan&, const Flow& input, Bench& bench) const {
  const Flow output = bench.flow(windows_.output(), input.varies(), true);
  const std::size_t images = bench.examples * windows_.input.planes();
  return {with_numbers(windows_.input.precision,
                       [&]<class T>(T) -> std::unique_ptr<Stage> {
                         return std::make_unique<MaxPoolStage<T>>(windows_.on_plane(), input,
                                                                  output, images);
                       }),
          output};
}

}  // namespace gapbench::nn

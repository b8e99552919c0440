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
    for_each_window(windows_, examples_, [&](std::size_t in, std::size_t out) {
      T* const y = y_.value + out;
      std::int32_t* const place = place_.data() + out;
      std::copy_n(x_.value + in, channels, y);
      std::fill_n(place, channels, 0);
      for_each_pixel(windows_, [&](std::int32_t k, std::size_t offset) {
        sweep::keep_larger(x_.value + in + offset, k, y, place, channels);
      });
    });
  }

  void backward() override { spread(y_.cotangent, x_.cotangent); }
  void tangent_backward() override { spread(y_.cotangent_tangent, x_.cotangent_tangent); }

  void tangent_forward() override {
    const std::size_t channels = windows_.input.channels;
    for_each_window(windows_, examples_, [&](std::size_t in, std::size_t out) {
      for_each_pixel(windows_, [&](std::int32_t k, std::size_t offset) {
        sweep::take_at(place_.data() + out, k, x_.tangent + in + offset, y_.tangent + out,
                       channels);
      });
    });
  }

  // Each output's number goes to the place of its maximum.
  void spread(const T* from, T* to) const {
    const std::size_t channels = windows_.input.channels;
    if (!windows_.tile()) std::fill_n(to, examples_ * windows_.input.size(), T{});
    for_each_window(windows_, examples_, [&](std::size_t in, std::size_t out) {
      for_each_pixel(windows_, [&](std::int32_t k, std::size_t offset) {
        const std::int32_t* const place = place_.data() + out;
        if (windows_.overlap()) {
          sweep::add_at(place, k, from + out, to + in + offset, channels);
        } else {
          sweep::put_at(place, k, from + out, to + in + offset, channels);
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

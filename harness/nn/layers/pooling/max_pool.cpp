#include "nn/layers/pooling/max_pool.h"

#include <cstdint>
#include <vector>

#include "nn/layers/pooling/max_pool_sweeps.h"

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
    sweep::max_pool(windows_, examples_, x_.value, y_.value, place_.data());
  }
  void backward() override { spread(y_.cotangent, x_.cotangent); }
  void tangent_forward() override {
    sweep::take_maxima(windows_, examples_, place_.data(), x_.tangent, y_.tangent);
  }
  void tangent_backward() override { spread(y_.cotangent_tangent, x_.cotangent_tangent); }

  void spread(const T* from, T* to) const {
    sweep::spread_maxima(windows_, examples_, place_.data(), from, to);
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

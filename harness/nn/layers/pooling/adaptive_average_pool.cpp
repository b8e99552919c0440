#include "nn/layers/pooling/adaptive_average_pool.h"

#include <fmt/format.h>

#include <algorithm>

#include "gapbench/error.h"
#include "nn/layers/sweeps.h"

namespace gapbench::nn {
namespace {

/// Rows or columns of the i-th of `parts` windows over `extent`.
struct Stretch {
  std::size_t begin, end;
  Stretch(std::size_t extent, std::size_t parts, std::size_t i)
      : begin(i * extent / parts), end(((i + 1) * extent + parts - 1) / parts) {}
  std::size_t size() const noexcept { return end - begin; }
};

/// T: the numbers of x; those of y are floats.
template <class T>
class AdaptiveStage final : public ParameterlessStage {
 public:
  AdaptiveStage(ImageShape in, ImageShape out, const Flow& x, const Flow& y, std::size_t images)
      : ParameterlessStage(x.varies()),
        in_(in),
        out_(out),
        x_(view<T>(x)),
        y_(view<float>(y)),
        images_(images) {}

 private:
  void forward() override { mean(x_.value, y_.value); }
  void backward() override { spread(y_.cotangent, x_.cotangent); }
  void tangent_forward() override { mean(x_.tangent, y_.tangent); }
  void tangent_backward() override { spread(y_.cotangent_tangent, x_.cotangent_tangent); }

  void mean(const T* from, float* to) const {
    std::fill_n(to, images_ * out_.size(), 0.0F);
    for_each_pixel([&](std::size_t in, std::size_t out, float) {
      sweep::add(from + in, to + out, in_.channels);
    });
    for_each_window([&](std::size_t, const Stretch& rows, const Stretch& columns, std::size_t out) {
      sweep::scale(share(rows, columns), to + out, in_.channels);
    });
  }

  void spread(const float* from, T* to) const {
    std::fill_n(to, images_ * in_.size(), T{});
    for_each_pixel([&](std::size_t in, std::size_t out, float share) {
      sweep::add_scaled(share, from + out, to + in, in_.channels);
    });
  }

  static float share(const Stretch& rows, const Stretch& columns) {
    return 1.0F / static_cast<float>(rows.size() * columns.size());
  }

  template <class F>
  void for_each_window(F f) const {
    std::size_t out = 0;
    for (std::size_t n = 0; n < images_; ++n) {
      for (std::size_t i = 0; i < out_.height; ++i) {
        for (std::size_t j = 0; j < out_.width; ++j, out += out_.channels) {
          f(n, Stretch(in_.height, out_.height, i), Stretch(in_.width, out_.width, j), out);
        }
      }
    }
  }

  template <class F>
  void for_each_pixel(F f) const {
    for_each_window(
        [&](std::size_t n, const Stretch& rows, const Stretch& columns, std::size_t out) {
          for (std::size_t i = rows.begin; i < rows.end; ++i) {
            for (std::size_t j = columns.begin; j < columns.end; ++j) {
              f(((n * in_.height + i) * in_.width + j) * in_.channels, out, share(rows, columns));
            }
          }
        });
  }

  ImageShape in_;
  ImageShape out_;
  View<T> x_;
  View<float> y_;
  std::size_t images_;
};

}  // namespace

AdaptiveAveragePool::AdaptiveAveragePool(ImageShape input, std::size_t height, std::size_t width)
    : input_(input), height_(height), width_(width) {
  if (height >= 1 && width >= 1 && height <= input.height && width <= input.width) return;
  throw Error("adaptive_average_pool",
              fmt::format("must give 1x1 up to its input's {}x{} pixels, got {}x{}", input.height,
                          input.width, height, width));
}

ImageShape AdaptiveAveragePool::output() const noexcept {
  return {height_, width_, input_.channels, input_.block};
}

Bound AdaptiveAveragePool::bind(const Plan&, const Flow& input, Bench& bench) const {
  const Flow y = bench.flow(output(), input.varies(), true);
  const std::size_t images = bench.examples * input_.planes();
  return {with_numbers(input_.precision,
                       [&]<class T>(T) -> std::unique_ptr<Stage> {
                         return std::make_unique<AdaptiveStage<T>>(input_.plane(), output().plane(),
                                                                   input, y, images);
                       }),
          y};
}

}  // namespace gapbench::nn

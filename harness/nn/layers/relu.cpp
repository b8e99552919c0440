#include "nn/layers/relu.h"

#include "nn/layers/sweeps.h"

namespace gapbench::nn {
namespace {

template <class T>
class ReluStage final : public ParameterlessStage {
 public:
  ReluStage(const Flow& x, const Flow& y, std::size_t size)
      : ParameterlessStage(x.varies()), x_(view<T>(x)), y_(view<T>(y)), size_(size) {}

 private:
  void forward() override { sweep::rectify(x_.value, y_.value, size_); }
  void backward() override { sweep::keep_positive(y_.value, y_.cotangent, x_.cotangent, size_); }
  void tangent_forward() override { sweep::keep_positive(y_.value, x_.tangent, y_.tangent, size_); }
  void tangent_backward() override {
    sweep::keep_positive(y_.value, y_.cotangent_tangent, x_.cotangent_tangent, size_);
  }

  View<T> x_;
  View<T> y_;
  std::size_t size_;
};

}  // namespace

Bound Relu::bind(const Plan&, const Flow& input, Bench& bench) const {
  Flow output = input;
  if (!input.overwritable) output = bench.flow(shape_, input.varies(), false);
  output.overwritable = false;  // the mask is read from it
  const std::size_t size = bench.examples * shape_.size();
  return {with_numbers(shape_.precision,
                       [&]<class T>(T) -> std::unique_ptr<Stage> {
                         return std::make_unique<ReluStage<T>>(input, output, size);
                       }),
          output};
}

}  // namespace gapbench::nn

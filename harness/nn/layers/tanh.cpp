#include "nn/layers/tanh.h"

#include <utility>

#include "nn/layers/sweeps.h"
#include "nn/onednn.h"

namespace gapbench::nn {
namespace {

class TanhPlan final : public Plan {
 public:
  explicit TanhPlan(Kernel kernel) : kernel_(std::move(kernel)) {}
  std::size_t scratch() const noexcept override { return kernel_.scratch; }
  const Kernel& kernel() const noexcept { return kernel_; }

 private:
  Kernel kernel_;
};

template <class T>
class TanhStage final : public ParameterlessStage {
 public:
  TanhStage(const Kernel& kernel, const dnnl::engine& engine, const Flow& x, const Flow& y,
            std::size_t size, Bench& bench)
      : ParameterlessStage(x.varies()),
        x_(view<T>(x)),
        y_(view<T>(y)),
        size_(size),
        stream_(bench.stream),
        call_(kernel.primitive,
              {{DNNL_ARG_SRC, {kernel.input, engine, x.value}},
               {DNNL_ARG_DST, {kernel.output, engine, y.value}},
               {DNNL_ARG_SCRATCHPAD, scratchpad_memory(kernel, engine, bench.scratch)}}) {}

 private:
  void forward() override { call_.run(stream_); }
  void backward() override { sweep::tanh_slope(y_.value, y_.cotangent, x_.cotangent, size_); }
  void tangent_forward() override { sweep::tanh_slope(y_.value, x_.tangent, y_.tangent, size_); }
  void tangent_backward() override {
    sweep::tanh_curve(y_.value, y_.tangent, y_.cotangent, y_.cotangent_tangent,
                      x_.cotangent_tangent, size_);
  }

  View<T> x_;
  View<T> y_;
  std::size_t size_;
  dnnl::stream stream_;
  Call call_;
};

}  // namespace

std::unique_ptr<const Plan> Tanh::plan(std::size_t examples) const {
  const SingleThread single;
  const dnnl::memory::desc line({dim(examples * shape_.size())}, data_type(shape_.precision),
                                dnnl::memory::format_tag::a);
  const dnnl::eltwise_forward::primitive_desc desc(
      {dnnl::prop_kind::forward_training, dnnl::algorithm::eltwise_tanh, line, 0, 0},
      attributes(Store::overwrite), engine_);
  return std::make_unique<TanhPlan>(forward_kernel(desc));
}

Bound Tanh::bind(const Plan& plan, const Flow& input, Bench& bench) const {
  const Flow output = bench.flow(shape_, input.varies(), false);
  const Kernel& kernel = static_cast<const TanhPlan&>(plan).kernel();
  const std::size_t size = bench.examples * shape_.size();
  return {with_numbers(shape_.precision,
                       [&]<class T>(T) -> std::unique_ptr<Stage> {
                         return std::make_unique<TanhStage<T>>(kernel, engine_, input, output, size,
                                                               bench);
                       }),
          output};
}

}  // namespace gapbench::nn

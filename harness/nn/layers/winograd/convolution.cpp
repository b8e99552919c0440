#include "nn/layers/winograd/convolution.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "core/aligned.h"
#include "nn/layers/affine/factors.h"
#include "nn/layers/affine/gram.h"
#include "nn/layers/sweeps.h"
#include "nn/layers/winograd/filters.h"
#include "nn/layers/winograd/kernels.h"

namespace gapbench::nn::winograd {
namespace {

constexpr std::size_t filter_taps = 9;

std::size_t filters(const Shape& shape) { return shape.outputs * shape.inputs * filter_taps; }

class FilterWeights final : public Weights {
 public:
  FilterWeights(const Shape& shape, bool bias, Precision precision)
      : shape_(shape),
        precision_(precision),
        forward_(filter_size(shape)),
        backward_(filter_size(shape)),
        bias_(bias ? shape.outputs : 0),
        rounded_(precision == Precision::bf16 ? filters(shape) : 0) {}

  void assign(std::span<const float> values) override {
    assert(values.size() == filters(shape_) + bias_.size());
    const float* filter = values.data();
    if (precision_ == Precision::bf16) {
      std::ranges::transform(values.first(filters(shape_)), rounded_.begin(),
                             [](float x) { return widen(narrow<Bf16>(x)); });
      filter = rounded_.data();
    }
    transform_filter(shape_, filter, forward_.data());
    transform_adjoint_filter(shape_, filter, backward_.data());
    std::ranges::copy(values.last(bias_.size()), bias_.begin());
  }

  const float* forward() const noexcept { return forward_.data(); }
  const float* backward() const noexcept { return backward_.data(); }
  const float* bias() const noexcept { return bias_.empty() ? nullptr : bias_.data(); }

 private:
  Shape shape_;
  Precision precision_;
  AlignedVector<float> forward_;
  AlignedVector<float> backward_;
  AlignedVector<float> bias_;
  AlignedVector<float> rounded_;
};

const FilterWeights& own(const Weights& w) { return static_cast<const FilterWeights&>(w); }

class WinogradPlan final : public Plan {
 public:
  WinogradPlan(const Shape& shape, const ProductPatches& patches)
      : shape_(shape), patches_(patches), gram_(AffineGram::is_cheaper(patches, gathering)) {}

  std::size_t scratch() const noexcept override {
    const std::size_t norms = gram_ ? AffineGram::scratch(patches_)
                                    : correlate_room(one()) + filters(shape_) + shape_.outputs;
    return std::max({convolve_room(shape_, 2), convolve_room(shape_.adjoint(), 2),
                     correlate_room(shape_), norms, patches_.rows(shape_.examples)});
  }
  const Shape& shape() const noexcept { return shape_; }
  const ProductPatches& patches() const noexcept { return patches_; }
  /// Lengths of single examples' gradients are taken from the Gram matrices of positions.
  bool gram() const noexcept { return gram_; }
  Shape one() const noexcept {
    return {1, shape_.height, shape_.width, shape_.inputs, shape_.outputs};
  }

 private:
  static constexpr double gathering = 4;  // the gradient takes a quarter of the direct products

  Shape shape_;
  ProductPatches patches_;
  bool gram_;
};

template <class T>
class WinogradStage final : public Stage {
 public:
  WinogradStage(const WinogradPlan& plan, bool bias, const Flow& input, const Flow& output,
                Bench& bench)
      : shape_(plan.shape()),
        one_(plan.one()),
        bias_(bias),
        varies_(input.varies()),
        x_(view<T>(input)),
        y_(view<T>(output)),
        scratch_(bench.scratch),
        factors_(plan.patches(), input, output, bench) {
    if (plan.gram()) gram_.emplace(plan.patches(), input.value, output.cotangent, scratch_);
  }

  void forward(const Weights& w, Mode) override {
    const Term<T> product[] = {{x_.value, own(w).forward()}};
    convolve(shape_, product, own(w).bias(), y_.value, scratch_);
  }

  void backward(const Weights& w, std::span<float> out) override {
    if (varies_) {
      const Term<T> product[] = {{y_.cotangent, own(w).backward()}};
      convolve(shape_.adjoint(), product, nullptr, x_.cotangent, scratch_);
    }
    if (out.empty()) return;
    const Pair<T> pair[] = {{x_.value, y_.cotangent}};
    gradient(pair, out);
  }

  void add_example_norms(std::span<double> totals) override {
    for (std::size_t i = 0; i < totals.size(); ++i) {
      totals[i] += gram_ ? gram_->squared_norm(i) : squared_norm(i);
    }
  }

  void list_factors(std::vector<const KroneckerFactors*>& all) const override {
    all.push_back(&factors_);
  }

  void tangent_forward(const Weights& w, const Weights& v) override {
    const Term<T> products[] = {{x_.value, own(v).forward()}, {x_.tangent, own(w).forward()}};
    convolve(shape_, std::span<const Term<T>>(products).first(varies_ ? 2 : 1), own(v).bias(),
             y_.tangent, scratch_);
  }

  // The first pair's sum of cotangents is (db)'.
  void tangent_backward(const Weights& w, const Weights& v, std::span<float> out) override {
    const Pair<T> pairs[] = {{x_.value, y_.cotangent_tangent}, {x_.tangent, y_.cotangent}};
    gradient(std::span<const Pair<T>>(pairs).first(varies_ ? 2 : 1), out);
    if (!varies_) return;
    const Term<T> products[] = {{y_.cotangent_tangent, own(w).backward()},
                                {y_.cotangent, own(v).backward()}};
    convolve(shape_.adjoint(), std::span<const Term<T>>(products), nullptr, x_.cotangent_tangent,
             scratch_);
  }

 private:
  void gradient(std::span<const Pair<T>> pairs, std::span<float> out) {
    correlate(shape_, pairs, out.data(), bias_ ? out.data() + filters(shape_) : nullptr, scratch_);
  }

  /// Of one example's gradient, in scratch.
  double squared_norm(std::size_t example) const {
    const std::size_t pixels = example * one_.height * one_.width;
    const Pair<T> pair[] = {
        {x_.value + pixels * one_.inputs, y_.cotangent + pixels * one_.outputs}};
    float* const to = scratch_ + correlate_room(one_);
    float* const bias = bias_ ? to + filters(one_) : nullptr;
    correlate(one_, std::span<const Pair<T>>(pair), to, bias, scratch_);
    return sweep::squared_norm(to, filters(one_) + (bias_ ? one_.outputs : 0));
  }

  Shape shape_;
  Shape one_;
  bool bias_;
  bool varies_;
  View<T> x_;
  View<T> y_;
  float* scratch_;
  AffineFactors factors_;
  std::optional<AffineGram> gram_;
};

class WinogradConvolution final : public Layer {
 public:
  WinogradConvolution(std::string name, ImageShape input, const ConvolutionShape& shape,
                      double gain)
      : name_(std::move(name)), input_(input), shape_(shape), gain_(gain) {}

  ImageShape output() const noexcept override {
    const std::size_t in_blocks = shape_.outputs > lanes ? lanes : 0;
    return {input_.height, input_.width, shape_.outputs, in_blocks, input_.precision};
  }
  std::vector<ParameterSpec> parameters() const override {
    return affine_parameters(name_, {shape_.outputs, input_.channels, 3, 3}, shape_.bias, gain_,
                             input_.height * input_.width);
  }
  std::unique_ptr<Weights> make_weights() const override {
    return std::make_unique<FilterWeights>(of(1), shape_.bias, input_.precision);
  }
  PassFlops flops(bool varies) const override {
    const std::size_t products = input_.size() * shape_.outputs * filter_taps;
    return affine_flops(static_cast<double>(products), varies);
  }
  std::unique_ptr<const Plan> plan(std::size_t examples) const override {
    ProductPatches patches{patches_of(input_, shape_), Patches::pixels(output())};
    patches.seen.homogeneous = shape_.bias;
    return std::make_unique<WinogradPlan>(of(examples), patches);
  }
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override {
    const Flow output = bench.flow(this->output(), true, true);
    const auto& own = static_cast<const WinogradPlan&>(plan);
    auto stage = with_numbers(input_.precision, [&]<class T>(T) -> std::unique_ptr<Stage> {
      return std::make_unique<WinogradStage<T>>(own, shape_.bias, input, output, bench);
    });
    return {std::move(stage), output};
  }

 private:
  Shape of(std::size_t examples) const {
    return {examples, input_.height, input_.width, input_.channels, shape_.outputs};
  }

  std::string name_;
  ImageShape input_;
  ConvolutionShape shape_;
  double gain_;
};

}  // namespace

bool takes(ImageShape input, const ConvolutionShape& shape) noexcept {
  return shape.kernel == 3 && shape.stride == 1 && shape.padding == 1 && input.lanes() == lanes &&
         shape.outputs > 0 && shape.outputs % lanes == 0 && input.size() > 0;
}

std::unique_ptr<Layer> make_convolution(std::string name, ImageShape input,
                                        const ConvolutionShape& shape, double gain) {
  assert(takes(input, shape));
  return std::make_unique<WinogradConvolution>(std::move(name), input, shape, gain);
}

}  // namespace gapbench::nn::winograd

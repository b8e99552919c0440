#include "nn/layers/affine/affine.h"

#include <cmath>
#include <utility>

#include "gapbench/error.h"
#include "nn/layers/affine/gram.h"
#include "nn/layers/affine/stage.h"
#include "nn/layers/affine/weights.h"

namespace gapbench::nn {
namespace {

// The layouts do not depend on the number of examples; one must be named to ask for them.
constexpr std::size_t nominal_examples = 32;

// The layout that the weight gradient comes out in, wherever the forward kernels can read it too:
// they then need no copy of their own.
dnnl::memory::desc choose_forward_layout(const Product& product, const dnnl::memory::desc& wanted) {
  try {
    if (!is_reference(product.forward(nominal_examples, wanted, Store::overwrite))) return wanted;
  } catch (const dnnl::error&) {
    // No kernel reads that layout: oneDNN's own choice, below.
  }
  return product.forward(nominal_examples, product.any_weights(), Store::overwrite).weights_desc();
}

// Empty where there is nothing to change.
Kernel copy_kernel(const dnnl::engine& engine, const dnnl::memory::desc& from,
                   const dnnl::memory::desc& to) {
  if (from == to) return {{}, from, {}, to, 0};
  return reorder_kernel(engine, from, to);
}

[[noreturn]] void rethrow(const std::string& name, const dnnl::error& e) {
  throw Error(name, std::string("oneDNN has no kernel for this layer: ") + e.what());
}

}  // namespace

std::vector<ParameterSpec> affine_parameters(const std::string& name,
                                             const std::vector<std::size_t>& shape, bool bias,
                                             double gain, std::size_t positions) {
  std::size_t size = 1;
  for (const std::size_t extent : shape) size *= extent;
  const auto fan_in = static_cast<double>(size) / static_cast<double>(shape[0]);
  std::vector<ParameterSpec> all{{{name + ".weight", TensorKind::weight, shape, 0, size},
                                  std::sqrt(gain / fan_in),
                                  0,
                                  size / shape[0] + (bias ? 1 : 0),
                                  positions}};
  if (bias) all.push_back({{name + ".bias", TensorKind::bias, {shape[0]}, 0, shape[0]}});
  return all;
}

PassFlops affine_flops(double multiply_adds, bool varies) {
  const double product = 2 * multiply_adds;
  if (!varies) return {product, product, product, product};
  return {product, 2 * product, 2 * product, 4 * product};
}

const RowProducts& Product::row_products() const noexcept {
  static const RowProducts none;
  return none;
}

Affine::Affine(std::string name, const Engine& engine, std::unique_ptr<const Product> product,
               double gain)
    : name_(std::move(name)), engine_(engine.device), product_(std::move(product)), gain_(gain) {
  const SingleThread single;
  try {
    const RowProducts& rows = product_->row_products();
    const auto gradient = product_->any_gradient();
    gradient_layout_ =
        rows.weights() ? rows.weights(nominal_examples, gradient).diff_weights_desc()
                       : product_->backward_weights(nominal_examples, gradient).diff_weights_desc();
    backward_layout_ =
        rows.data()
            ? rows.data_layout()
            : product_->backward_data(nominal_examples, product_->any_weights()).weights_desc();
    forward_layout_ =
        rows.forward() ? rows.forward_layout() : choose_forward_layout(*product_, gradient_layout_);
  } catch (const dnnl::error& e) {
    rethrow(name_, e);
  }
}

std::vector<ParameterSpec> Affine::parameters() const {
  return affine_parameters(name_, product_->weight_shape(), product_->has_bias(), gain_,
                           product_->output().height * product_->output().width);
}

std::unique_ptr<Weights> Affine::make_weights() const {
  const SingleThread single;
  const auto plain = product_->plain_weights();
  const RowProducts& rows = product_->row_products();
  const AffineLayouts layouts{plain, forward_layout_,
                              rows.data() ? rows.plain_inputs_first() : plain, backward_layout_};
  return std::make_unique<AffineWeights>(engine_, layouts,
                                         product_->has_bias() ? product_->output().channels : 0);
}

PassFlops Affine::flops(bool varies) const {
  return affine_flops(product_->multiply_adds(), varies);
}

void Affine::make_products(std::size_t examples, AffineKernels& kernels) const {
  const RowProducts& rows = kernels.rows;
  const auto forward = [&](Store store) {
    return forward_kernel(rows.forward() ? rows.forward(examples, store)
                                         : product_->forward(examples, forward_layout_, store));
  };
  kernels.forward = forward(Store::overwrite);
  kernels.accumulate = forward(Store::add);
  if (rows.data()) {
    kernels.backward_data = forward_kernel(rows.data(examples));
    std::swap(kernels.backward_data.input, kernels.backward_data.output);
  } else {
    kernels.backward_data =
        backward_data_kernel(product_->backward_data(examples, backward_layout_));
  }
  kernels.backward_weights = backward_weights_kernel(
      rows.weights() ? rows.weights(examples, gradient_layout_)
                     : product_->backward_weights(examples, gradient_layout_));
}

std::unique_ptr<const Plan> Affine::plan(std::size_t examples) const {
  const SingleThread single;
  try {
    AffineKernels kernels;
    kernels.rows = product_->row_products();
    make_products(examples, kernels);
    const auto input = product_->input_flow(examples);
    const auto output = product_->output_flow(examples);
    kernels.input_copy =
        copy_kernel(engine_, input, kernels.rows.forward() ? input : kernels.forward.input);
    kernels.output_copy = copy_kernel(
        engine_, output, kernels.rows.weights() ? output : kernels.backward_weights.output);
    kernels.input_flow = input;
    kernels.plain = product_->plain_weights();
    kernels.outputs = product_->output().channels;
    kernels.bias = product_->has_bias();
    kernels.patches = {product_->patches(), Patches::pixels(product_->output())};
    kernels.patches.seen.homogeneous = kernels.bias;
    if (kernels.rows.weights()) {
      kernels.gram = true;
    } else if (const auto one = product_->backward_weights_of_one(gradient_layout_)) {
      constexpr double gathering = 2;  // measured on Zen 4
      kernels.gram =
          !kernels.input_copy.primitive && AffineGram::is_cheaper(kernels.patches, gathering);
      if (!kernels.gram) kernels.single = backward_weights_kernel(one);
    }
    kernels.reorder = copy_kernel(engine_, gradient_layout_, kernels.plain);
    return std::make_unique<AffinePlan>(engine_, std::move(kernels));
  } catch (const dnnl::error& e) {
    rethrow(name_, e);
  }
}

Bound Affine::bind(const Plan& plan, const Flow& input, Bench& bench) const {
  const Flow output = bench.flow(product_->output(), true, true);
  const auto& own = static_cast<const AffinePlan&>(plan);
  return {std::make_unique<AffineStage>(own, input, output, bench), output};
}

}  // namespace gapbench::nn

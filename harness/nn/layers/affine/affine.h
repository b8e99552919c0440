// Layers that are a product with a weight tensor plus a bias: linear and convolution.
#pragma once

#include <cstddef>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <vector>

#include "nn/engine.h"
#include "nn/layer.h"
#include "nn/layers/affine/patches.h"
#include "nn/layers/affine/row_products.h"
#include "nn/onednn.h"

namespace gapbench::nn {

struct AffineKernels;

/// The parameters of such a layer: <name>.weight of `shape`, its first extent the outputs, normal
/// with variance gain / fan_in, fan_in = its size / outputs; and where there is a bias, <name>.bias
/// [outputs], 0. `positions`: pixels of the output.
std::vector<ParameterSpec> affine_parameters(const std::string& name,
                                             const std::vector<std::size_t>& shape, bool bias,
                                             double gain, std::size_t positions);

/// Of the four passes, for a product of so many multiply-adds an example: 1, 2, 2 and 4 products;
/// 1, 1, 1 and 1 where the input does not vary.
PassFlops affine_flops(double multiply_adds, bool varies);

/// A product P(x, W), linear in x and in W, as oneDNN computes it. Each function describes one
/// primitive for some number of examples; `weights` is a layout of W, or "any" for oneDNN's choice.
/// Its kernels may want x and dy in another layout or precision than the flows have them in.
class Product {
 public:
  virtual ~Product() = default;

  virtual ImageShape output() const noexcept = 0;
  virtual std::vector<std::size_t> weight_shape() const = 0;  ///< first extent: output channels
  virtual double multiply_adds() const noexcept = 0;          ///< per example
  virtual Patches patches() const noexcept = 0;               ///< of x, without a bias's 1
  using Desc = dnnl::memory::desc;
  virtual Desc plain_weights() const = 0;  ///< row-major over weight_shape()
  virtual Desc any_weights() const = 0;    ///< as an operand
  virtual Desc any_gradient() const = 0;   ///< as a result
  virtual Desc input_flow(std::size_t examples) const = 0;
  virtual Desc output_flow(std::size_t examples) const = 0;
  virtual bool has_bias() const noexcept { return true; }
  /// y = P(x, W) + b, or y += P(x, W); a product without bias gives y = P(x, W).
  virtual dnnl::primitive_desc forward(std::size_t examples, const Desc& weights,
                                       Store store) const = 0;
  /// dx, the adjoint of x -> P(x, W) applied to dy.
  virtual dnnl::primitive_desc backward_data(std::size_t examples, const Desc& weights) const = 0;
  /// What passes take from it instead: they want rows of patches, gathered by copy_patches.
  virtual const RowProducts& row_products() const noexcept;
  /// dW, the adjoint of W -> P(x, W) applied to dy, and db where there
  /// is a bias.
  virtual dnnl::primitive_desc backward_weights(std::size_t examples,
                                                const Desc& weights) const = 0;
  /// Those of a single example; empty where dW = dy x^T, and not asked where rows are gathered.
  virtual dnnl::primitive_desc backward_weights_of_one(const Desc& /*weights*/) const { return {}; }
};

/// y = P(x, W) + b, with D and G the adjoints of P in x and in W:
///
///   forward           y  = P(x, W) + b
///   backward          dx = D(dy, W);                  dW = G(x, dy);        db = sum of dy
///   tangent forward   y' = P(x, W') + b' + P(x', W)
///   tangent backward  (dx)' = D(dy', W) + D(dy, W');  (dW)' = G(x, dy') + G(x', dy);
///                     (db)' = sum of dy'
///   example norms     |G(x_i, dy_i)|^2 + |sum of dy_i|^2, example by example
///
/// where W', b' are the direction's part of the layer and dy' is the tangent of dy. Exact
/// (Pearlmutter 1994): each line is the product rule, every term one oneDNN primitive. Where the
/// input does not vary, x' = 0 and dx is not computed.
///
/// Parameters: <name>.weight [out, ...] and, unless the product is without, <name>.bias [out],
/// plain order.
/// Cost: 1, 2, 2, 4 and 1 products; 1, 1, 1, 1 and 1 where the input does not vary. A backward
/// whose weight gradient is not wanted has 1 less.
class Affine : public Layer {
 public:
  /// The start of W is normal with variance gain / fan_in, fan_in = size of W / out; b starts at 0.
  Affine(std::string name, const Engine& engine, std::unique_ptr<const Product> product,
         double gain);

  ImageShape output() const noexcept override { return product_->output(); }
  std::vector<ParameterSpec> parameters() const override;
  std::unique_ptr<Weights> make_weights() const override;
  PassFlops flops(bool varies) const override;
  std::unique_ptr<const Plan> plan(std::size_t examples) const override;
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;

 private:
  void make_products(std::size_t examples, AffineKernels& kernels) const;

  std::string name_;
  dnnl::engine engine_;
  std::unique_ptr<const Product> product_;
  double gain_;
  // Fixed for all numbers of examples, so that one Point serves every plan.
  dnnl::memory::desc forward_layout_;
  dnnl::memory::desc backward_layout_;
  dnnl::memory::desc gradient_layout_;
};

}  // namespace gapbench::nn

#include "nn/chain.h"

#include <cassert>
#include <span>
#include <utility>
#include <variant>

#include "nn/layers/affine/linear.h"
#include "nn/layers/flatten.h"
#include "nn/layers/multiplicative_noise.h"
#include "nn/layers/normalization/batch_norm.h"
#include "nn/layers/normalization/group_norm.h"
#include "nn/layers/pooling/adaptive_average_pool.h"
#include "nn/layers/pooling/average_pool.h"
#include "nn/layers/pooling/global_average_pool.h"
#include "nn/layers/pooling/max_pool.h"
#include "nn/layers/relu.h"
#include "nn/layers/residual.h"
#include "nn/layers/tanh.h"

namespace gapbench::nn {

Chain& Chain::add(std::unique_ptr<Layer> layer) {
  shape_ = layer->output();
  layers_.push_back(std::move(layer));
  return *this;
}

Chain& Chain::convolution(std::string name, const ConvolutionShape& shape, double gain) {
  return add(make_convolution(std::move(name), engine_, shape_, shape, gain));
}

Chain& Chain::linear(std::string name, std::size_t outputs, double gain, bool bias) {
  return add(make_linear(std::move(name), engine_, shape_, outputs, gain, bias));
}

Chain& Chain::activation(Activation kind) {
  if (kind == Activation::tanh) return add(std::make_unique<Tanh>(engine_.device, shape_));
  if (!layers_.empty() && layers_.back()->absorb(Ending::rectifier)) return *this;
  return add(std::make_unique<Relu>(shape_));
}

Chain& Chain::pool(Pooling kind, std::size_t side) {
  const Windows windows{.input = shape_, .height = side, .width = side, .stride = side};
  if (kind == Pooling::max) return add(std::make_unique<MaxPool>(windows));
  return add(std::make_unique<AveragePool>(windows));
}

Chain& Chain::max_pool(std::size_t side, std::size_t stride, std::size_t padding) {
  return add(std::make_unique<MaxPool>(Windows{shape_, side, side, stride, padding}));
}

Chain& Chain::global_average_pool() { return add(make_global_average_pool(shape_)); }

Chain& Chain::adaptive_average_pool(std::size_t side) {
  return add(std::make_unique<AdaptiveAveragePool>(shape_, side, side));
}

Chain& Chain::flatten() { return add(std::make_unique<Flatten>(shape_)); }

Chain& Chain::side_by_side() {
  if (shape_.planes() == 1) return *this;
  return add(std::make_unique<SideBySide>(shape_));
}

Chain& Chain::noise(std::string name) {
  return add(std::make_unique<MultiplicativeNoise>(std::move(name), shape_));
}

Chain& Chain::normalize(std::string name, const Norm& norm) {
  switch (norm.kind) {
    case Norm::Kind::batch:
      return add(make_batch_norm(std::move(name), shape_, norm.ghost));
    case Norm::Kind::group:
      return add(make_group_norm(std::move(name), shape_, norm.groups));
    case Norm::Kind::none:
      break;
  }
  return *this;
}

Chain& Chain::residual(const std::string& name, std::unique_ptr<Layer> main,
                       std::unique_ptr<Layer> shortcut) {
  return add(std::make_unique<Residual>(name, shape_, std::move(main), std::move(shortcut)));
}

std::unique_ptr<Layer> Chain::finish() { return std::make_unique<Sequence>(std::move(layers_)); }

namespace {

void put(Chain& chain, std::span<const layer::Any> lines);

/// Puts one line of a description behind a chain. Winograd's blocks of channels, which a network is in
/// from its first convolution on, are left where a layer or the other path of a residual is not.
struct Putting {
  Chain& chain;

  void operator()(const layer::Convolution& l) const {
    if (l.shape.outputs % chain.shape().lanes() != 0) chain.side_by_side();
    chain.convolution(l.name, l.shape, l.gain);
  }
  void operator()(const layer::Linear& l) const {
    if (chain.shape().height * chain.shape().width > 1) chain.flatten();
    chain.linear(l.name, l.outputs, l.gain, l.bias);
  }
  void operator()(const layer::Activate& l) const { chain.activation(l.kind); }
  void operator()(const layer::Pool& l) const {
    if (l.kind == Pooling::max) {
      chain.max_pool(l.side, l.stride, l.padding);
    } else {
      chain.pool(Pooling::average, l.side);
    }
  }
  void operator()(const layer::GlobalAveragePool&) const { chain.global_average_pool(); }
  void operator()(const layer::AdaptiveAveragePool& l) const {
    chain.adaptive_average_pool(l.side);
  }
  void operator()(const layer::Flatten&) const { chain.flatten(); }
  void operator()(const layer::Normalize& l) const { chain.normalize(l.name, l.norm); }
  void operator()(const layer::Noise& l) const { chain.noise(l.name); }
  void operator()(const layer::Residual& l) const {
    Chain main = chain.branch();
    put(main, l.main);
    Chain shortcut = chain.branch();
    if (l.shortcut) put(shortcut, *l.shortcut);
    const bool meet = main.shape().planes() == shortcut.shape().planes();
    if (!meet) {
      main.side_by_side();
      shortcut.side_by_side();
    }
    const bool is_identity = !l.shortcut && (meet || chain.shape().planes() == 1);
    chain.residual(l.name, main.finish(), is_identity ? nullptr : shortcut.finish());
  }
};

void put(Chain& chain, std::span<const layer::Any> lines) {
  for (const layer::Any& line : lines) std::visit(Putting{chain}, line.is);
}

}  // namespace

std::unique_ptr<const Layer> build(const Engine& engine, const Layers& layers) {
  const Shape in = layers.input();
  Chain chain(engine, {in.height, in.width, in.channels});
  put(chain, layers.lines());
  // Outputs are f32: the mean of one pixel is the pixel.
  if (chain.shape().precision != Precision::f32) chain.global_average_pool();
  assert(chain.shape().size() == layers.shape().size());
  return chain.finish();
}

}  // namespace gapbench::nn

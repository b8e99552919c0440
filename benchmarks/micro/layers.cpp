// Every layer's four passes on one thread, at the shapes of the networks for 32x32 images.
//
//   bench_layers --benchmark_filter=conv3x3/64       <layer>/<shape>/<numbers>/<pass>/<examples>
//
// <numbers>: f32 direct convolutions channels-last, auto f32 as a network chooses by itself (blocks
// of 16 channels, Winograd), bf16.

#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/aligned.h"
#include "core/engine_options.h"
#include "gapbench/random.h"
#include "nn/chain.h"
#include "nn/layers/affine/linear.h"
#include "nn/layers/flatten.h"
#include "nn/layers/normalization/batch_norm.h"
#include "nn/layers/normalization/group_norm.h"
#include "nn/layers/pooling/average_pool.h"
#include "nn/layers/pooling/global_average_pool.h"
#include "nn/layers/pooling/max_pool.h"
#include "nn/layers/relu.h"
#include "nn/layers/tanh.h"
#include "nn/onednn.h"
#include "report.h"

namespace {

using namespace gapbench;
using namespace gapbench::nn;

/// Streams, memories and primitives must share one engine.
const dnnl::engine& device() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

/// How numbers lie between layers, and what makes them so.
struct Numbers {
  const char* name;
  Engine engine;
  std::size_t block = 0;

  ImageShape shape(ImageShape s) const {
    s.precision = engine.precision;
    if (block > 0 && s.channels > block && s.channels % block == 0) s.block = block;
    return s;
  }
};

struct Case {
  std::string name;
  ImageShape input;
  bool varies;  ///< false: it stands first in a network
  std::function<std::unique_ptr<const Layer>(ImageShape)> make;
};

/// One layer in a workspace of its own.
class LayerBench {
 public:
  LayerBench(const Case& c, std::size_t examples)
      : layer_(c.make(c.input)),
        plan_(layer_->plan(examples)),
        w_values_(count(layer_->parameters())),
        v_values_(w_values_.size()),
        gradient_(w_values_.size()),
        statistics_(layer_->buffers().size()),
        w_(layer_->make_weights()),
        v_(layer_->make_weights()) {
    const std::size_t size = examples * c.input.size();
    const Precision input = c.input.precision;
    Flow in{.value = draw(size, input)};
    if (c.varies) in = {in.value, draw(size, input), draw(size, input), draw(size, input)};
    nn::Bench bench{examples, arena_, arena_.floats(plan_->scratch()), dnnl::stream(device()),
                    statistics_};
    bound_ = layer_->bind(*plan_, in, bench);
    random_.normal(w_values_);
    random_.normal(v_values_);
    w_->assign(w_values_);
    v_->assign(v_values_);
    const Flow& out = bound_.output;
    const std::size_t outputs = examples * layer_->output().size();
    for (void* cotangent : {out.cotangent, out.cotangent_tangent}) {
      if (cotangent != nullptr) fill(cotangent, outputs, layer_->output().precision);
    }
    forward();
    backward();
    tangent_forward();
  }

  const Layer& layer() const { return *layer_; }
  void forward() { bound_.stage->forward(*w_, Mode::training); }
  void backward() { bound_.stage->backward(*w_, gradient_); }
  void tangent_forward() { bound_.stage->tangent_forward(*w_, *v_); }
  void tangent_backward() { bound_.stage->tangent_backward(*w_, *v_, gradient_); }

 private:
  void fill(void* to, std::size_t size, Precision precision) {
    std::vector<float> values(size);
    random_.normal(values);
    with_numbers(precision, [&]<class T>(T) {
      std::ranges::transform(values, static_cast<T*>(to), [](float x) { return narrow<T>(x); });
    });
  }
  void* draw(std::size_t size, Precision precision) {
    void* const values = arena_.floats(size);
    fill(values, size, precision);
    return values;
  }

  const SingleThread single_;
  Random random_{1};
  Arena arena_;
  std::unique_ptr<const Layer> layer_;
  std::unique_ptr<const Plan> plan_;
  AlignedVector<float> w_values_, v_values_, gradient_;
  std::vector<float> statistics_;
  std::unique_ptr<Weights> w_, v_;
  Bound bound_;
};

struct Pass {
  const char* name;
  void (LayerBench::*run)();
  double PassFlops::*flops;
};
constexpr Pass passes[] = {
    {"forward", &LayerBench::forward, &PassFlops::forward},
    {"backward", &LayerBench::backward, &PassFlops::backward},
    {"tangent_forward", &LayerBench::tangent_forward, &PassFlops::tangent_forward},
    {"tangent_backward", &LayerBench::tangent_backward, &PassFlops::tangent_backward}};

void run(benchmark::State& state, const Case& c, const Pass& pass) {
  const auto examples = static_cast<std::size_t>(state.range(0));
  LayerBench bench(c, examples);
  for (auto _ : state) {
    (bench.*pass.run)();
    benchmark::ClobberMemory();
  }
  const auto images = static_cast<double>(examples);
  const PassFlops flops = bench.layer().flops(c.varies);
  bench::report(state, {.images = images, .flops = images * flops.*pass.flops});
}

Case convolution(const Numbers& n, ImageShape input, ConvolutionShape shape) {
  const bool varies = input.channels > 3;
  const auto name = fmt::format("conv{0}x{0}", shape.kernel);
  const auto to = shape.stride == 1 ? fmt::format("to{}", shape.outputs)
                                    : fmt::format("to{}_stride{}", shape.outputs, shape.stride);
  shape.padding = shape.kernel / 2;
  shape.bias = false;
  return {
      fmt::format("{}/{}_{}_{}x{}/{}", name, input.channels, to, input.height, input.width, n.name),
      varies ? n.shape(input) : input, varies,
      [=](ImageShape s) { return make_convolution("conv", n.engine, s, shape, 2); }};
}

Case plain(const Numbers& n, const char* name, ImageShape input,
           std::function<std::unique_ptr<const Layer>(ImageShape)> make) {
  return {fmt::format("{}/{}_{}x{}/{}", name, input.channels, input.height, input.width, n.name),
          n.shape(input), true, std::move(make)};
}

std::unique_ptr<const Layer> basic_block(const Engine& engine, ImageShape s) {
  const ConvolutionShape conv{.outputs = s.channels, .kernel = 3, .padding = 1, .bias = false};
  const Norm norm{};
  Chain main(engine, s);
  main.convolution("1.conv", conv, 2).normalize("1.norm", norm).activation(Activation::relu);
  main.convolution("2.conv", conv, 2).normalize("2.norm", norm);
  return Chain(engine, s).residual("block", main.finish()).activation(Activation::relu).finish();
}

std::vector<Case> cases(const Numbers& n) {
  std::vector<Case> all{convolution(n, {32, 32, 3}, {.outputs = 16}),
                        convolution(n, {32, 32, 3}, {.outputs = 64})};
  for (const auto& [channels, side] : {std::pair<std::size_t, std::size_t>{16, 32},
                                       {32, 16},
                                       {64, 8},
                                       {64, 32},
                                       {128, 16},
                                       {256, 8},
                                       {512, 4}}) {
    all.push_back(convolution(n, {side, side, channels}, {.outputs = channels}));
  }
  all.push_back(convolution(n, {32, 32, 16}, {.outputs = 32, .stride = 2}));
  all.push_back(convolution(n, {32, 32, 16}, {.outputs = 32, .kernel = 1, .stride = 2}));
  all.push_back(convolution(n, {8, 8, 256}, {.outputs = 512, .stride = 2}));
  const auto linear = [=](std::size_t outputs) {
    return [=](ImageShape s) { return make_linear("linear", n.engine, s, outputs, 2); };
  };
  all.push_back(plain(n, "linear_to10", {1, 1, 64}, linear(10)));
  all.push_back(plain(n, "linear_to512", {1, 1, 512}, linear(512)));
  for (const ImageShape shape : {ImageShape{32, 32, 16}, ImageShape{32, 32, 64}, {8, 8, 64}}) {
    all.push_back(
        plain(n, "batch_norm", shape, [](ImageShape s) { return make_batch_norm("n", s); }));
    all.push_back(
        plain(n, "group_norm", shape, [](ImageShape s) { return make_group_norm("n", s, 8); }));
  }
  const ImageShape shape{32, 32, 16};
  const auto windows = [](ImageShape s) { return Windows{.input = s}; };
  all.push_back(plain(n, "relu", shape, [](ImageShape s) { return std::make_unique<Relu>(s); }));
  all.push_back(
      plain(n, "tanh", shape, [](ImageShape s) { return std::make_unique<Tanh>(device(), s); }));
  all.push_back(plain(n, "max_pool", shape,
                      [=](ImageShape s) { return std::make_unique<MaxPool>(windows(s)); }));
  all.push_back(plain(n, "average_pool", shape,
                      [=](ImageShape s) { return std::make_unique<AveragePool>(windows(s)); }));
  all.push_back(plain(n, "global_average_pool", {8, 8, 64}, make_global_average_pool));
  all.push_back(
      plain(n, "flatten", {8, 8, 64}, [](ImageShape s) { return std::make_unique<Flatten>(s); }));
  all.push_back(
      plain(n, "basic_block", shape, [=](ImageShape s) { return basic_block(n.engine, s); }));
  return all;
}

std::vector<Numbers> all_numbers() {
  const auto engine = [](const OptionMap& options) {
    Engine made = make_engine(Options::resolve("engine", engine_options, options));
    made.device = device();
    return made;
  };
  std::vector<Numbers> all{{"f32", {device()}}, {"auto", engine({}), 16}};
  const Engine narrow = engine({{"precision", std::string("auto")}});
  if (narrow.precision == Precision::bf16) all.push_back({"bf16", narrow});
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  for (const Numbers& n : all_numbers()) {
    for (const Case& c : cases(n)) {
      for (const Pass& pass : passes) {
        const auto name = fmt::format("{}/{}", c.name, pass.name);
        benchmark::RegisterBenchmark(name.c_str(), run, c, pass)->Arg(16)->Arg(32);
      }
    }
  }
  return bench::run_registered(argc, argv);
}

// Runs one layer's passes and compares them with a naive one.
#pragma once

#include <gmock/gmock.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "core/aligned.h"
#include "gapbench/random.h"
#include "nn/layer.h"
#include "nn/onednn.h"
#include "nn/reference.h"

namespace gapbench::nn {

/// Streams, memories and primitives must share one engine.
inline const Engine& cpu() {
  static const Engine engine{dnnl::engine(dnnl::engine::kind::cpu, 0)};
  return engine;
}

/// Rounding of f32 sums of n products of size about 1: n roundings of partial sums of size about
/// sqrt(n), which add up like a random walk; 4 for the tails.
inline double sum_tolerance(std::size_t n) { return 4 * static_cast<double>(n) * 0x1p-24; }

/// Draws numbers: `whole` gives -3 .. 3, else uniform in [-1, 1).
inline std::vector<float> draw(Random random, std::size_t size, bool whole) {
  std::vector<float> values(size);
  for (float& x : values) {
    x = whole ? static_cast<float>(random.below(7)) - 3.0F
              : static_cast<float>(2 * random.uniform() - 1);
  }
  return values;
}

struct Passed {
  std::vector<float> forward, backward, tangent_forward, tangent_backward;
  std::vector<float> gradient, gradient_tangent;
  std::vector<float> statistics;
  std::vector<double> example_norms;
  std::vector<float> a, g;     ///< Kronecker factors of a layer that has them
  std::vector<float> squares;  ///< of single examples' gradients, there
};

/// Channels-last examples as they lie in memory, and back.
inline std::vector<float> laid_out(const std::vector<float>& from, ImageShape shape, bool back) {
  std::vector<float> to(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t c = i % shape.channels;
    const std::size_t pixels = shape.height * shape.width;
    const std::size_t pixel = i / shape.channels % pixels;
    const std::size_t at = i / shape.size() * shape.size() +
                           (c / shape.lanes() * pixels + pixel) * shape.lanes() + c % shape.lanes();
    to[back ? i : at] = from[back ? at : i];
  }
  return to;
}

/// What one layer is fed: values and tangents of input, parameters and cotangent.
struct Feed {
  std::size_t examples;
  std::vector<float> x, moved_x, w, v, dy, moved_dy;
  Mode mode = Mode::training;
  std::vector<float> buffers = {};  ///< running statistics; the layer's own start where empty
  std::vector<float> factors = {};  ///< of its noise sites
};

inline Feed make_feed(const Layer& layer, std::size_t input, std::size_t examples, bool whole) {
  const Random random(17);
  const std::size_t parameters = count(layer.parameters());
  const std::size_t outputs = examples * layer.output().size();
  return {examples,
          draw(random.at("x"), examples * input, whole),
          draw(random.at("moved x"), examples * input, whole),
          draw(random.at("w"), parameters, whole),
          draw(random.at("v"), parameters, whole),
          draw(random.at("dy"), outputs, whole),
          draw(random.at("moved dy"), outputs, whole)};
}

/// Numbers of a flow, from and to floats.
inline void put(const std::vector<float>& from, void* to, Precision precision) {
  with_numbers(precision, [&]<class T>(T) {
    for (std::size_t i = 0; i < from.size(); ++i) static_cast<T*>(to)[i] = narrow<T>(from[i]);
  });
}
inline std::vector<float> get(const void* from, std::size_t size, Precision precision) {
  std::vector<float> to(size);
  if (from == nullptr) return to;
  with_numbers(precision, [&]<class T>(T) {
    for (std::size_t i = 0; i < size; ++i) to[i] = widen(static_cast<const T*>(from)[i]);
  });
  return to;
}

/// `varies` false: the layer stands first, so no input cotangent and no input tangent.
inline Passed run(const Layer& layer, const Feed& feed, bool varies = true,
                  Precision input = Precision::f32) {
  Arena arena;
  const std::size_t size = feed.x.size();
  const auto take = [&] { return arena.floats(size); };
  Flow in{.value = take()};
  if (varies) in = {take(), take(), take(), take()};
  const auto plan = layer.plan(feed.examples);
  Passed passed;
  passed.statistics.resize(layer.buffers().size());
  Bench bench{feed.examples, arena, arena.floats(plan->scratch()), dnnl::stream(cpu().device),
              passed.statistics};
  AlignedVector<float> factors(feed.factors.begin(), feed.factors.end());
  bench.factors = factors;
  const Bound bound = layer.bind(*plan, in, bench);
  const Flow out = bound.output;
  const auto w = layer.make_weights();
  const auto v = layer.make_weights();
  w->assign(feed.w);
  if (!feed.buffers.empty()) w->assign_buffers(feed.buffers);
  v->assign(feed.v);
  const Precision output = layer.output().precision;
  const std::size_t outputs = feed.dy.size();
  // One float past the start: parameters of a network begin anywhere.
  AlignedVector<float> room(feed.w.size() + 1, 99.0F);
  const auto gradient = std::span(room).subspan(1);

  put(feed.x, in.value, input);
  bound.stage->forward(*w, feed.mode);
  passed.forward = get(out.value, outputs, output);
  if (out.varies()) put(feed.dy, out.cotangent, output);
  bound.stage->backward(*w, {});
  passed.example_norms.assign(feed.examples, 1);
  bound.stage->add_example_norms(passed.example_norms);
  for (double& norm : passed.example_norms) norm -= 1;
  const auto without_gradient = get(in.cotangent, size, input);
  if (out.varies()) put(feed.dy, out.cotangent, output);  // a layer may have worked over it
  bound.stage->backward(*w, gradient);
  passed.backward = get(in.cotangent, size, input);
  EXPECT_EQ(std::memcmp(without_gradient.data(), passed.backward.data(), size * sizeof(float)), 0);
  passed.gradient.assign(gradient.begin(), gradient.end());
  std::vector<const KroneckerFactors*> kronecker;
  bound.stage->list_factors(kronecker);
  if (!kronecker.empty()) {
    const ParameterSpec weight = layer.parameters()[0];
    passed.a.resize(weight.kronecker_inputs * weight.kronecker_inputs);
    passed.g.resize(weight.tensor.shape[0] * weight.tensor.shape[0]);
    kronecker[0]->compute(passed.a, passed.g);
    passed.squares.assign(weight.kronecker_inputs * weight.tensor.shape[0], -1);
    kronecker[0]->squares(passed.squares);
  }
  if (varies) put(feed.moved_x, in.tangent, input);
  bound.stage->tangent_forward(*w, *v);
  passed.tangent_forward = get(out.tangent, outputs, output);
  if (out.varies()) put(feed.moved_dy, out.cotangent_tangent, output);
  bound.stage->tangent_backward(*w, *v, gradient);
  passed.tangent_backward = get(in.cotangent_tangent, size, input);
  passed.gradient_tangent.assign(gradient.begin(), gradient.end());
  return passed;
}

inline reference::Tensor dual(const std::vector<float>& value, const std::vector<float>& tangent) {
  reference::Tensor t(value.size());
  for (std::size_t i = 0; i < t.size(); ++i) t[i] = {value[i], tangent[i]};
  return t;
}

inline void expect_close(const char* what, const std::vector<float>& got,
                         const reference::Tensor& wanted, double reference::Dual::*part,
                         double tolerance, Precision precision = Precision::f32) {
  ASSERT_EQ(got.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double right = wanted[i].*part;
    const double rounding = precision == Precision::bf16 ? std::abs(right) * 0x1p-7 : 0;
    ASSERT_LE(std::abs(static_cast<double>(got[i]) - right), tolerance + rounding)
        << what << " element " << i << ": " << got[i] << " for " << right;
  }
}

/// Runs a layer on channels-last floats, whatever its input and output are in memory.
inline Passed run_in_blocks(const Layer& layer, const Feed& feed, ImageShape input) {
  Feed blocked = feed;
  const ImageShape output = layer.output();
  blocked.x = laid_out(feed.x, input, false);
  blocked.moved_x = laid_out(feed.moved_x, input, false);
  blocked.dy = laid_out(feed.dy, output, false);
  blocked.moved_dy = laid_out(feed.moved_dy, output, false);
  Passed p = run(layer, blocked, true, input.precision);
  p.forward = laid_out(p.forward, output, true);
  p.tangent_forward = laid_out(p.tangent_forward, output, true);
  p.backward = laid_out(p.backward, input, true);
  p.tangent_backward = laid_out(p.tangent_backward, input, true);
  return p;
}

/// Against the naive layer's gradient, one example's dy at a time.
inline void expect_example_norms(const std::vector<double>& got, const reference::Naive& naive,
                                 const Feed& feed, double tolerance) {
  const auto x = dual(feed.x, feed.moved_x);
  const auto w = dual(feed.w, feed.v);
  const std::size_t size = feed.dy.size() / feed.examples;
  for (std::size_t i = 0; i < feed.examples; ++i) {
    std::vector<float> dy(feed.dy.size());
    std::copy_n(feed.dy.begin() + static_cast<std::ptrdiff_t>(i * size), size,
                dy.begin() + static_cast<std::ptrdiff_t>(i * size));
    double right = 0;
    for (const auto& g : naive.backward(x, w, dual(dy, feed.moved_dy)).parameters) {
      right += g.value * g.value;
    }
    const double error = tolerance * std::sqrt(static_cast<double>(feed.w.size()));
    ASSERT_LE(std::abs(got[i] - right), 2 * error * std::sqrt(right) + error * error)
        << "norm of example " << i << ": " << got[i] << " for " << right;
  }
}

/// All passes against the naive layer, which sees channels-last numbers whatever the blocks;
/// `tolerance` 0 asks for equality, but for two roundings of what is stored in bf16.
inline void expect_passes(const Layer& layer, const reference::Naive& naive, const Feed& feed,
                          double tolerance, ImageShape input = {0, 0, 1}) {
  using reference::Dual;
  const auto x = dual(feed.x, feed.moved_x);
  const auto w = dual(feed.w, feed.v);
  const auto y = naive.forward(x, w);
  const auto g = naive.backward(x, w, dual(feed.dy, feed.moved_dy));
  if (input.size() == 0) input = {1, 1, feed.x.size() / feed.examples};
  const Passed passed = run_in_blocks(layer, feed, input);
  const Precision out = layer.output().precision;
  const Precision in = input.precision;
  expect_close("forward", passed.forward, y, &Dual::value, tolerance, out);
  expect_close("backward", passed.backward, g.input, &Dual::value, tolerance, in);
  expect_close("gradient", passed.gradient, g.parameters, &Dual::value, tolerance);
  expect_close("tangent forward", passed.tangent_forward, y, &Dual::tangent, tolerance, out);
  expect_close("tangent backward", passed.tangent_backward, g.input, &Dual::tangent, tolerance, in);
  expect_close("tangent of gradient", passed.gradient_tangent, g.parameters, &Dual::tangent,
               tolerance);
  expect_example_norms(passed.example_norms, naive, feed, tolerance);
}

}  // namespace gapbench::nn

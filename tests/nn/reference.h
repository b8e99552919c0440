// Naive layers in double precision, and dual numbers that turn their forward and backward passes
// into the two tangent passes: an independent derivation of what the engine composes by hand.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "nn/layers/convolution.h"
#include "nn/layers/pooling/windows.h"

namespace gapbench::nn::reference {

/// value + t * tangent, t^2 = 0.
struct Dual {
  double value = 0;
  double tangent = 0;
};
inline Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.tangent + b.tangent}; }
inline Dual operator-(Dual a, Dual b) { return {a.value - b.value, a.tangent - b.tangent}; }
inline Dual operator*(Dual a, Dual b) {
  return {a.value * b.value, a.value * b.tangent + a.tangent * b.value};
}
inline Dual operator/(Dual a, Dual b) {
  return {a.value / b.value, (a.tangent * b.value - a.value * b.tangent) / (b.value * b.value)};
}
inline Dual sqrt(Dual a) {
  const double y = std::sqrt(a.value);
  return {y, a.tangent / (2 * y)};
}
inline Dual tanh(Dual a) {
  const double y = std::tanh(a.value);
  return {y, (1 - y * y) * a.tangent};
}

using Tensor = std::vector<Dual>;

/// One layer: forward(x, w) and backward(x, w, dy); w are its parameters in plain order.
struct Gradients {
  Tensor input;
  Tensor parameters;
};
struct Naive {
  virtual ~Naive() = default;
  virtual Tensor forward(const Tensor& x, const Tensor& w) const = 0;
  virtual Gradients backward(const Tensor& x, const Tensor& w, const Tensor& dy) const = 0;
};

/// Calls f(x index, weight index, y index) for every product of a convolution.
template <class F>
void for_each_tap(std::size_t examples, ImageShape in, const ConvolutionShape& s, F f) {
  const std::size_t rows = (in.height + 2 * s.padding - s.kernel) / s.stride + 1;
  const std::size_t columns = (in.width + 2 * s.padding - s.kernel) / s.stride + 1;
  for (std::size_t n = 0; n < examples; ++n)
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j)
        for (std::size_t o = 0; o < s.outputs; ++o)
          for (std::size_t c = 0; c < in.channels; ++c)
            for (std::size_t k = 0; k < s.kernel; ++k)
              for (std::size_t l = 0; l < s.kernel; ++l) {
                const std::size_t y = i * s.stride + k;  // counted from the padding's first row
                const std::size_t x = j * s.stride + l;
                if (y < s.padding || x < s.padding) continue;
                if (y - s.padding >= in.height || x - s.padding >= in.width) continue;
                f(((n * in.height + y - s.padding) * in.width + x - s.padding) * in.channels + c,
                  ((o * in.channels + c) * s.kernel + k) * s.kernel + l,
                  ((n * rows + i) * columns + j) * s.outputs + o);
              }
}

struct Convolution final : Naive {
  Convolution(ImageShape input_shape, ConvolutionShape convolution_shape)
      : in(input_shape), shape(convolution_shape) {}

  Tensor forward(const Tensor& x, const Tensor& w) const override {
    const std::size_t rows = (in.height + 2 * shape.padding - shape.kernel) / shape.stride + 1;
    const std::size_t columns = (in.width + 2 * shape.padding - shape.kernel) / shape.stride + 1;
    Tensor y(x.size() / in.size() * rows * columns * shape.outputs);
    const std::size_t weights = w.size() - shape.outputs;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = w[weights + i % shape.outputs];
    for_each_tap(x.size() / in.size(), in, shape,
                 [&](std::size_t a, std::size_t b, std::size_t c) { y[c] = y[c] + x[a] * w[b]; });
    return y;
  }

  Gradients backward(const Tensor& x, const Tensor& w, const Tensor& dy) const override {
    Gradients g{Tensor(x.size()), Tensor(w.size())};
    const std::size_t weights = w.size() - shape.outputs;
    for (std::size_t i = 0; i < dy.size(); ++i) {
      Dual& bias = g.parameters[weights + i % shape.outputs];
      bias = bias + dy[i];
    }
    for_each_tap(x.size() / in.size(), in, shape, [&](std::size_t a, std::size_t b, std::size_t c) {
      g.input[a] = g.input[a] + dy[c] * w[b];
      g.parameters[b] = g.parameters[b] + dy[c] * x[a];
    });
    return g;
  }

  ImageShape in;
  ConvolutionShape shape;
};

/// A 1x1 convolution of a 1x1 image.
inline Convolution linear(std::size_t inputs, std::size_t outputs) {
  return {{1, 1, inputs}, {.outputs = outputs, .kernel = 1}};
}

struct Relu final : Naive {
  Tensor forward(const Tensor& x, const Tensor&) const override {
    Tensor y = x;
    for (Dual& a : y) a = a.value > 0 ? a : Dual{};
    return y;
  }
  Gradients backward(const Tensor& x, const Tensor&, const Tensor& dy) const override {
    Gradients g{dy, {}};
    for (std::size_t i = 0; i < x.size(); ++i) g.input[i] = x[i].value > 0 ? dy[i] : Dual{};
    return g;
  }
};

struct Tanh final : Naive {
  Tensor forward(const Tensor& x, const Tensor&) const override {
    Tensor y = x;
    for (Dual& a : y) a = tanh(a);
    return y;
  }
  Gradients backward(const Tensor& x, const Tensor&, const Tensor& dy) const override {
    Gradients g{dy, {}};
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Dual y = tanh(x[i]);
      g.input[i] = (Dual{1, 0} - y * y) * dy[i];
    }
    return g;
  }
};

struct Flatten final : Naive {
  Tensor forward(const Tensor& x, const Tensor&) const override { return x; }
  Gradients backward(const Tensor&, const Tensor&, const Tensor& dy) const override {
    return {dy, {}};
  }
};

struct Pool final : Naive {
  enum class Kind { max, average };
  Pool(Kind pool_kind, Windows pool_windows) : kind(pool_kind), windows(pool_windows) {}

  /// f(y index, x indices of the window in row order)
  template <class F>
  void for_each(std::size_t examples, F f) const {
    const ImageShape in = windows.input;
    const ImageShape out = windows.output();
    for (std::size_t i = 0; i < examples * out.size(); ++i) {
      const std::size_t c = i % out.channels;
      const std::size_t column = i / out.channels % out.width;
      const std::size_t row = i / out.channels / out.width % out.height;
      const std::size_t n = i / out.size();
      std::vector<std::size_t> pixels;
      for (std::size_t k = 0; k < windows.height; ++k)
        for (std::size_t l = 0; l < windows.width; ++l) {
          const std::size_t y = row * windows.stride + k;  // counted from the padding's first row
          const std::size_t x = column * windows.stride + l;
          if (y < windows.padding || x < windows.padding) continue;
          if (y - windows.padding >= in.height || x - windows.padding >= in.width) continue;
          pixels.push_back(
              ((n * in.height + y - windows.padding) * in.width + x - windows.padding) *
                  in.channels +
              c);
        }
      f(i, pixels);
    }
  }

  /// How much of each pixel goes into the output.
  std::vector<double> shares(const Tensor& x, const std::vector<std::size_t>& pixels) const {
    if (kind == Kind::average) {
      return std::vector<double>(pixels.size(), 1.0 / static_cast<double>(pixels.size()));
    }
    std::size_t best = 0;
    for (std::size_t k = 1; k < pixels.size(); ++k) {
      if (x[pixels[k]].value > x[pixels[best]].value) best = k;
    }
    std::vector<double> one(pixels.size());
    one[best] = 1;
    return one;
  }

  Tensor forward(const Tensor& x, const Tensor&) const override {
    const std::size_t examples = x.size() / windows.input.size();
    Tensor y(examples * windows.output().size());
    for_each(examples, [&](std::size_t i, const std::vector<std::size_t>& pixels) {
      const auto share = shares(x, pixels);
      for (std::size_t k = 0; k < pixels.size(); ++k) y[i] = y[i] + Dual{share[k]} * x[pixels[k]];
    });
    return y;
  }

  Gradients backward(const Tensor& x, const Tensor&, const Tensor& dy) const override {
    Gradients g{Tensor(x.size()), {}};
    for_each(x.size() / windows.input.size(),
             [&](std::size_t i, const std::vector<std::size_t>& pixels) {
               const auto share = shares(x, pixels);
               for (std::size_t k = 0; k < pixels.size(); ++k) {
                 g.input[pixels[k]] = g.input[pixels[k]] + Dual{share[k]} * dy[i];
               }
             });
    return g;
  }

  Kind kind;
  Windows windows;
};

}  // namespace gapbench::nn::reference

#include "gapbench/layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include "gapbench/error.h"

namespace gapbench {
namespace {

constexpr double most_numbers = 2147483647;
constexpr std::size_t most_layers = 10000;
constexpr std::size_t deepest = 100;
constexpr std::size_t largest_side = 65536;  // of kernels, windows, strides, paddings

std::string text(Shape s) { return fmt::format("{}x{}x{}", s.height, s.width, s.channels); }

bool is_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  };
  return !name.empty() && std::ranges::all_of(name, fits) && name.front() != '.' &&
         name.back() != '.';
}

void require_name(const std::string& name, const char* kind) {
  if (is_name(name)) return;
  throw Error(kind, fmt::format("a layer's name is lower-case letters, digits, '_' and '.', as in "
                                "stage1.conv, got \"{}\"",
                                name));
}

void require_sides(const std::string& name, std::initializer_list<std::size_t> sides) {
  const std::size_t largest = std::max(sides);
  if (largest <= largest_side) return;
  throw Error(name, fmt::format("kernels, windows, strides and paddings are at most {}, got {}",
                                largest_side, largest));
}

void require_gain(const std::string& name, double gain) {
  if (std::isfinite(gain) && gain >= 0) return;
  throw Error(name, fmt::format("gain must be a number >= 0, got {}", gain));
}

/// Output extent of windows or kernels.
std::size_t extent(std::size_t input, std::size_t side, std::size_t stride, std::size_t padding) {
  return (input + 2 * padding - side) / stride + 1;
}

Shape pooled(Shape in, std::size_t side, std::size_t stride, std::size_t padding) {
  const char* where = "pool";
  require_sides(where, {side, stride, padding});
  if (side == 0 || stride == 0) throw Error(where, "window and stride must be at least 1, got 0");
  if (padding >= side) {
    throw Error(where, fmt::format("padding must be smaller than a window's side, got {} for {}x{}",
                                   padding, side, side));
  }
  if (in.height < side || in.width < side) {
    throw Error(
        where, fmt::format("a {0}x{0} window needs an input at least that large, got {1}x{2}", side,
                           in.height, in.width));
  }
  return {extent(in.height, side, stride, padding), extent(in.width, side, stride, padding),
          in.channels};
}

double numbers(Shape s) {
  return static_cast<double>(s.height) * static_cast<double>(s.width) *
         static_cast<double>(s.channels);
}

/// f(layer) for every line, those of residuals, too, in the order of their parameters.
template <class F>
void for_each_line(std::span<const layer::Any> lines, const F& f) {
  for (const layer::Any& line : lines) {
    f(line);
    if (const auto* residual = std::get_if<layer::Residual>(&line.is)) {
      for_each_line(residual->main, f);
      if (residual->shortcut) for_each_line(*residual->shortcut, f);
    }
  }
}

void require_begins_at(const std::string& name, const char* path, const Layers& layers, Shape in) {
  if (layers.input() == in) return;
  throw Error(name, fmt::format("the {} begins at {} in place of {}; begin it with branch()", path,
                                text(layers.input()), text(in)));
}

}  // namespace

Layers::Layers(Shape input) : input_(input), shape_(input) {
  if (input.size() == 0 || numbers(input) > most_numbers) {
    throw Error("input", fmt::format("must be at least 1x1x1, and at most {:.0f} numbers, got {}",
                                     most_numbers, text(input)));
  }
}

Layers& Layers::add(const std::string& name, layer::Any line, Shape output, Extent extent) {
  if (numbers(output) > most_numbers) {
    throw Error(name, fmt::format("an example may have at most {:.0f} numbers between two layers, "
                                  "got {}",
                                  most_numbers, text(output)));
  }
  if (static_cast<double>(parameters_) + extent.parameters > most_numbers) {
    throw Error(name, fmt::format("a network may have at most {:.0f} parameters", most_numbers));
  }
  if (count_ + extent.layers >= most_layers) {
    throw Error(name, fmt::format("a network may have at most {} layers", most_layers));
  }
  if (extent.nesting > deepest) {
    throw Error(name, fmt::format("residuals may lie in residuals at most {} deep", deepest));
  }
  lines_.push_back(std::move(line));
  shape_ = output;
  parameters_ += static_cast<std::size_t>(extent.parameters);
  count_ += extent.layers + 1;
  nesting_ = std::max(nesting_, extent.nesting);
  return *this;
}

Layers& Layers::convolution(std::string name, const ConvolutionShape& s, double gain) {
  require_name(name, "convolution");
  require_gain(name, gain);
  require_sides(name, {s.kernel, s.stride, s.padding});
  if (std::min({s.outputs, s.kernel, s.stride}) == 0) {
    throw Error(name, "kernel, stride and outputs must be at least 1, got 0");
  }
  if (std::min(shape_.height, shape_.width) + 2 * s.padding < s.kernel) {
    throw Error(name, fmt::format("a {0}x{0} kernel needs an input of at least {0} pixels a side, "
                                  "got {1}x{2} with padding {3}",
                                  s.kernel, shape_.height, shape_.width, s.padding));
  }
  const Shape output{extent(shape_.height, s.kernel, s.stride, s.padding),
                     extent(shape_.width, s.kernel, s.stride, s.padding), s.outputs};
  const auto outputs = static_cast<double>(s.outputs);
  const double weights = outputs * numbers({s.kernel, s.kernel, shape_.channels});
  return add(name, {layer::Convolution{name, s, gain}}, output,
             {.parameters = weights + (s.bias ? outputs : 0)});
}

Layers& Layers::linear(std::string name, std::size_t outputs, double gain, bool bias) {
  require_name(name, "linear");
  require_gain(name, gain);
  if (outputs == 0) throw Error(name, "needs at least 1 output, got 0");
  const auto width = static_cast<double>(outputs);
  return add(name, {layer::Linear{name, outputs, gain, bias}}, {1, 1, outputs},
             {.parameters = width * numbers(shape_) + (bias ? width : 0)});
}

Layers& Layers::activation(Activation kind) {
  if (kind != Activation::relu && kind != Activation::tanh) {
    throw Error("activation", fmt::format("is relu or tanh, got kind {}", static_cast<int>(kind)));
  }
  return add("activation", {layer::Activate{kind}}, shape_, {});
}

Layers& Layers::pool(Pooling kind, std::size_t side) {
  if (kind != Pooling::max && kind != Pooling::average) {
    throw Error("pool", fmt::format("is max or average, got kind {}", static_cast<int>(kind)));
  }
  return add("pool", {layer::Pool{kind, side, side, 0}}, pooled(shape_, side, side, 0), {});
}

Layers& Layers::max_pool(std::size_t side, std::size_t stride, std::size_t padding) {
  return add("pool", {layer::Pool{Pooling::max, side, stride, padding}},
             pooled(shape_, side, stride, padding), {});
}

Layers& Layers::global_average_pool() {
  return add("global_average_pool", {layer::GlobalAveragePool{}}, {1, 1, shape_.channels}, {});
}

Layers& Layers::adaptive_average_pool(std::size_t side) {
  const char* where = "adaptive_average_pool";
  if (side == 0 || side > std::min(shape_.height, shape_.width)) {
    throw Error(where, fmt::format("must give 1x1 up to its input's {}x{} pixels, got {}x{}",
                                   shape_.height, shape_.width, side, side));
  }
  return add(where, {layer::AdaptiveAveragePool{side}}, {side, side, shape_.channels}, {});
}

Layers& Layers::normalize(std::string name, const Norm& norm) {
  if (norm.kind == Norm::Kind::none) return *this;
  require_name(name, "normalization");
  if (norm.kind != Norm::Kind::batch && norm.kind != Norm::Kind::group) {
    throw Error(name, fmt::format("a normalization is batch, group or none, got kind {}",
                                  static_cast<int>(norm.kind)));
  }
  const bool is_group = norm.kind == Norm::Kind::group;
  if (is_group && (norm.groups == 0 || shape_.channels % norm.groups != 0)) {
    throw Error(name,
                fmt::format("{} channels cannot be split into {} groups; the number of groups "
                            "must divide the channels",
                            shape_.channels, norm.groups));
  }
  return add(name, {layer::Normalize{name, norm}}, shape_,
             {.parameters = 2 * static_cast<double>(shape_.channels)});
}

Layers& Layers::residual(std::string name, Layers main) {
  return add_residual(name, std::move(main), std::nullopt);
}

Layers& Layers::residual(std::string name, Layers main, Layers shortcut) {
  return add_residual(name, std::move(main), std::move(shortcut));
}

Layers& Layers::add_residual(const std::string& name, Layers main, std::optional<Layers> shortcut) {
  require_name(name, "residual");
  require_begins_at(name, "main path", main, shape_);
  if (shortcut) require_begins_at(name, "shortcut", *shortcut, shape_);
  if (shortcut && shortcut->lines_.empty()) shortcut.reset();
  if (main.parameters_ == 0) throw Error(name, "the main path of a residual needs parameters");
  const Shape other = shortcut ? shortcut->shape_ : shape_;
  if (main.shape_ != other) {
    throw Error(name,
                fmt::format("both paths must give the same shape, the main path gives {}, the "
                            "shortcut {}",
                            text(main.shape_), text(other)));
  }
  Extent extent{static_cast<double>(main.parameters_), main.count_, main.nesting_};
  layer::Residual line{name, std::move(main.lines_), std::nullopt};
  if (shortcut) {
    extent.parameters += static_cast<double>(shortcut->parameters_);
    extent.layers += shortcut->count_;
    extent.nesting = std::max(extent.nesting, shortcut->nesting_);
    line.shortcut = std::move(shortcut->lines_);
  }
  ++extent.nesting;
  return add(name, {std::move(line)}, other, extent);
}

Layers& Layers::flatten() { return add("flatten", {layer::Flatten{}}, {1, 1, shape_.size()}, {}); }

Layers& Layers::noise(std::string name) {
  require_name(name, "noise site");
  return add(name, {layer::Noise{name}}, shape_, {});
}

void require_side(const char* name, Shape input, std::size_t side) {
  if (std::min(input.height, input.width) >= side) return;
  throw Error(name, fmt::format("needs an input of at least {0}x{0} pixels, got {1}x{2}", side,
                                input.height, input.width));
}

namespace {

/// No two tensors and no two noise sites share a name.
void require_different_names(const std::string& network, const Layers& layers) {
  std::set<std::string_view> tensors;
  std::set<std::string_view> sites;
  const auto once = [&](auto& names, const std::string& name, const char* what) {
    if (names.insert(name).second) return;
    throw Error(network, fmt::format("two {} have the name \"{}\"", what, name));
  };
  for_each_line(layers.lines(), [&](const layer::Any& line) {
    if (const auto* l = std::get_if<layer::Convolution>(&line.is)) once(tensors, l->name, "layers");
    if (const auto* l = std::get_if<layer::Linear>(&line.is)) once(tensors, l->name, "layers");
    if (const auto* l = std::get_if<layer::Normalize>(&line.is)) once(tensors, l->name, "layers");
    if (const auto* l = std::get_if<layer::Noise>(&line.is)) once(sites, l->name, "noise sites");
  });
}

void require_whole(const std::string& network, const Layers& layers, Shape input,
                   std::size_t outputs) {
  if (layers.input() != input) {
    throw Error(network, fmt::format("was asked for an input of {} and begins at {}", text(input),
                                     text(layers.input())));
  }
  if (layers.shape() != Shape{1, 1, outputs}) {
    throw Error(network, fmt::format("must give 1x1x{0} for {0} outputs, gives {1}; end it with "
                                     "linear(\"output\", outputs, output_gain)",
                                     outputs, text(layers.shape())));
  }
  if (layers.parameters() == 0)
    throw Error(network, "has no parameters: there is nothing to train");
  require_different_names(network, layers);
}

}  // namespace

Layers describe_network(const std::string& network, NetworkBuilder* build, const Options& options,
                        Shape input, std::size_t outputs) {
  if (input.size() == 0) {
    throw Error(network, fmt::format("needs an input of at least 1x1x1, got {}", text(input)));
  }
  if (outputs == 0) throw Error(network, "needs at least 1 output, got 0");
  try {
    Layers layers = build(options, input, outputs);
    require_whole(network, layers, input, outputs);
    return layers;
  } catch (const Error& e) {
    if (e.where() == network || e.where().starts_with(network + ".")) throw;
    throw Error(network, e.what());
  }
}

std::vector<std::string> noise_sites(const Layers& layers) {
  std::vector<std::string> names;
  for_each_line(layers.lines(), [&](const layer::Any& line) {
    if (const auto* l = std::get_if<layer::Noise>(&line.is)) names.push_back(l->name);
  });
  return names;
}

}  // namespace gapbench

#include <fmt/format.h>

#include <string_view>

#include "gapbench/layers.h"

namespace gapbench {
namespace {

class Writer {
 public:
  void write(std::span<const layer::Any> lines, const std::string& margin) {
    for (const layer::Any& line : lines) {
      margin_ = margin;
      std::visit([this](const auto& l) { say(l); }, line.is);
    }
  }
  std::string text() && { return std::move(text_); }

 private:
  void put(std::string_view line) { text_ += fmt::format("{}{}\n", margin_, line); }

  void say(const layer::Convolution& l) {
    const ConvolutionShape& s = l.shape;
    put(fmt::format("{}: convolution {}x{}, {} outputs, stride {}, padding {}, {}, gain {}", l.name,
                    s.kernel, s.kernel, s.outputs, s.stride, s.padding, s.bias ? "bias" : "no bias",
                    l.gain));
  }
  void say(const layer::Linear& l) {
    put(fmt::format("{}: linear, {} outputs, {}, gain {}", l.name, l.outputs,
                    l.bias ? "bias" : "no bias", l.gain));
  }
  void say(const layer::Activate& l) { put(l.kind == Activation::relu ? "relu" : "tanh"); }
  void say(const layer::Pool& l) {
    put(fmt::format("{} pool {}x{}, stride {}, padding {}",
                    l.kind == Pooling::max ? "max" : "average", l.side, l.side, l.stride,
                    l.padding));
  }
  void say(const layer::GlobalAveragePool&) { put("global average pool"); }
  void say(const layer::AdaptiveAveragePool& l) {
    put(fmt::format("average pool to {}x{}", l.side, l.side));
  }
  void say(const layer::Flatten&) { put("flatten"); }
  void say(const layer::Normalize& l) {
    const Norm& n = l.norm;
    if (n.kind == Norm::Kind::group) {
      put(fmt::format("{}: group normalization, {} groups", l.name, n.groups));
    } else {
      put(fmt::format("{}: batch normalization over {}", l.name,
                      n.ghost > 0 ? fmt::format("{} examples", n.ghost) : "the micro-batch"));
    }
  }
  void say(const layer::Noise& l) { put(fmt::format("{}: noise site", l.name)); }
  void say(const layer::Residual& l) {
    const std::string outer = margin_;
    put(fmt::format("{}: sum of", l.name));
    write(l.main, outer + "  ");
    margin_ = outer;
    put(l.shortcut ? "and" : "and its input");
    if (l.shortcut) write(*l.shortcut, outer + "  ");
    margin_ = outer;
  }

  std::string margin_;
  std::string text_;
};

}  // namespace

std::string to_text(const Layers& layers) {
  const Shape s = layers.input();
  Writer writer;
  writer.write(layers.lines(), "");
  return fmt::format("input {}x{}x{}\n", s.height, s.width, s.channels) + std::move(writer).text();
}

}  // namespace gapbench

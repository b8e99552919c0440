#include "nn/layers/residual.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gapbench/error.h"
#include "nn/layers/sweeps.h"

namespace gapbench::nn {
namespace {

/// One path of the fork, from its own view of the input to its output.
struct Path {
  Flow input;
  Bound bound;
};

class ResidualStage final : public Stage {
 public:
  struct Sizes {
    std::size_t input;   ///< floats of x
    std::size_t output;  ///< floats of y
    std::vector<std::size_t> parameters;
  };

  /// y is the main path's output where that is the sum already or may be overwritten, else a flow
  /// of its own.
  ResidualStage(const Flow& x, const Flow& y, Path main, Path shortcut, Sizes sizes, bool joined)
      : x_(x),
        y_(y),
        main_(std::move(main)),
        shortcut_(std::move(shortcut)),
        sizes_(std::move(sizes)),
        joined_(joined) {}

  void forward(const Weights& w, Mode mode) override {
    if (has_layer()) shortcut_.bound.stage->forward(part(w, 1), mode);
    main().forward(part(w, 0), mode);
    join(main_.bound.output.value, shortcut_.bound.output.value, y_.value);
  }

  void backward(const Weights& w, std::span<float> out) override {
    pass(y_.cotangent, main_.bound.output.cotangent);
    main().backward(part(w, 0), main_part(out));
    if (has_layer()) {
      pass(y_.cotangent, shortcut_.bound.output.cotangent);
      shortcut_.bound.stage->backward(part(w, 1), shortcut_part(out));
    }
    meet(&Flow::cotangent);
  }

  void tangent_forward(const Weights& w, const Weights& v) override {
    if (has_layer()) shortcut_.bound.stage->tangent_forward(part(w, 1), part(v, 1));
    main().tangent_forward(part(w, 0), part(v, 0));
    join(main_.bound.output.tangent, shortcut_.bound.output.tangent, y_.tangent);
  }

  void tangent_backward(const Weights& w, const Weights& v, std::span<float> out) override {
    pass(y_.cotangent_tangent, main_.bound.output.cotangent_tangent);
    main().tangent_backward(part(w, 0), part(v, 0), main_part(out));
    if (has_layer()) {
      pass(y_.cotangent_tangent, shortcut_.bound.output.cotangent_tangent);
      shortcut_.bound.stage->tangent_backward(part(w, 1), part(v, 1), shortcut_part(out));
    }
    meet(&Flow::cotangent_tangent);
  }

 private:
  Stage& main() { return *main_.bound.stage; }
  bool has_layer() const noexcept { return shortcut_.bound.stage != nullptr; }
  std::span<float> main_part(std::span<float> out) const { return out.first(sizes_.parameters[0]); }
  std::span<float> shortcut_part(std::span<float> out) const {
    return out.subspan(sizes_.parameters[0]);
  }

  /// y = main + shortcut. A shortcut that does not vary has no tangent.
  void join(const float* main, const float* shortcut, float* y) const {
    if (joined_) return;
    if (main != y) std::copy_n(main, sizes_.output, y);
    if (shortcut != nullptr) sweep::add(shortcut, y, sizes_.output);
  }

  /// Hands dy to a path. A main path with a rectifier at its end leaves its mask in dy, so the
  /// shortcut is served after it.
  void pass(const float* dy, float* to) const {
    if (to != dy && to != nullptr) std::copy_n(dy, sizes_.output, to);
  }

  /// dx, which the main path has written, += what came through the shortcut.
  void meet(float* Flow::*kind) const {
    if (!x_.varies()) return;
    sweep::add(has_layer() ? shortcut_.input.*kind : y_.*kind, x_.*kind, sizes_.input);
  }

  Flow x_;
  Flow y_;
  Path main_;
  Path shortcut_;
  Sizes sizes_;
  bool joined_;
};

std::vector<std::unique_ptr<Layer>> both(std::unique_ptr<Layer> main,
                                         std::unique_ptr<Layer> shortcut) {
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(std::move(main));
  if (shortcut != nullptr) layers.push_back(std::move(shortcut));
  return layers;
}

std::string text(ImageShape s) { return fmt::format("{}x{}x{}", s.height, s.width, s.channels); }

}  // namespace

Residual::Residual(const std::string& name, ImageShape input, std::unique_ptr<Layer> main,
                   std::unique_ptr<Layer> shortcut)
    : input_(input),
      parts_(both(std::move(main), std::move(shortcut))),
      joined_(parts_[0].absorb(Ending::sum)) {
  if (parts_.sizes()[0] == 0) throw Error(name, "the main path of a residual needs parameters");
  const std::string by_main = text(parts_[0].output());
  const std::string by_shortcut = text(parts_.size() > 1 ? parts_[1].output() : input_);
  if (by_main == by_shortcut) return;
  throw Error(name, fmt::format("both paths must give the same shape, the main path gives {}, the "
                                "shortcut {}",
                                by_main, by_shortcut));
}

PassFlops Residual::flops(bool varies) const {
  PassFlops sum;
  for (std::size_t i = 0; i < parts_.size(); ++i) sum = sum + parts_[i].flops(varies);
  return sum;
}

bool Residual::absorb(Ending ending) {
  return joined_ && ending == Ending::rectifier && parts_[0].absorb(ending);
}

// The shortcut is bound first, since the main path may add it; statistics lie main path first.
Bound Residual::bind(const Plan& plan, const Flow& input, Bench& bench) const {
  const std::size_t size = output().size();
  Path main{input, {}};
  main.input.overwritable = false;  // the shortcut reads it
  Path shortcut{main.input, {nullptr, main.input}};
  const auto statistics = bench.take_statistics(parts_[0].buffers().size());
  if (parts_.size() > 1) {
    if (input.varies()) {  // cotangents of its own, to be added to the main path's
      shortcut.input.cotangent = bench.arena.floats(bench.examples * input_.size());
      shortcut.input.cotangent_tangent = bench.arena.floats(bench.examples * input_.size());
    }
    shortcut.bound = parts_[1].bind(part(plan, 1), shortcut.input, bench);
  }
  const auto rest = std::exchange(bench.statistics, statistics);
  if (joined_) bench.addend = &shortcut.bound.output;
  main.bound = parts_[0].bind(part(plan, 0), main.input, bench);
  bench.statistics = rest;
  const bool in_place = joined_ || main.bound.output.overwritable;
  const Flow y = in_place ? main.bound.output : bench.flow(size, true, true);
  ResidualStage::Sizes sizes{bench.examples * input_.size(), bench.examples * size, parts_.sizes()};
  return {std::make_unique<ResidualStage>(input, y, std::move(main), std::move(shortcut),
                                          std::move(sizes), joined_),
          y};
}

}  // namespace gapbench::nn

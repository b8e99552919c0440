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

struct Sizes {
  std::size_t input;   ///< numbers of x
  std::size_t output;  ///< numbers of y
  std::vector<std::size_t> parameters;
};

template <class T>
class ResidualStage final : public Stage {
 public:
  /// y is the main path's output where that is the sum already or may be overwritten, else a flow
  /// of its own.
  ResidualStage(const Flow& x, const Flow& y, Path main, Path shortcut, Sizes sizes, bool joined)
      : x_(view<T>(x)),
        y_(view<T>(y)),
        main_out_(view<T>(main.bound.output)),
        shortcut_in_(view<T>(shortcut.input)),
        shortcut_out_(view<T>(shortcut.bound.output)),
        main_(std::move(main.bound.stage)),
        shortcut_(std::move(shortcut.bound.stage)),
        sizes_(std::move(sizes)),
        varies_(x.varies()),
        joined_(joined) {}

  void forward(const Weights& w, Mode mode) override {
    if (has_layer()) shortcut_->forward(part(w, 1), mode);
    main_->forward(part(w, 0), mode);
    join(main_out_.value, shortcut_out_.value, y_.value);
  }

  void backward(const Weights& w, std::span<float> out) override {
    pass(y_.cotangent, main_out_.cotangent);
    main_->backward(part(w, 0), main_part(out));
    if (has_layer()) {
      pass(y_.cotangent, shortcut_out_.cotangent);
      shortcut_->backward(part(w, 1), shortcut_part(out));
    }
    meet(has_layer() ? shortcut_in_.cotangent : y_.cotangent, x_.cotangent);
  }

  void tangent_forward(const Weights& w, const Weights& v) override {
    if (has_layer()) shortcut_->tangent_forward(part(w, 1), part(v, 1));
    main_->tangent_forward(part(w, 0), part(v, 0));
    join(main_out_.tangent, shortcut_out_.tangent, y_.tangent);
  }

  void tangent_backward(const Weights& w, const Weights& v, std::span<float> out) override {
    pass(y_.cotangent_tangent, main_out_.cotangent_tangent);
    main_->tangent_backward(part(w, 0), part(v, 0), main_part(out));
    if (has_layer()) {
      pass(y_.cotangent_tangent, shortcut_out_.cotangent_tangent);
      shortcut_->tangent_backward(part(w, 1), part(v, 1), shortcut_part(out));
    }
    meet(has_layer() ? shortcut_in_.cotangent_tangent : y_.cotangent_tangent, x_.cotangent_tangent);
  }

  void add_example_norms(std::span<double> totals) override {
    main_->add_example_norms(totals);
    if (has_layer()) shortcut_->add_example_norms(totals);
  }

  void list_factors(std::vector<const KroneckerFactors*>& all) const override {
    main_->list_factors(all);
    if (has_layer()) shortcut_->list_factors(all);
  }

  void list_noise(std::vector<NoiseFactors*>& all) override {
    main_->list_noise(all);
    if (has_layer()) shortcut_->list_noise(all);
  }

  void list_gaussians(std::vector<GaussianPart*>& all) override {
    main_->list_gaussians(all);
    if (has_layer()) shortcut_->list_gaussians(all);
  }

 private:
  bool has_layer() const noexcept { return shortcut_ != nullptr; }
  std::span<float> main_part(std::span<float> out) const {
    return share(out, 0, sizes_.parameters[0]);
  }
  std::span<float> shortcut_part(std::span<float> out) const {
    return share(out, sizes_.parameters[0], sizes_.parameters[1]);
  }

  /// y = main + shortcut. A shortcut that does not vary has no tangent.
  void join(const T* main, const T* shortcut, T* y) const {
    if (joined_) return;
    if (main != y) std::copy_n(main, sizes_.output, y);
    if (shortcut != nullptr) sweep::add(shortcut, y, sizes_.output);
  }

  /// Hands dy to a path. A main path with a rectifier at its end leaves its mask in dy, so the
  /// shortcut is served after it.
  void pass(const T* dy, T* to) const {
    if (to != dy && to != nullptr) std::copy_n(dy, sizes_.output, to);
  }

  /// dx, which the main path has written, += what came through the shortcut.
  void meet(const T* from, T* dx) const {
    if (varies_) sweep::add(from, dx, sizes_.input);
  }

  View<T> x_, y_, main_out_, shortcut_in_, shortcut_out_;
  std::unique_ptr<Stage> main_, shortcut_;
  Sizes sizes_;
  bool varies_;
  bool joined_;
};

std::vector<std::unique_ptr<Layer>> both(std::unique_ptr<Layer> main,
                                         std::unique_ptr<Layer> shortcut) {
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(std::move(main));
  if (shortcut != nullptr) layers.push_back(std::move(shortcut));
  return layers;
}

std::string text(const ImageShape& s) {
  return fmt::format("{}x{}x{}{}{}", s.height, s.width, s.channels,
                     s.planes() > 1 ? " in blocks" : "",
                     s.precision == Precision::bf16 ? " in bf16" : "");
}

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

// The shortcut is bound first, since the main path may add it; statistics and factors lie main path
// first.
Bound Residual::bind(const Plan& plan, const Flow& input, Bench& bench) const {
  Path main{input, {}};
  main.input.overwritable = false;  // the shortcut reads it
  Path shortcut{main.input, {nullptr, main.input}};
  const auto statistics = bench.take_statistics(parts_[0].buffers().size());
  const auto factors = bench.take_factors(count(parts_[0].noise_sites()));
  if (parts_.size() > 1) {
    if (input.varies()) {  // cotangents of its own, to be added to the main path's
      shortcut.input.cotangent = bench.tensor(input_);
      shortcut.input.cotangent_tangent = bench.tensor(input_);
    }
    shortcut.bound = parts_[1].bind(part(plan, 1), shortcut.input, bench);
  }
  const auto rest = std::exchange(bench.statistics, statistics);
  const auto other_factors = std::exchange(bench.factors, factors);
  if (joined_) bench.addend = &shortcut.bound.output;
  main.bound = parts_[0].bind(part(plan, 0), main.input, bench);
  bench.statistics = rest;
  bench.factors = other_factors;
  const bool in_place = joined_ || main.bound.output.overwritable;
  const Flow y = in_place ? main.bound.output : bench.flow(output(), true, true);
  Sizes sizes{bench.examples * input_.size(), bench.examples * output().size(), parts_.sizes()};
  return {with_numbers(output().precision,
                       [&]<class T>(T) -> std::unique_ptr<Stage> {
                         return std::make_unique<ResidualStage<T>>(input, y, std::move(main),
                                                                   std::move(shortcut),
                                                                   std::move(sizes), joined_);
                       }),
          y};
}

}  // namespace gapbench::nn

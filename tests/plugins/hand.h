// What tests by hand need: one component from its library, and a step small enough for a pencil.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "paths.h"
#include "plugin/example.h"
#include "plugin/library.h"
#include "plugin/registry.h"

namespace gapbench::test {

/// The only component of a library of the build, never unloaded.
inline const Component& component(const std::string& library) {
  const auto path = std::filesystem::path(test::plugin_folder()) / (library + ".so");
  const auto loaded = plugin::Library::load(path);
  loaded.keep();
  return loaded.components().front();
}

inline Options options(const Component& c, const std::string& text) {
  const auto specs = plugin::options_of(c);
  return Options::resolve(c.about.name, specs, plugin::parse_example(c.about.name, specs, text));
}

/// F(w) = sum_i curvature/2 w_i^2 + slope_i w_i, whose gradient is curvature w_i + slope_i.
class PencilStep final : public Step {
 public:
  PencilStep(std::span<float> w, double curvature, std::vector<float> slope = {})
      : w_(w), curvature_(static_cast<float>(curvature)), slope_(std::move(slope)) {
    slope_.resize(w.size());
  }
  PencilStep& at_schedule(double factor) {
    schedule_ = factor;
    return *this;
  }
  PencilStep& at_index(std::uint64_t index) {
    index_ = index;
    return *this;
  }

  std::size_t dimension() const noexcept override { return w_.size(); }
  std::span<const TensorInfo> tensors() const noexcept override { return {}; }
  std::span<float> parameters() noexcept override { return w_; }
  std::span<const float> initial_parameters() const noexcept override { return {}; }
  double gradient(const At& at, std::span<float> out, std::span<float>) override {
    const std::span<const float> w = place(at);
    for (std::size_t i = 0; i < w.size(); ++i) out[i] = curvature_ * w[i] + slope_[i];
    return value(at);
  }
  double value(const At& at) override {
    const std::span<const float> w = place(at);
    double sum = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      sum += curvature_ / 2.0 * w[i] * w[i] + double{slope_[i]} * w[i];
    }
    return sum;
  }
  void hessian_vector(const At&, std::span<const float> v, std::span<float> out) override {
    for (std::size_t i = 0; i < v.size(); ++i) out[i] = curvature_ * v[i];
  }
  std::size_t micro_batches() const noexcept override { return 0; }
  void for_each_micro_batch(const At&,
                            const std::function<void(MicroBatch&, std::size_t)>&) override {}
  void mean_over(const At&, std::size_t, const MicroBatchTerm&, std::span<float>) override {}
  std::uint64_t index() const noexcept override { return index_; }
  double epoch() const noexcept override { return 0; }
  double schedule() const noexcept override { return schedule_; }
  std::size_t batch_size() const noexcept override { return 1; }
  std::size_t training_examples() const noexcept override { return 1; }
  Random random(std::string_view purpose) const override { return Random(0).at(purpose); }

 private:
  std::span<const float> place(const At& at) const {
    return at.parameters.empty() ? w_ : at.parameters;
  }

  std::span<float> w_;
  float curvature_;
  std::vector<float> slope_;
  double schedule_ = 1;
  std::uint64_t index_ = 0;
};

/// One weight tensor of this length.
inline std::vector<TensorInfo> tensors(std::size_t size) {
  return {{"weight", TensorKind::weight, {size}, 0, size}};
}

}  // namespace gapbench::test

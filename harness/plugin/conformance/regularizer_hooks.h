// The penalty hooks of a regularizer as functions of the parameters.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "gapbench/plugin.h"
#include "plugin/conformance/scenes.h"

namespace gapbench::plugin::conformance {

/// loss: the head in place of the loss on a micro-batch, a function of the parameters as penalties are.
enum class Hook { parameters, micro_batch, mini_batch, loss };

/// One regularizer at one scene. Every question is watched: Violation for a hook that writes past
/// the end of what it is given, or changes the parameters.
class RegularizerHooks {
 public:
  using AfterQuestion = std::function<void()>;

  RegularizerHooks(const Component& component, Scene scene, const OptionMap& change = {});

  /// As in a later step of a mini-batch of several micro-batches: at half the schedule.
  RegularizerHooks& amid_training() {
    place_ = {1, 4, 0.5};
    return *this;
  }

  struct Answer {
    double value = 0;
    Vector gradient;
    bool operator==(const Answer&) const = default;
  };

  /// On the k-th micro-batch or mini-batch, at w; the gradient holds `before` at first.
  Answer ask(
      Hook hook, std::uint32_t k, std::span<const float> w, const Vector& before,
      const AfterQuestion& after_question = [] {}) const;
  /// At the scene's own parameters, from a gradient of 0.
  Answer ask(Hook hook, std::uint32_t k = 0) const;
  /// With an empty gradient.
  double value(Hook hook, std::span<const float> w) const;

  /// Of the head in place of the loss, which may be null.
  std::unique_ptr<const Head> head() const;
  /// The product of its Hessian on the first micro-batch with v.
  Vector hessian_vector(const Head& head, std::span<const float> v) const;

  const Vector& w() const noexcept { return scene_.w; }
  std::span<const TensorInfo> tensors() const noexcept { return scene_.problem->tensors(); }
  const Regularizer& regularizer() const noexcept { return *regularizer_; }

 private:
  double call(Hook hook, std::uint32_t k, std::span<const float> w, std::span<float> gradient,
              const AfterQuestion& after_question) const;
  std::vector<std::uint32_t> batch(std::uint32_t k, std::size_t examples) const;

  Scene scene_;
  MicroBatch::Place place_;
  std::unique_ptr<Regularizer> regularizer_;
};

/// Those that the component overrides.
std::vector<Hook> penalty_hooks(const Component& component);

}  // namespace gapbench::plugin::conformance

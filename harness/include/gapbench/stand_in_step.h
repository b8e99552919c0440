// A step in front of another, for optimizers that hold an optimizer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "gapbench/export.h"
#include "gapbench/optimizer.h"

namespace gapbench {

/// Passes every question on to the step behind it, with the same At. Override what should differ
/// and hand it to the optimizer that you hold:
///
///   class Averaged final : public StandInStep {
///    public:
///     using StandInStep::StandInStep;
///     double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override;
///   };
///
/// All short forms of Step come down to the questions with an At, so overriding those is enough.
/// An optimizer that sees other tensors or a vector of another length (twice as many parameters,
/// say) gets them by overriding dimension, tensors and parameters; refuse the questions that then
/// make no sense. Holds no state: make one for each step. Cost: what is asked behind.
class GAPBENCH_API StandInStep : public Step {
 public:
  /// `step` must outlive it.
  explicit StandInStep(Step& step) noexcept : step_(step) {}
  ~StandInStep() override;

  std::size_t dimension() const noexcept override;
  std::span<const TensorInfo> tensors() const noexcept override;
  std::span<float> parameters() noexcept override;
  std::span<const float> initial_parameters() const noexcept override;
  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override;
  double value(const At& at) override;
  void hessian_vector(const At& at, std::span<const float> v, std::span<float> out) override;
  std::size_t micro_batches() const noexcept override;
  void for_each_micro_batch(const At& at,
                            const std::function<void(MicroBatch&, std::size_t)>& f) override;
  void mean_over(const At& at, std::size_t examples, const MicroBatchTerm& f,
                 std::span<float> out) override;
  std::uint64_t index() const noexcept override;
  double epoch() const noexcept override;
  double schedule() const noexcept override;
  std::size_t batch_size() const noexcept override;
  std::size_t training_examples() const noexcept override;
  Random random(std::string_view purpose) const override;

  using Step::for_each_micro_batch;
  using Step::gradient;
  using Step::hessian_vector;
  using Step::mean_over;

 protected:
  Step& step() noexcept { return step_; }
  const Step& step() const noexcept { return step_; }

 private:
  Step& step_;
};

/// Throws Error(method, ...) unless `found`, the parameters at the start of a step, are those that
/// `method` has left, NaNs aside. For methods that go on from iterates of their own: what another one
/// does to the parameters in between (one that holds it and decays or averages them) would be lost
/// without a word. Both [dimension].
GAPBENCH_API void require_unmoved(std::string_view method, std::span<const float> left,
                                  std::span<const float> found);

}  // namespace gapbench

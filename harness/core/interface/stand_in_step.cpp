#include "gapbench/stand_in_step.h"

#include <cmath>
#include <string>

#include "gapbench/error.h"

namespace gapbench {

StandInStep::~StandInStep() = default;

std::size_t StandInStep::dimension() const noexcept { return step_.dimension(); }

std::span<const TensorInfo> StandInStep::tensors() const noexcept { return step_.tensors(); }

std::span<float> StandInStep::parameters() noexcept { return step_.parameters(); }

std::span<const float> StandInStep::initial_parameters() const noexcept {
  return step_.initial_parameters();
}

double StandInStep::gradient(const At& at, std::span<float> out, std::span<float> by_variance) {
  return step_.gradient(at, out, by_variance);
}

double StandInStep::value(const At& at) { return step_.value(at); }

void StandInStep::hessian_vector(const At& at, std::span<const float> v, std::span<float> out) {
  step_.hessian_vector(at, v, out);
}

std::size_t StandInStep::micro_batches() const noexcept { return step_.micro_batches(); }

void StandInStep::for_each_micro_batch(const At& at,
                                       const std::function<void(MicroBatch&, std::size_t)>& f) {
  step_.for_each_micro_batch(at, f);
}

void StandInStep::mean_over(const At& at, std::size_t examples, const MicroBatchTerm& f,
                            std::span<float> out) {
  step_.mean_over(at, examples, f, out);
}

std::uint64_t StandInStep::index() const noexcept { return step_.index(); }

double StandInStep::epoch() const noexcept { return step_.epoch(); }

double StandInStep::schedule() const noexcept { return step_.schedule(); }

std::size_t StandInStep::batch_size() const noexcept { return step_.batch_size(); }

std::size_t StandInStep::training_examples() const noexcept { return step_.training_examples(); }

Random StandInStep::random(std::string_view purpose) const { return step_.random(purpose); }

void require_unmoved(std::string_view method, std::span<const float> left,
                     std::span<const float> found) {
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] == found[i] || std::isnan(left[i]) || std::isnan(found[i])) continue;
    throw Error(std::string(method),
                "goes on from iterates of its own, and another method has moved the parameters "
                "between its steps, which would be lost; a method that moves parameters itself "
                "(decoupled_decay, lookahead, graft) must not hold it");
  }
}

}  // namespace gapbench

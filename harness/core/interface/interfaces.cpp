// The out-of-line parts of the plugin interfaces: one vtable and one typeinfo each.
#include <cassert>

#include "gapbench/head.h"
#include "gapbench/micro_batch.h"
#include "gapbench/mini_batch.h"
#include "gapbench/optimizer.h"
#include "gapbench/probe.h"
#include "gapbench/problem.h"
#include "gapbench/regularizer.h"
#include "gapbench/state.h"

namespace gapbench {

Head::~Head() = default;
MicroBatch::~MicroBatch() = default;
MiniBatch::~MiniBatch() = default;
Step::~Step() = default;
Optimizer::~Optimizer() = default;
Regularizer::~Regularizer() = default;
Posterior::~Posterior() = default;
Snapshot::~Snapshot() = default;
Metrics::~Metrics() = default;
Probe::~Probe() = default;
Point::~Point() = default;
Passes::~Passes() = default;
Problem::~Problem() = default;
NoiseSource::~NoiseSource() = default;
State::~State() = default;

PrefixedState::PrefixedState(State& state, std::string prefix)
    : state_(state), prefix_(std::move(prefix)) {}
PrefixedState::~PrefixedState() = default;
void PrefixedState::field(std::string_view name, std::span<float> values) {
  state_.field(prefix_ + std::string(name), values);
}
void PrefixedState::field(std::string_view name, double& value) {
  state_.field(prefix_ + std::string(name), value);
}
void PrefixedState::field(std::string_view name, std::uint64_t& value) {
  state_.field(prefix_ + std::string(name), value);
}

std::unique_ptr<Point> Problem::make_point() const { return std::make_unique<Point>(); }

Sample sample_of(const Options& options) {
  return {.size = options.count("micro_batch"), .count = options.count("count"), .fixed = true};
}

// The harness calls overridden hooks only.
double Regularizer::penalize_micro_batch(MicroBatch&, std::span<float>) const {
  assert(false);
  return 0;
}

double Regularizer::penalize_mini_batch(MiniBatch&, std::span<float>) const {
  assert(false);
  return 0;
}

double Regularizer::penalize_parameters(const Parameters&, std::span<float>) const {
  assert(false);
  return 0;
}

void Regularizer::change_input(Shape, Random, std::span<float>) const { assert(false); }

double Regularizer::mix_input(Shape, Random, std::span<const float>, std::span<float>) const {
  assert(false);
  return 1;
}

void Regularizer::multiply_noise(const NoiseSite&, Random, std::span<float>) const {
  assert(false);
}

std::unique_ptr<const Head> Regularizer::replace_loss(const Head&) const {
  assert(false);
  return nullptr;
}

}  // namespace gapbench

#include "gapbench/chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/lengths.h"
#include "gapbench/error.h"
#include "gapbench/parameters.h"
#include "gapbench/probe.h"

namespace gapbench {

Chain::Chain(const Options& o, std::span<const TensorInfo> tensors)
    : burn_in_(o.count("burn_in")),
      every_(o.count("every")),
      first_(burn_in_ + every_),
      capacity_(o.count("capacity")) {
  for (const TensorInfo& tensor : tensors) size_ += tensor.size;
  states_.resize(capacity_ * size_);
}

void Chain::offer(std::span<const float> w) {
  require_length("Chain::offer", "w", w.size(), size_);
  ++steps_;
  if (steps_ <= burn_in_ || (steps_ - burn_in_) % every_ != 0) return;
  std::ranges::copy(w, state(kept_).begin());
  if (++kept_ == capacity_) thin();
}

// Draws stand at every_, 2 every_, ... after the burn-in: the even ones are those of 2 every_.
void Chain::thin() {
  for (std::size_t k = 1; k < capacity_; k += 2) {
    std::ranges::copy(state(k), state(k / 2).begin());
  }
  kept_ = capacity_ / 2;
  every_ *= 2;
}

void Chain::archive(State& state) {
  state.field("chain.steps", steps_);
  state.field("chain.every", every_);
  state.field("chain.kept", kept_);
  state.field("chain.states", states_);
}

void Chain::draw(std::size_t k, Random, std::span<float> w) const {
  require_length("Posterior::draw", "w", w.size(), size_);
  if (k >= kept_) {
    throw Error("chain", fmt::format("draw {} asked of {}; a longer training or a shorter burn_in "
                                     "gives more",
                                     k, kept_));
  }
  std::copy_n(states_.begin() + static_cast<std::ptrdiff_t>(k * size_), size_, w.begin());
}

void Chain::report(Metrics& metrics) const {
  metrics.add("kept", static_cast<double>(kept_), "draws");
  metrics.add("every", static_cast<double>(every_), "steps");
}

}  // namespace gapbench

// Regularizers under observation: which one has spoilt the objective, or the thread's arithmetic.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>

#include "train/noise.h"

namespace gapbench::train {

/// Puts a regularizer behind one that asks it in its place and looks at what it gives. Every hook
/// is passed on. A hook that changes the floating-point mode throws Error(name, ...). Not-finite
/// values are noted always, gradients in the first two steps, where looking at all of them is paid
/// for once: a penalty without a derivative at the start is found there.
/// Thread rule: hooks as Regularizer's; the rest by one thread.
class PenaltyWatch {
 public:
  /// The watch must outlive what it gives.
  Penalty watched(std::string name, Penalty penalty);

  void begin(std::uint64_t step) { looks_at_gradients_ = step < 2; }

  /// "the gradient of flat_norm is not finite": the first one of the regularizers, in their order.
  /// Where none is, "the loss". Empty without regularizers.
  std::string spoiler() const;

  struct Term {
    std::string name;
    std::atomic<bool> value = false;     ///< has been not finite
    std::atomic<bool> gradient = false;  ///< has been not finite where what it was given was
  };

 private:
  std::deque<Term> terms_;
  std::atomic<bool> looks_at_gradients_ = true;
};

}  // namespace gapbench::train

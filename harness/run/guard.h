// Exceptions of a trial as outcomes.
#pragma once

#include <cstdint>
#include <functional>

#include "train/trial.h"

namespace gapbench::run {

/// How far a trial was heard to be.
struct Heard {
  std::uint64_t step = 0;
  std::uint64_t steps = 0;
};

/// Calls the trial. std::bad_alloc becomes out_of_memory; Error and every other std::exception
/// become error with their text; both at the step heard last.
train::Outcome guarded(const Heard& heard, const std::function<train::Outcome()>& trial);

}  // namespace gapbench::run

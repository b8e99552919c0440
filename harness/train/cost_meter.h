// Where the time of a trial goes.
#pragma once

#include <cstdint>

#include "gapbench/state.h"
#include "train/trial.h"

namespace gapbench::train {

/// Wall and CPU seconds in buckets that sum to the total: at any moment exactly one bucket runs.
/// Steady clock; CPU seconds are those of the whole process.
class CostMeter {
 public:
  CostMeter();

  /// Books the time since the last call on the bucket that was running and starts `next`.
  void start(Cost::Bucket Cost::*next);
  /// The buckets and the total so far, and the peak resident memory of the process.
  Cost read();
  /// Adds what an earlier process spent on the same trial; the peak is the larger one.
  void add(const Cost& earlier);

 private:
  void book();

  Cost cost_;
  Cost::Bucket Cost::*running_ = &Cost::other;
  double wall_ = 0;
  double cpu_ = 0;
};

/// Every number of a cost, for a checkpoint.
void archive(State& state, Cost& cost);

/// Runs one bucket for the length of a scope, then goes back to `other`.
class Booked {
 public:
  Booked(CostMeter& meter, Cost::Bucket Cost::*bucket) : meter_(meter) { meter_.start(bucket); }
  Booked(const Booked&) = delete;
  Booked& operator=(const Booked&) = delete;
  ~Booked() { meter_.start(&Cost::other); }

 private:
  CostMeter& meter_;
};

}  // namespace gapbench::train

// The workers of one trial, and sums over micro-batches that do not depend on their number.
#pragma once

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/aligned.h"
#include "core/function_ref.h"
#include "gapbench/problem.h"
#include "train/oracle.h"

namespace gapbench::train {

/// Lanes of a sum over micro-batches: an upper bound on useful threads, and part of how sums are
/// rounded, so the same on every machine.
inline constexpr std::size_t reduction_lanes = 16;

/// Runs work on micro-batches side by side under TBB, one slot a thread. An exception in the work
/// ends the call and is rethrown to the caller.
class Team {
 public:
  Team(const Problem& problem, std::size_t threads, std::size_t dimension, std::size_t capacity);

  /// Calls f(slot, k) for k = 0 .. count-1, side by side, in any order.
  void for_each(std::size_t count, FunctionRef<void(Slot&, std::size_t)> f);

  /// Calls f where what it starts on TBB stays within the threads of this team.
  void within(FunctionRef<void()> f);

  /// out = sum_k weight(k) g_k, where f(slot, k, g) writes g_k, as long as out: of any length.
  /// The k are dealt to lanes in blocks, each lane adds its own in order, and lanes are added in
  /// order: the same bits on any number of threads. Memory: min(count, lanes) vectors of that length,
  /// kept.
  using Writer = FunctionRef<void(Slot&, std::size_t, std::span<float>)>;
  void sum(std::size_t count, FunctionRef<double(std::size_t)> weight, Writer f,
           std::span<float> out);

  /// Everything counted so far by all slots.
  PassCounts counts() const;

 private:
  void add_lanes(std::size_t lanes, FunctionRef<float(std::size_t)> weight, std::span<float> out);

  oneapi::tbb::global_control limit_;
  oneapi::tbb::task_arena arena_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<AlignedVector<float>> lanes_;
};

}  // namespace gapbench::train

// Keeps a number of worker processes busy until every task has ended.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "run/process.h"

namespace gapbench::run {

/// A worker at work.
struct Running {
  std::size_t task = 0;
  double seconds = 0;  ///< since its start
  std::uint64_t step = 0;
  std::uint64_t steps = 0;  ///< 0 until it has reported
  std::uint64_t first = 0;  ///< the step it began with; more than 0 where it goes on
};

/// A worker that has ended.
struct Ended {
  std::size_t task = 0;
  int status = 0;  ///< as wait() gives it
  bool timed_out = false;
  bool stopped = false;  ///< because this process was asked to stop
  /// It ended badly, and the kernel has counted a kill for want of memory: in its own control group,
  /// or SIGKILL came from neither of us.
  bool out_of_memory = false;
  double wall_seconds = 0;
  double cpu_seconds = 0;
  std::uint64_t peak_memory_bytes = 0;
  std::uint64_t step = 0;
  std::uint64_t steps = 0;
};

struct PoolOptions {
  std::vector<std::vector<int>> slots;  ///< the cores of each place for a worker
  std::optional<double> timeout_seconds;
  double grace_seconds = 10;  ///< between SIGTERM and SIGKILL
  /// How many processes the kernel has killed for want of memory so far.
  std::function<std::uint64_t()> oom_kills = [] { return std::uint64_t{0}; };
};

/// Whether a task may start.
enum class Turn {
  now,
  after_others,  ///< when another task has ended; where none is left, never
  later          ///< when something outside this process has ended: it is asked about once a second
};

/// What came of starting a task: a worker, or nothing where the caller has dealt with it; `later`
/// where it must be asked about again.
struct Started {
  std::optional<Child> child{};
  bool later = false;
};

/// Called on the calling thread.
struct PoolEvents {
  std::function<Started(std::size_t task, const std::vector<int>& cores)> start;
  /// All may start now where this is not set.
  std::function<Turn(std::size_t task)> turn;
  std::function<void(const Ended&)> ended;
  std::function<void(std::span<const Running>)> tick;  ///< about once a second
};

/// Runs tasks 0 .. tasks-1, the first that is ready first, as many side by side as there are slots.
/// The stop signals (unless ignored) are forwarded to the workers as SIGTERM and start no more
/// tasks; a second one, after a second or more, kills. Returns the signal that stopped it, or 0. Throws what the events
/// throw, after killing the workers.
int run_pool(std::size_t tasks, const PoolOptions& options, const PoolEvents& events);

}  // namespace gapbench::run

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
};

/// Called on the calling thread.
struct PoolEvents {
  /// Starts a task; returns nothing when that is not possible (the caller has noted it).
  std::function<std::optional<Child>(std::size_t task, const std::vector<int>& cores)> start;
  /// Whether a task may start yet; all may where this is not set. Asked again whenever another
  /// task has ended; tasks that never become ready are left out.
  std::function<bool(std::size_t task)> ready;
  std::function<void(const Ended&)> ended;
  std::function<void(std::span<const Running>)> tick;  ///< about once a second
};

/// Runs tasks 0 .. tasks-1, the first that is ready first, as many side by side as there are slots.
/// SIGINT, SIGTERM and SIGHUP (unless ignored) are forwarded to the workers as SIGTERM and start no
/// more tasks; a second one kills. Returns the signal that stopped it, or 0. Throws what the events
/// throw, after killing the workers.
int run_pool(std::size_t tasks, const PoolOptions& options, const PoolEvents& events);

}  // namespace gapbench::run

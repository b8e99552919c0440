// What a user sees while a suite runs.
#pragma once

#include <chrono>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "records/durations.h"
#include "records/record.h"
#include "run/pool.h"

namespace gapbench::run {

/// Seconds until all tasks are done, from how long like tasks took (records::alike). A task counts as
/// the mean of those most like it, in this run rather than before (`earlier`: perhaps beside others,
/// or on another machine). A running task reports itself; -1 where nothing is known.
class Forecast {
 public:
  explicit Forecast(std::span<const records::Record> tasks,
                    std::span<const records::Record> earlier = {});

  void finished(std::size_t task, double seconds);
  /// `waiting`: the tasks not started yet. `slots`: workers side by side.
  double remaining(std::span<const Running> running, std::span<const std::size_t> waiting,
                   std::size_t slots) const;

 private:
  double expected(std::size_t task) const;

  std::vector<records::Alike> names_;  ///< of the tasks
  records::Durations now_;
  records::Durations earlier_;
};

/// One line a finished trial on standard output; a bar below them on a terminal.
class Progress {
 public:
  /// `earlier`: see Forecast.
  Progress(std::span<const records::Record> tasks, std::span<const records::Record> earlier,
           std::size_t slots, bool quiet);

  void started(std::size_t task);
  void finished(std::size_t task, const records::Record& record, double seconds);
  void tick(std::span<const Running> running);
  /// Removes the bar, so that other text can follow.
  void clear();
  /// The bar in at most `width` - 1 columns: "[####----] 3/8, 1 not ok  2 running  ETA 12.3 s". An
  /// interrupted trial is not done.
  std::string bar(std::size_t width) const;

 private:
  std::string eta() const;
  void draw();

  std::span<const records::Record> tasks_;
  std::size_t slots_;
  bool quiet_;
  bool bar_;
  Forecast forecast_;
  std::vector<std::size_t> waiting_;
  std::vector<Running> running_;
  std::size_t done_ = 0;    ///< ended, but not interrupted
  std::size_t failed_ = 0;  ///< of them not ok
};

}  // namespace gapbench::run

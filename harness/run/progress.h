// What a user sees while a suite runs.
#pragma once

#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "run/pool.h"
#include "run/record.h"

namespace gapbench::run {

/// "12.3 s", "3 min 12 s", "2 h 05 min".
std::string duration_text(double seconds);

/// "cifar10 cnn3 sgd seed 1"; data set and network as the record's folder names them, which tells
/// apart those that differ in their settings only.
std::string trial_text(const Record& record);

/// Seconds until all tasks are done, from how long like tasks took. Alike are those that differ in
/// nothing but the seed and the rates and strengths of optimizers and regularizers; else those of
/// the same data set and network; else all. A task counts as the mean of those most like it, in
/// this run rather than before (`earlier`: perhaps beside others, or on another machine). A running
/// task reports itself; -1 where nothing is known.
class Forecast {
 public:
  explicit Forecast(std::span<const Record> tasks, std::span<const Record> earlier = {});

  void finished(std::size_t task, double seconds);
  /// `waiting`: the tasks not started yet. `slots`: workers side by side.
  double remaining(std::span<const Running> running, std::span<const std::size_t> waiting,
                   std::size_t slots) const;

 private:
  struct Mean {
    double sum = 0;
    double count = 0;

    void add(double seconds) {
      sum += seconds;
      count += 1;
    }
    double mean() const { return sum / count; }
  };
  /// By how alike tasks are, most first; equal for tasks that are.
  using Names = std::array<std::string, 3>;
  using Means = std::map<std::string, Mean>;

  static Names names_of(const Record& record);
  double expected(std::size_t task) const;

  std::vector<Names> names_;  ///< of the tasks
  Means now_;
  Means earlier_;
};

/// One line a finished trial on standard output; a bar below them on a terminal.
class Progress {
 public:
  /// `earlier`: see Forecast.
  Progress(std::span<const Record> tasks, std::span<const Record> earlier, std::size_t slots,
           bool quiet);

  void started(std::size_t task);
  void finished(std::size_t task, const Record& record, double seconds);
  void tick(std::span<const Running> running);
  /// Removes the bar, so that other text can follow.
  void clear();

 private:
  std::string eta() const;
  void draw();

  std::span<const Record> tasks_;
  std::size_t slots_;
  bool quiet_;
  bool bar_;
  Forecast forecast_;
  std::vector<std::size_t> waiting_;
  std::vector<Running> running_;
  std::size_t done_ = 0;
};

}  // namespace gapbench::run

// What a user sees while a suite runs.
#pragma once

#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "records/record.h"
#include "run/pool.h"

namespace gapbench::run {

/// Seconds until all tasks are done, from how long like tasks took. Alike are those that differ in
/// nothing but the seed and the rates and strengths of optimizers and regularizers; else those of
/// the same data set and network; else all. A task counts as the mean of those most like it, in
/// this run rather than before (`earlier`: perhaps beside others, or on another machine). A running
/// task reports itself; -1 where nothing is known.
class Forecast {
 public:
  explicit Forecast(std::span<const records::Record> tasks,
                    std::span<const records::Record> earlier = {});

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

  static Names names_of(const records::Record& record);
  double expected(std::size_t task) const;

  std::vector<Names> names_;  ///< of the tasks
  Means now_;
  Means earlier_;
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
  std::size_t done_ = 0;
};

}  // namespace gapbench::run

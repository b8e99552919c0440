#include "run/attempt.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/checkpoint.h"
#include "records/trajectory.h"
#include "run/environment.h"
#include "run/guard.h"
#include "run/process.h"

namespace gapbench::run {
namespace {

/// Tells the parent how far the trial is, after every step, in a file in memory: what is written
/// there is known even when the next step is the end of this process.
class Reporter {
 public:
  Reporter() {
    const char* given = std::getenv(progress_variable);
    if (given == nullptr) return;
    fd_ = std::atoi(given);
    unsetenv(progress_variable);
  }

  void goes_on(std::uint64_t step) { first_ = step; }

  void report(std::uint64_t step, std::uint64_t steps) {
    if (fd_ < 0) return;
    std::array<char, 3 * 21> line{};  // of one length: each covers the one before
    fmt::format_to_n(line.data(), line.size(), "{:>20} {:>20} {:>20}\n", step, steps, first_);
    if (pwrite(fd_, line.data(), line.size(), 0) < 0) fd_ = -1;
  }

 private:
  int fd_ = -1;
  std::uint64_t first_ = 0;
};

/// Saves the state now and then; what cannot be saved costs a line in the log, not the trial.
class Saver {
 public:
  explicit Saver(const Attempt& attempt)
      : a_(attempt), pace_(attempt.options.checkpoint_seconds, Clock::now()) {}

  bool is_due() { return pace_.is_due(Clock::now()); }

  void save(records::Checkpoint checkpoint, std::span<const float> lengths,
            std::string_view state) {
    try {
      checkpoint.history_sha256 = a_.writer.synced_history();
      if (a_.settings.record_steps) {
        a_.writer.write_steps(lengths);
        checkpoint.steps_sha256 = records::steps_hash(lengths);
      }
      records::write_checkpoint(a_.options.folder, a_.record, checkpoint, state);
    } catch (const Error& e) {
      std::fprintf(stderr, "no checkpoint: %s\n", e.what());
    }
    pace_.saved(Clock::now());
  }

 private:
  using Clock = std::chrono::steady_clock;

  const Attempt& a_;
  records::CheckpointPace pace_;
};

/// A trial at work: what its observer keeps and writes.
class Work {
 public:
  explicit Work(const Attempt& a) : a_(a), saver_(a) {
    if (auto found = records::read_checkpoint(a.options.folder, a.record))
      take_up(std::move(*found));
  }

  train::Outcome run() {
    const auto handed = records::read_handed_over(a_.settings, a_.options.folder);
    const train::Observer heard = observer();
    return guarded(heard_, [&] {
      return train::run_trial(a_.settings, a_.plugins, a_.options.data_root, heard, handed,
                              std::move(from_));
    });
  }

 private:
  void take_up(records::FoundCheckpoint found) {
    if (found.why_not.empty() && a_.settings.record_steps) take_up_lengths(found);
    if (found.why_not.empty()) from_.last = a_.writer.go_on(found.checkpoint);
    if (!from_.last) {
      if (found.why_not.empty()) found.why_not = "its history is not all there";
      std::fprintf(stderr, "starts over: there is a checkpoint, but %s\n", found.why_not.c_str());
      lengths_.clear();
      a_.writer.clear();
      return;
    }
    from_.state = std::move(found.state);
    before_ = std::max(found.checkpoint.seconds, from_.last->cost.total.wall_seconds);
    evaluations_ = found.checkpoint.evaluations;
    heard_ = {found.checkpoint.step, found.checkpoint.steps};
    reporter_.goes_on(heard_.step);
    reporter_.report(heard_.step, heard_.steps);
    std::fprintf(stderr, "goes on from step %llu\n",
                 static_cast<unsigned long long>(found.checkpoint.step));
  }

  void take_up_lengths(records::FoundCheckpoint& found) {
    try {
      lengths_ = records::read_steps(a_.options.folder);
    } catch (const SystemError&) {
      throw;
    } catch (const Error&) {
      lengths_.clear();
    }
    if (lengths_.size() < found.checkpoint.step) found.why_not = "its steps are not all there";
    lengths_.resize(std::min<std::size_t>(lengths_.size(), found.checkpoint.step));
    const std::string& due = found.checkpoint.steps_sha256;
    if (found.why_not.empty() && !due.empty() && records::steps_hash(lengths_) != due) {
      found.why_not = "its steps are no longer what they were";
    }
  }

  train::Observer observer() {
    train::Observer observer;
    observer.evaluated = [this](const train::Evaluation& e) {
      a_.home.require_lease(a_.options.folder);
      a_.writer.append(e);
      ++evaluations_;
    };
    observer.stepped = [this](std::uint64_t step, std::uint64_t steps) {
      a_.home.leave_if_copied();
      heard_ = {step, steps};
      reporter_.report(step, steps);
    };
    observer.interrupted = a_.interrupted;
    if (a_.settings.record_steps) {
      observer.moved = [this](float length) { lengths_.push_back(length); };
    }
    if (a_.settings.record_end || (a_.settings.keep.parameters && !a_.settings.tuning)) {
      observer.end_point = [this](const Problem& problem, std::span<const float> w,
                                  std::span<const float> statistics) {
        a_.writer.write_end(w, statistics);
        a_.writer.write_end_layout(records::layout_of(problem.tensors(), statistics.size()));
      };
    }
    if (a_.settings.keep.outcomes) {
      observer.outcomes = [this](std::span<const train::ExampleOutcome> outcomes) {
        a_.home.require_lease(a_.options.folder);
        a_.writer.write_outcomes(outcomes);
      };
    }
    if (a_.settings.keep.predictions) {
      observer.predictions = [this](std::span<const float> probabilities) {
        a_.home.require_lease(a_.options.folder);
        a_.writer.write_predictions(probabilities);
      };
    }
    observer.checkpoint_due = [this] { return saver_.is_due(); };
    observer.checkpoint = [this](std::uint64_t step, std::string_view state) {
      a_.home.require_lease(a_.options.folder);
      saver_.save({step, heard_.steps, evaluations_, seconds()}, lengths_, state);
    };
    observer.ended = [this](const train::Outcome& outcome) {
      a_.home.require_lease(a_.options.folder);
      if (a_.settings.record_steps) a_.writer.write_steps(lengths_);
      a_.ended(outcome, a_.settings.record_steps ? records::steps_hash(lengths_) : "");
    };
    return observer;
  }

  /// Spent on the trial so far, by this process and those before it.
  double seconds() const {
    const std::chrono::duration<double> own = std::chrono::steady_clock::now() - start_;
    return before_ + own.count();
  }

  const Attempt& a_;
  Saver saver_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double before_ = 0;
  Reporter reporter_;
  Heard heard_;
  std::vector<float> lengths_;
  std::uint64_t evaluations_ = 0;
  train::Continuation from_;
};

}  // namespace

train::Outcome attempt(const Attempt& attempt) {
  Work work(attempt);
  attempt.writer.write_environment(
      environment_json(attempt.settings, attempt.plugins, attempt.options.shared_machine));
  return work.run();
}

}  // namespace gapbench::run

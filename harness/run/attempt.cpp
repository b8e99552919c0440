#include "run/attempt.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "gapbench/error.h"
#include "records/checkpoint.h"
#include "records/trajectory.h"
#include "run/environment.h"
#include "run/guard.h"
#include "run/process.h"

namespace gapbench::run {
namespace {

/// Tells the parent how far the trial is, at most ten times a second.
class Reporter {
 public:
  Reporter() {
    const char* given = std::getenv(progress_variable);
    if (given == nullptr) return;
    fd_ = std::atoi(given);
    unsetenv(progress_variable);
    fcntl(fd_, F_SETFL, O_NONBLOCK);  // a parent that does not read must not stop the trial
  }

  void goes_on(std::uint64_t step) { first_ = step; }

  void report(std::uint64_t step, std::uint64_t steps) {
    const auto now = std::chrono::steady_clock::now();
    if (fd_ < 0 || (step != steps && now - last_ < std::chrono::milliseconds(100))) return;
    last_ = now;
    const std::string line = fmt::format("{} {} {}\n", step, steps, first_);
    if (write(fd_, line.data(), line.size()) < 0 && errno == EPIPE) fd_ = -1;
  }

 private:
  int fd_ = -1;
  std::uint64_t first_ = 0;
  std::chrono::steady_clock::time_point last_{};
};

/// Saves the state now and then; what cannot be saved costs a line in the log, not the trial.
class Saver {
 public:
  Saver(const WorkerOptions& options, const records::Record& record)
      : folder_(options.folder), record_(record), pace_(options.checkpoint_seconds, Clock::now()) {}

  bool is_due() { return pace_.is_due(Clock::now()); }

  /// `steps` writes the lengths so far; null where they are not recorded.
  void save(records::RecordWriter* steps, std::span<const float> lengths,
            const records::Checkpoint& checkpoint, std::string_view state) {
    try {
      if (steps != nullptr) steps->write_steps(lengths);
      records::write_checkpoint(folder_, record_, checkpoint, state);
    } catch (const Error& e) {
      std::fprintf(stderr, "no checkpoint: %s\n", e.what());
    }
    pace_.saved(Clock::now());
  }

 private:
  using Clock = std::chrono::steady_clock;

  const std::filesystem::path& folder_;
  const records::Record& record_;
  records::CheckpointPace pace_;
};

/// A trial at work: what its observer keeps and writes.
class Work {
 public:
  explicit Work(const Attempt& a) : a_(a), saver_(a.options, a.record) {
    if (auto found = records::read_checkpoint(a.options.folder, a.record))
      take_up(std::move(*found));
  }

  train::Outcome run() {
    const auto handed = records::read_handed_over(a_.settings, a_.options.folder);
    const train::Observer heard = observer();
    auto outcome = guarded(heard_, [&] {
      return train::run_trial(a_.settings, a_.plugins, a_.options.data_root, heard, handed,
                              std::move(from_));
    });
    if (a_.settings.record_steps) a_.writer.write_steps(lengths_);
    return outcome;
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
    } catch (const Error&) {
      lengths_.clear();
    }
    if (lengths_.size() < found.checkpoint.step) found.why_not = "its steps are not all there";
    lengths_.resize(std::min<std::size_t>(lengths_.size(), found.checkpoint.step));
  }

  train::Observer observer() {
    train::Observer observer;
    observer.evaluated = [this](const train::Evaluation& e) {
      a_.writer.append(e);
      ++evaluations_;
    };
    observer.stepped = [this](std::uint64_t step, std::uint64_t steps) {
      heard_ = {step, steps};
      reporter_.report(step, steps);
    };
    observer.interrupted = a_.interrupted;
    if (a_.settings.record_steps) {
      observer.moved = [this](float length) { lengths_.push_back(length); };
    }
    if (a_.settings.record_end) {
      observer.ended = [this](std::span<const float> w, std::span<const float> statistics) {
        a_.writer.write_end(w, statistics);
      };
    }
    observer.checkpoint_due = [this] { return saver_.is_due(); };
    observer.checkpoint = [this](std::uint64_t step, std::string_view state) {
      saver_.save(a_.settings.record_steps ? &a_.writer : nullptr, lengths_,
                  {step, heard_.steps, evaluations_}, state);
    };
    return observer;
  }

  const Attempt& a_;
  Saver saver_;
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

#include "run/ending.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <optional>

#include "core/file.h"
#include "core/isolated.h"
#include "gapbench/error.h"
#include "run/home.h"
#include "run/process.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;
using train::Status;

/// The worker's own summary, if it is whole and about this trial.
std::optional<records::Record> own_summary(const fs::path& folder, const std::string& identity) {
  if (!is_there(folder / "summary.json")) return std::nullopt;
  try {
    records::Record record = records::read_record(folder);
    if (record.identity == identity) return record;
  } catch (const SystemError&) {
    throw;
  } catch (const Error&) {  // damaged: as good as none, and about to be replaced
  }
  return std::nullopt;
}

std::string log_text(const fs::path& folder) {
  const std::string line = last_line(folder / "log.txt");
  return line.empty() ? "its log is empty" : line;
}

struct Failure {
  Status status;
  std::string reason;
};

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{:.0f} MB", static_cast<double>(bytes) / 1e6);
}

/// A worker that dies of an exception that nobody catches: noexcept, or a thread of a plugin.
bool died_of_bad_alloc(int signal, const std::string& words) {
  return signal == SIGABRT && words.find("bad_alloc") != std::string::npos;
}

Failure out_of_memory(const Ended& ended, const fs::path& folder) {
  const char* who = WIFSIGNALED(ended.status) ? "" : "a process that it started was ";
  return {Status::out_of_memory,
          fmt::format("{}killed by the system for want of memory; it held {} at most: {}", who,
                      megabytes(ended.peak_memory_bytes), log_text(folder))};
}

Failure killed(const Ended& ended, const fs::path& folder) {
  const int signal = WTERMSIG(ended.status);
  const std::string words = log_text(folder);
  if (died_of_bad_alloc(signal, words)) {
    return {Status::out_of_memory, fmt::format("the system refused memory: {}", words)};
  }
  const char* who = signal == SIGKILL ? " (killed from outside, not for want of memory)" : "";
  return {Status::crashed, signal_name(signal) + who + ": " + words};
}

Failure failure(const Ended& ended, const fs::path& folder, double timeout_seconds) {
  if (ended.timed_out) return {Status::timeout, fmt::format("over {} s", timeout_seconds)};
  if (ended.stopped) return {Status::interrupted, "the run was stopped"};
  if (ended.out_of_memory) return out_of_memory(ended, folder);
  if (WIFSIGNALED(ended.status)) return killed(ended, folder);
  const int code = WEXITSTATUS(ended.status);
  if (code == exit_refused || code == exit_lease_lost) {
    return {Status::interrupted, log_text(folder)};
  }
  if (code == 0) return {Status::error, "worker ended without a summary: " + log_text(folder)};
  return {Status::error, fmt::format("worker ended with code {}: {}", code, log_text(folder))};
}

/// The worker could not say what it cost: all that is known from outside goes to `other`.
void book_from_outside(const Ended& ended, train::Cost& cost) {
  cost.other = cost.total = {ended.wall_seconds, ended.cpu_seconds};
  cost.peak_memory_bytes = ended.peak_memory_bytes;
}

}  // namespace

Ending judge(const Ended& ended, const records::Record& planned, const fs::path& folder,
             double timeout_seconds) {
  Ending ending{planned, true};
  records::Record& record = ending.record;
  if (auto own = own_summary(folder, planned.identity)) {
    record = std::move(*own);
    ending.rewrite = false;
    if (ended.timed_out && record.outcome.status == Status::interrupted) {
      record.outcome.status = Status::timeout;
      record.outcome.reason = fmt::format("over {} s", timeout_seconds);
      ending.rewrite = true;
    }
    if (WIFSIGNALED(ended.status)) {
      record.outcome.notes.push_back("the worker crashed after its result: " +
                                     signal_name(WTERMSIG(ended.status)));
      ending.rewrite = true;
    }
  } else {
    auto [status, reason] = failure(ended, folder, timeout_seconds);
    record.outcome.status = status;
    record.outcome.reason = std::move(reason);
    ending.may_go_on = WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGKILL;
    record.outcome.step = ended.step;
    record.outcome.steps = ended.steps;
  }
  if (record.outcome.cost.total.wall_seconds <= 0) {
    book_from_outside(ended, record.outcome.cost);
    ending.rewrite = true;
  }
  return ending;
}

}  // namespace gapbench::run

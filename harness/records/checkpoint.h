// The state of a trial on disk, so that one that is cut off goes on where it was.
//
//   checkpoint = "gapbench-checkpoint 1\n"  stamp (one line of JSON)  "\n"  state
//
// The stamp names the trial's identity, the build and the plugins that made it, its step, the
// number of evaluations before it, the seconds spent so far, and the SHA-256 of the state and of the
// files that it goes on with: the lines of history.jsonl, and steps.f32 where there is one.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "records/record.h"

namespace gapbench::records {

inline constexpr const char* checkpoint_file = "checkpoint";

struct Checkpoint {
  std::uint64_t step = 0;
  std::uint64_t steps = 0;        ///< of the whole trial
  std::uint64_t evaluations = 0;  ///< lines of history.jsonl that belong to it
  // Empty or negative in a checkpoint that does not say.
  double seconds = -1;  ///< wall, spent on the trial so far
  std::string history_sha256{};
  std::string steps_sha256{};
};

/// When to save: `between` seconds after the last time, and not before what saving took is 1 % of
/// the time since.
class CheckpointPace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  CheckpointPace(double between, Time start) : between_(between), last_(start) {}

  /// True is an announcement: the state is gathered and saved next, and saved() called.
  bool is_due(Time now);
  void saved(Time now);

 private:
  using Seconds = std::chrono::duration<double>;

  Seconds between_;
  Seconds taken_{0};
  std::optional<Time> begun_;
  Time last_;
};

/// Replaces the folder's checkpoint, atomically. Throws Error when it cannot be written.
void write_checkpoint(const std::filesystem::path& folder, const Record& record,
                      const Checkpoint& checkpoint, std::string_view state);

struct FoundCheckpoint {
  Checkpoint checkpoint;
  std::string state;    ///< as train::Observer::checkpoint gave it
  std::string why_not;  ///< why the trial cannot go on from it; empty where it can
};

/// The folder's checkpoint, if there is one. A trial can go on from one of the same identity, build
/// and plugins: otherwise its bits would depend on where it was cut off.
std::optional<FoundCheckpoint> read_checkpoint(const std::filesystem::path& folder,
                                               const Record& record);

/// Where the checkpoint in the folder stands; nothing where there is none or it cannot be read.
/// Reads the stamp alone.
std::optional<Checkpoint> peek_checkpoint(const std::filesystem::path& folder);

}  // namespace gapbench::records

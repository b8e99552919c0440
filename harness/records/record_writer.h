// Writes one record, in the order that makes it safe: the summary last.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/file.h"
#include "records/checkpoint.h"
#include "records/parameters.h"
#include "records/record_json.h"

namespace gapbench::records {

/// Removes what an earlier attempt left in the folder, the mark of a finished trial first.
/// Keeps trial.yaml, log.txt and files that are not ours. Throws Error.
void clear_record(const std::filesystem::path& folder);

enum class Earlier { clear, keep_checkpointed };

/// Every method throws Error with the file and the system's reason when it cannot write.
class RecordWriter {
 public:
  /// Creates the folder where it is missing and clears an earlier attempt, unless that left a
  /// checkpoint that is to be kept: then only the mark of a finished trial goes.
  explicit RecordWriter(std::filesystem::path folder, Earlier earlier = Earlier::clear);

  /// Keeps of an earlier attempt what a checkpoint goes on from: the first `evaluations` of its
  /// history. Returns the last of those evaluations;
  /// nothing, and all is cleared, where they are not all there, or no longer what they were.
  std::optional<train::Evaluation> go_on(const Checkpoint& checkpoint);
  void clear();
  /// Whether an earlier attempt that this one goes on from shared its machine.
  bool was_shared() const;

  void write_trial(const std::string& yaml);
  /// Of a trial that goes on, the environment is added to those before it, as `continued`.
  void write_environment(const Json& environment);
  /// Appends one line to history.jsonl and one to timing.jsonl; both are flushed on return.
  void append(const train::Evaluation& evaluation);
  /// The SHA-256 of history.jsonl so far, which is on disk then: for a checkpoint.
  std::string synced_history() const;
  /// Writes steps.f32: the length of every step, little-endian floats and nothing else.
  void write_steps(std::span<const float> lengths);
  /// Writes end.f32: parameters and running statistics, see end_file.
  void write_end(std::span<const float> parameters, std::span<const float> statistics);
  /// Writes end.json: what end.f32 is made of.
  void write_end_layout(const std::vector<NamedTensor>& tensors);
  void write_outcomes(std::span<const train::ExampleOutcome> outcomes);
  /// Writes predictions.f32: see predictions.h.
  void write_predictions(std::span<const float> probabilities);
  /// Brings the histories to the disk and writes summary.json, with the hashes of the files kept
  /// beside the numbers: from now on the trial counts as finished. Of a trial that did not end well
  /// those files are removed.
  void finish(Record record);

 private:
  void append_line(GrowingFile& file, const char* name, const Json& line);

  std::filesystem::path folder_;
  Json earlier_;  ///< environment.json of the attempts before this one
  GrowingFile history_;
  GrowingFile timing_;
};

/// Whether a trial of this end may go on where it was: it was stopped, or got too little time or
/// memory.
bool may_go_on(train::Status status);

/// Writes `record` as the folder's summary.json, atomically, and removes what is left of writers that
/// died. A trial that cannot go on needs no checkpoint: it is removed, unless `keep_checkpoint`.
void write_summary(const std::filesystem::path& folder, const Record& record,
                   bool keep_checkpoint = false);

}  // namespace gapbench::records

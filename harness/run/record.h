// Records: what a trial leaves on disk.
//
//   results/<suite>/<dataset>/<network>/<method>/seed-<k>-<hash8>/
//     trial.yaml         resolved settings, defaults included
//     environment.json   what the trial was made with
//     history.jsonl      one line per evaluation, appended and flushed
//     summary.json       written last by rename: the mark of a finished trial
//     log.txt            what the worker said
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "train/settings.h"
#include "train/trial.h"

namespace gapbench::run {

/// Raised when a field of summary.json or history.jsonl changes its meaning.
inline constexpr int record_schema = 1;

/// One finished trial, read back.
struct Record {
  std::filesystem::path folder;
  train::TrialSettings settings;
  train::Outcome outcome;
  std::string identity;
  std::string build;  ///< gapbench version, commit and plugin hashes in one line: for mixed builds
  bool shared_machine = false;  ///< other trials ran at the same time: its times are marked
};

/// A folder that looks like a record but cannot be used, and why.
struct BrokenRecord {
  std::filesystem::path folder;
  std::string reason;
};

struct Records {
  std::vector<Record> good;  ///< sorted by folder
  std::vector<BrokenRecord> broken;
};

/// Every record under the given trees. Unfinished trials (no summary.json) are neither.
Records read_records(const std::vector<std::filesystem::path>& roots);

/// Whether the folder holds a finished trial of this identity.
bool is_finished(const std::filesystem::path& folder, const std::string& identity);

}  // namespace gapbench::run

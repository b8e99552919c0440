// Records: what a trial leaves on disk. Every key is described in docs/records.md.
//
//   results/<suite>/suite.json           what tables and `watch` need to know of the suite
//   results/<suite>/<dataset>/<network>/<method>/seed-<k>-<hash8>/
//     trial.yaml         resolved settings, defaults included
//     environment.json   what the trial was made with
//     history.jsonl      one line per evaluation, appended and flushed; the same bits on any
//                        number of threads and of trials side by side
//     timing.jsonl       the seconds and memory that belong to each line of history.jsonl
//     outcomes.bin       what each test example got in the last evaluation (outcomes.h)
//     predictions.f32    where asked: the probabilities of each test example (predictions.h)
//     end.f32, end.json  where asked: the parameters after the last step (end.h)
//     summary.json       written last by rename: the mark of a finished trial
//     log.txt            what the worker said
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gapbench/options.h"
#include "suite/language/claims.h"
#include "suite/language/looks.h"
#include "suite/language/published.h"
#include "train/settings.h"
#include "train/trial.h"

namespace gapbench::records {

/// Raised when a field of a record's files changes its meaning. Stands in every file.
inline constexpr int record_schema = 1;

/// One trial as its summary.json tells it: enough for every table without a second file.
struct Record {
  std::filesystem::path folder;
  std::string identity;
  std::string suite;
  std::string dataset;  ///< the problem's name for problem plugins
  std::string network;  ///< empty for problem plugins
  std::string method;
  std::uint64_t seed = 0;
  OptionMap settings;  ///< flat, see flat_settings(): all that decides the result but the seed
  train::Outcome outcome;
  std::string build;  ///< harness, compiler, oneDNN and instruction set in one line
  std::map<std::string, std::string> plugins;  ///< "optimizer sgd" to the library's SHA-256
  std::string steps_sha256{};  ///< of steps.f32; empty where there is none, or it was not noted
  std::string cpu{};  ///< the processor's name, of environment.json; empty where it is unknown
  std::map<std::string, std::string> files{};  ///< kept beside the numbers: name to SHA-256
  std::size_t threads = 0;
  bool shared_machine = false;  ///< other trials ran at the same time: its times are marked

  /// It helped to choose settings and is no result: no table shows it.
  bool is_tuning() const { return settings.contains("tuning"); }
};

/// A folder that looks like a record but cannot be used, and why.
struct BrokenRecord {
  std::filesystem::path folder;
  std::string reason;
};

/// A claim of the suite, and whether it was made before anything was known: how many trials of the
/// suite's folder had been evaluated on their test part when it was first written down.
struct DeclaredClaim {
  suite::Claim claim;
  std::size_t evaluated_before = 0;
};

/// What results/<suite>/suite.json says.
struct SuiteNote {
  std::string name;
  std::string description;
  std::string baseline;              ///< a row's name (suite/language/rows.h), or empty
  std::vector<std::string> methods;  ///< in the order of the suite file
  std::vector<suite::Published> published{};
  std::string metric = "test_accuracy";  ///< the one that tables decide by
  std::vector<DeclaredClaim> claims{};
  suite::Looks looks{};
  /// Trials that had been evaluated on their test part when the looks were written down.
  std::size_t evaluated_before_looks = 0;
  std::vector<std::string> rows{};  ///< settings that make rows in place of sections
  /// Where each trial's record is or will be, as <dataset>/<network>/<method>/seed-<k>-<hash8>;
  /// empty where the file does not say.
  std::vector<std::string> trials{};
  std::filesystem::path folder{};  ///< of the suite.json
};

struct Records {
  /// Sorted by folder; but of the copies of one trial those that are ok come first.
  std::vector<Record> good;
  std::vector<Record> tuning;                     ///< those that only helped to choose settings
  std::vector<BrokenRecord> broken;               ///< sorted by folder
  std::vector<std::filesystem::path> unfinished;  ///< trial.yaml without summary.json; sorted
  std::vector<SuiteNote> suites;
};

/// Every record under the given trees; a folder reached twice counts once. A damaged, foreign or
/// mislabelled summary is a BrokenRecord, never an Error. Throws Error for a root that does not
/// exist or holds no record at all.
Records read_records(const std::vector<std::filesystem::path>& roots);

/// What history.jsonl and timing.jsonl tell of one trial.
struct History {
  std::vector<train::Evaluation> evaluations;  ///< with cost; up to the first line that is broken
  std::string broken;  ///< which line of which file, and why; empty where all could be read
};

/// Never throws for what the files hold: a trial may be writing them, or have died while it did. A
/// last line without its line feed is not finished yet: it is left out and is no damage, unless the
/// trial is finished.
History read_history(const std::filesystem::path& folder);

/// Throws Error that names the file and what is wrong with it.
Record read_record(const std::filesystem::path& folder);

/// Everything of a record that is known before the trial runs.
Record planned_record(const train::TrialSettings& settings, const std::string& identity);

/// Whether a trial must run, and why.
struct FolderState {
  bool finished = false;
  train::Status status = train::Status::ok;  ///< of the finished trial
  std::string why;  ///< not finished: "interrupted at step 12"; empty where nothing is there yet
};
FolderState inspect(const std::filesystem::path& folder, const std::string& identity);

/// Whether the folder holds a finished trial of this identity. Every status is finished but
/// `interrupted`.
bool is_finished(const std::filesystem::path& folder, const std::string& identity);

}  // namespace gapbench::records

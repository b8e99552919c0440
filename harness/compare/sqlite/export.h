// Records as an SQLite database.
#pragma once

#include <filesystem>

#include "records/record.h"

namespace gapbench::compare {

struct Exported {
  std::size_t trials = 0;
  std::size_t left_out = 0;
};

/// Writes tables `trials`, `settings`, `history`, `costs`, `probes`, `left_out` and `units`
/// (docs/compare.md). Each trial once; broken and unfinished records, second copies, and what is
/// wrong with a history stand in `left_out`. The file appears whole or not at all, and replaces an
/// earlier export. Throws Error when it cannot be written, and for a file that is no export of
/// ours. Reads two more files a trial.
/// `outcomes`: a table of that name, one row a trial and test example, of trials that kept them.
Exported export_sqlite(const records::Records& records, const std::filesystem::path& file,
                       bool outcomes = false);

}  // namespace gapbench::compare

// `gapbench report`: one page for people who were not there.
#pragma once

#include <filesystem>
#include <string>

#include "compare/rows/selection.h"
#include "compare/sections/recoveries.h"
#include "records/record.h"

namespace gapbench::compare {

struct ReportOptions {
  std::string baseline{};  ///< as in CompareOptions
  RecoveryEnds ends{};
  Selection selection{};
  std::vector<std::string> rows{};  ///< as in CompareOptions
  bool by_image = false;            ///< as in CompareOptions
};

/// A self-contained HTML page that opens from disk and asks no network: the verdicts in words,
/// the tables of `compare`, sortable, and charts (learning curves, gap against cost, effect against
/// effect, probes, batch size against probes), as far as there are numbers for them. Broken and
/// unfinished records and histories stand at its end. Throws Error as compare() does.
std::string report(const records::Records& records, const ReportOptions& options);

/// Writes the page, whole or not at all. Replaces an earlier report and no other file: Error.
void write_report(const std::filesystem::path& file, const std::string& page);

}  // namespace gapbench::compare

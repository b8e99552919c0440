// `gapbench report`: one page for people who were not there.
#pragma once

#include <filesystem>
#include <string>

#include "compare/compare.h"
#include "records/record.h"

namespace gapbench::compare {

/// A self-contained HTML page that opens from disk and asks no network. First the answers: each
/// method on each data set, its difference to the baseline and where the carried share lies; then
/// trials that failed or are missing, the tables of `compare` and charts (seeds, learning curves, gap
/// against cost, effect against effect, probes, batch size against probes, pictures of theory), as far as there are
/// numbers for them. Broken and unfinished records and histories stand at its end. Of the options,
/// format and style do not concern it. Throws Error as compare() does.
std::string report(const records::Records& records, const CompareOptions& options);

/// Writes the page, whole or not at all. Replaces an earlier report and no other file: Error.
void write_report(const std::filesystem::path& file, const std::string& page);

}  // namespace gapbench::compare

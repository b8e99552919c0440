// Numbers that no trial ends with are questioned before they reach a table.
#pragma once

#include <filesystem>

#include "records/record.h"

namespace gapbench::records {

/// Throws Error whose where() is the key: an accuracy outside [0, 1] or unknown, a step beyond the
/// last one or, of a trial that is ok, before it, a loss or an accuracy of a trial that is ok that
/// is no number, a cost below 0 or unknown.
void require_possible(const Record& record);

/// A record must lie where its words say: .../<dataset>/<network>/<method>/seed-<k>-<hash8>, as far
/// as the folders are named so. Throws Error.
void require_own_folder(const std::filesystem::path& folder, const Record& record);

/// The last line of history.jsonl and the evaluation that the summary ends with must be the same,
/// where they are of one step: else one of the two was changed. Throws Error. A history that is
/// damaged or has lost its tail is no matter of the summary: read_history() says so.
void require_same_end(const std::filesystem::path& folder, const Record& record);

}  // namespace gapbench::records

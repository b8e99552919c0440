// Files that a trial keeps beside its numbers: summary.json has the SHA-256 of each.
#pragma once

#include <string>

#include "records/record.h"

namespace gapbench::records {

/// Its bytes. Throws Error that names the file where the trial did not keep it (`hint` says what
/// would), where it is missing, and where it is not the one that the summary was written with.
std::string read_kept_file(const Record& record, const char* name, const std::string& hint = "");

}  // namespace gapbench::records

// How a trial is done again.
#pragma once

#include <string>

#include "records/record.h"

namespace gapbench::records {

/// One argument as a shell would read it back.
std::string shell_quoted(const std::string& argument);

/// The command that repeats a trial: `verify` compares its bits with the record where it came to an
/// end by itself; else `worker` runs it again in its own folder.
std::string repeat_command(const Record& record);

}  // namespace gapbench::records

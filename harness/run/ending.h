// What became of a trial, from how its worker ended and what it left behind.
#pragma once

#include <filesystem>
#include <string>

#include "records/record.h"
#include "run/pool.h"

namespace gapbench::run {

/// The record of a trial whose worker has ended: the one it wrote where there is one, else
/// `planned` with a status and a reason made from the exit status and the log. A worker that was
/// stopped for its time is a timeout whatever it wrote, unless it had ended by itself.
/// `rewrite` says whether this differs from what lies on disk.
struct Ending {
  records::Record record;
  bool rewrite = false;
  bool may_go_on = false;  ///< it was killed from outside: its checkpoint serves
};
Ending judge(const Ended& ended, const records::Record& planned,
             const std::filesystem::path& folder, double timeout_seconds);

}  // namespace gapbench::run

// Records as JSON and back.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "records/record.h"

namespace gapbench::records {

using Json = nlohmann::ordered_json;  // keys stay in the order they are written

/// A line of history.jsonl: nothing in it depends on the machine's speed or number of threads.
Json history_json(const train::Evaluation& evaluation);

/// The line of timing.jsonl for the same evaluation.
Json timing_json(const train::Evaluation& evaluation);

/// The lines of a file that end in a line feed: the last one may still be being written. Throws
/// Error when it cannot be read.
std::vector<std::string> whole_lines(const std::filesystem::path& file);

/// Of the lines of history.jsonl and timing.jsonl, as far as both go.
History parse_history(const std::vector<std::string>& metrics,
                      const std::vector<std::string>& times);

/// The last of them, of which nothing else is read; empty where there is none.
std::string last_whole_line(const std::filesystem::path& file);

/// The whole of summary.json. Numbers that are not finite become null.
Json summary_json(const Record& record);

/// The inverse of history_json and timing_json together. Throws Error as parse_summary does, and
/// where the two lines are of different steps.
train::Evaluation parse_evaluation(const std::string& history_line, const std::string& timing_line);

/// The inverse of summary_json; `folder` is left empty. null is read as NaN where a number is due.
/// Throws Error whose where() is the key that is missing, of the wrong type or foreign.
Record parse_summary(const std::string& text);

}  // namespace gapbench::records

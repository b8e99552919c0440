// Short texts of records and durations for people.
#pragma once

#include <string>

#include "records/record.h"

namespace gapbench::records {

/// What comes before the method: "cifar10 cnn3"; as the record's folder names them, which tells
/// apart those that differ in their settings only.
std::string problem_text(const Record& record);

/// "12.3 s", "3 min 12 s", "2 h 05 min".
std::string duration_text(double seconds);

/// "cifar10 cnn3 sgd seed 1"; data set and network as the record's folder names them, which tells
/// apart those that differ in their settings only.
std::string trial_text(const Record& record);

/// What is longer than a reason should be, cut, with the length it had. The cut is no half of a
/// character.
std::string shortened(std::string reason);

/// One line without anything that a terminal would obey: plugins' names and words are not ours.
/// Control characters become blanks, those of C1 in UTF-8 among them; other bytes stay.
std::string plain(std::string text);

}  // namespace gapbench::records

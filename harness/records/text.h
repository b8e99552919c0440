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

}  // namespace gapbench::records

// What each test example got in a trial's last evaluation.
//
//   outcomes.bin = "gapbench-outcomes 1 N B\n"
//                  N labels, N predicted classes: unsigned, B bytes each (1, or 2 past class 255)
//                  N probabilities of the label: 32-bit floats
//
// All little-endian, in the order of the test part, which is the official one: example i is test
// record i. About 60 kB for 10,000 examples.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "records/record.h"

namespace gapbench::records {

inline constexpr const char* outcomes_file = "outcomes.bin";

using Outcomes = std::vector<train::ExampleOutcome>;

std::string outcomes_bytes(std::span<const train::ExampleOutcome> outcomes);

/// Throws Error for bytes that are not of this form.
Outcomes parse_outcomes(const std::string& bytes);

/// Of a trial that keeps them. Throws Error that names the file where it is missing, damaged, or
/// not the one that the summary was written with.
Outcomes read_outcomes(const Record& record);

}  // namespace gapbench::records

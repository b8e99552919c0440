// Which settings make sections and which make rows.
#pragma once

#include <string>
#include <vector>

#include "records/record.h"

namespace gapbench::compare {

/// The settings of network, data set and problem that make rows: those asked for, else all that the
/// suites name. Sorted. Throws Error for one that is no such setting and for one that no trial has.
std::vector<std::string> row_settings(const records::Records& records,
                                      const std::vector<std::string>& asked);

/// "sgd", "sgd [network.precision=f32]" (suite::row_name).
std::string row_name(const records::Record& record, const std::vector<std::string>& rows);

/// What is trained, as opposed to how, and as opposed to what makes rows: settings of the data set,
/// the network and the problem.
OptionMap problem_settings(const OptionMap& settings, const std::vector<std::string>& rows);

/// "cifar10, cnn3"; a problem's name alone.
std::string problem_name(const records::Record& record);

/// Data set, network and problem_settings as a text that is equal for equal problems. Trials of one
/// problem share a section.
std::string problem_key(const records::Record& record, const std::vector<std::string>& rows);

/// A value as a table shows it: checksums cut to 12 digits, "all" for the 0 that means it.
std::string setting_text(const std::string& key, const OptionValue& value);

}  // namespace gapbench::compare

// Trials put into sections and rows.
#pragma once

#include <string>
#include <vector>

#include "compare/rows/aggregate.h"

namespace gapbench::compare {

/// Sections by data set, then network (row_settings.h). A row is a method with one set of settings,
/// but those that only measure (is_measuring), where `group_by` is empty; else all trials with the
/// same values of these keys: suite, dataset, network, method and the names of settings. `rows`:
/// settings of the problem that make rows in place of sections. Throws Error for a key that no trial
/// has.
std::vector<Section> group(const std::vector<const records::Record*>& records,
                           const std::vector<std::string>& group_by,
                           const std::vector<std::string>& rows);

/// Keys with one value in all maps, a missing key being a value of its own.
OptionMap in_common(const std::vector<const OptionMap*>& maps);
std::vector<std::string> keys_that_differ(const std::vector<const OptionMap*>& maps);

/// "sgd", or "sgd [batch=64]" where another row is an sgd too.
void label_rows(Section& section);

/// Status and all final numbers but probes. A seed that decides nothing must not pass for a
/// repetition.
bool same_result(const records::Record& a, const records::Record& b);

/// The first of status, final numbers and probes that differs between two copies of one trial, in the
/// order of their folders: "test accuracy is 0.18 in old/seed-1 and 0.15 in new/seed-1"; empty where
/// none does.
std::string difference_of_copies(const records::Record& a, const records::Record& b);

}  // namespace gapbench::compare

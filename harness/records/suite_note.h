// results/<suite>/suite.json: what tables need to know of a suite.
#pragma once

#include <filesystem>

#include "records/record.h"
#include "suite/suite.h"

namespace gapbench::records {

/// The folder of one suite under the results folder.
std::filesystem::path suite_folder(const std::filesystem::path& results, const suite::Suite& suite);

/// Writes <folder>/suite.json, atomically. Throws Error.
void write_suite_note(const std::filesystem::path& folder, const suite::Suite& suite);

/// <dataset>/<network>/<method>/seed-<k>-<hash8>: the name that suite.json has for a trial, the same
/// however its folder was reached.
std::string trial_name(const std::filesystem::path& folder);

/// Throws Error that names the file and what is wrong with it.
SuiteNote read_suite_note(const std::filesystem::path& file);

}  // namespace gapbench::records

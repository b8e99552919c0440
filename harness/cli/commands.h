// The program's commands: each file adds one to the command line and does what it says.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "compare/rows/selection.h"

namespace gapbench::cli {

/// Exit codes of the whole program.
enum ExitCode : int { all_ok = 0, usage_error = 1, some_failed = 2, was_interrupted = 130 };

/// What a command does once the line is parsed; the last one parsed wins.
using Action = std::function<int()>;

void add_list(CLI::App& app, Action& action);
void add_info(CLI::App& app, Action& action);
void add_data(CLI::App& app, Action& action);
void add_duplicates(CLI::App& data_command, Action& action);
void add_validate(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);
void add_compare(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_bundle(CLI::App& app, Action& action);
void add_report(CLI::App& app, Action& action);
void add_watch(CLI::App& app, Action& action);
void add_noise(CLI::App& app, Action& action);
void add_measures(CLI::App& app, Action& action);
void add_why(CLI::App& app, Action& action);
void add_status(CLI::App& app, Action& action);
void add_cancel(CLI::App& app, Action& action);
void add_verify(CLI::App& app, Action& action);
void add_plugin(CLI::App& app, Action& action);
void add_test_plugin(CLI::App& app, Action& action);
void add_worker(CLI::App& app, Action& action);

/// Options that several commands share, in the same words.
struct Places {
  std::vector<std::string> plugins;
  std::string data;

  void add_plugins(CLI::App& command);
  void add_data(CLI::App& command);
  std::vector<std::filesystem::path> plugin_folders() const;
  std::filesystem::path data_folder() const;
};

/// "90s", "10m", "2h", or a plain number of seconds. Throws Error naming the option.
double seconds_of(const char* option, const std::string& text);

/// --rows.
void add_rows(CLI::App& command, std::vector<std::string>& rows);

/// --only and --without.
void add_selection(CLI::App& command, compare::Selection& selection);

}  // namespace gapbench::cli

// gapbench: parses the command line and calls the rooms.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "cli/commands.h"
#include "cli/output.h"
#include "gapbench/build_info.h"
#include "gapbench/error.h"

namespace {

using namespace gapbench::cli;  // NOLINT: this file is the command line

constexpr const char* footer =
    "Examples:\n"
    "  gapbench list                                   what can be used in a suite\n"
    "  gapbench run suite.yaml -j 2                     train; finished trials are skipped\n"
    "  gapbench watch results/suite                     how far it is\n"
    "  gapbench compare results/suite                   the table\n"
    "  gapbench report results/suite -o report.html     the same with charts\n"
    "  gapbench verify results/suite --sample 2         two trials again: the same bits?\n"
    "Exit codes: 0 all ok, 1 wrong usage or input, 2 some trials failed, 130 interrupted.";

int parse_and_run(int argc, char** argv) {
  CLI::App app{
      "gapbench: does this optimizer or regularizer close the generalization gap, what "
      "does it cost, and does the finding carry over?"};
  app.footer(footer);
  app.set_version_flag("--version", "gapbench " GAPBENCH_VERSION);
  app.require_subcommand(1);
  Action action;
  for (auto* add : {add_list, add_info, add_data, add_validate, add_run, add_compare, add_export,
                    add_bundle, add_report, add_watch, add_noise, add_measures, add_why, add_status,
                    add_cancel, add_verify, add_plugin, add_test_plugin, add_worker}) {
    add(app, action);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? all_ok : usage_error;
  }
  // For tests of what documents say: no command does anything then.
  if (std::getenv("GAPBENCH_PARSE_ONLY") != nullptr) return all_ok;
  return action();
}

}  // namespace

int main(int argc, char** argv) {
  open_closed_streams();
  int code = usage_error;
  try {
    code = parse_and_run(argc, argv);
  } catch (const gapbench::Error& e) {
    std::fprintf(stderr, "gapbench: %s\n", e.what());
  } catch (const std::exception& e) {
    // What could not be printed stands in the stream; everything else is a mistake of ours.
    if (std::ferror(stdout) == 0) std::fprintf(stderr, "gapbench: unexpected: %s\n", e.what());
  }
  return checked_output(code);
}

// gapbench watch
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "cli/commands.h"
#include "watch/watch.h"

namespace gapbench::cli {
namespace {

using Clock = std::chrono::steady_clock;

int exit_code(const watch::SuiteProgress& progress) {
  return progress.is_finished() && !progress.failed.empty() ? some_failed : all_ok;
}

/// Looking at many records is work: at most a tenth of the time goes into it.
int follow(const std::vector<std::filesystem::path>& roots) {
  constexpr const char* clear_screen = "\x1b[H\x1b[2J";
  for (;;) {
    const auto begin = Clock::now();
    const watch::SuiteProgress progress = watch::look(roots);
    fmt::print("{}{}", clear_screen, watch::to_text(progress));
    std::fflush(stdout);
    if (progress.is_finished()) return exit_code(progress);
    std::this_thread::sleep_for(
        std::max<Clock::duration>(std::chrono::seconds(2), 9 * (Clock::now() - begin)));
  }
}

}  // namespace

void add_watch(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("watch", "A running suite, live, from its records alone");
  command->footer(
      "Examples:\n"
      "  gapbench watch results/suite              redrawn until every trial is done\n"
      "  gapbench watch /shared/results/suite --once   one look, for scripts and pipes\n"
      "A trial that is begun may also have died: see when it last gave a sign. Each evaluation is "
      "one.\n"
      "Exit codes: 0, 2 when the suite is finished and some trials are not ok.");
  struct Asked {
    std::vector<std::string> results;
    bool once = false;
  };
  auto asked = std::make_shared<Asked>();
  command->add_option("results", asked->results, "Folders with records")->required();
  command->add_flag("--once", asked->once, "Print once and end, as without a terminal");
  command->callback([=, &action] {
    action = [=] {
      const std::vector<std::filesystem::path> roots(asked->results.begin(), asked->results.end());
      if (!asked->once && isatty(STDOUT_FILENO) == 1) return follow(roots);
      const watch::SuiteProgress progress = watch::look(roots);
      fmt::print("{}", watch::to_text(progress));
      return exit_code(progress);
    };
  });
}

}  // namespace gapbench::cli

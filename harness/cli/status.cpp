// gapbench status
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "run/status.h"

namespace gapbench::cli {

void add_status(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "status", "Where every trial of a suite stands, here, elsewhere, in Slurm");
  command->footer(
      "Examples:\n"
      "  gapbench status results/suite            how many trials are ok, running, queued, ...\n"
      "  gapbench status results/suite --trials   and which\n"
      "From records and leases, and from Slurm where `run --on slurm` has submitted trials.");
  struct Asked {
    std::string folder;
    bool trials = false;
    bool json = false;
  };
  auto asked = std::make_shared<Asked>();
  command->add_option("results", asked->folder, "The suite's folder in the results")->required();
  command->add_flag("--trials", asked->trials, "A line for each trial");
  command->add_flag("--json", asked->json, "For programs");
  command->callback([asked, &action] {
    action = [asked] {
      const run::Status status = run::status(asked->folder);
      fmt::print("{}",
                 asked->json ? to_json(status).dump(2) + "\n" : to_text(status, asked->trials));
      return all_ok;
    };
  });
}

}  // namespace gapbench::cli

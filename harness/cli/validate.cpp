// gapbench validate
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "plugin/registry.h"
#include "suite/suite.h"

namespace gapbench::cli {

void add_validate(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "validate", "Check a suite file without data or training: every mistake, with its line");
  command->footer("Example: gapbench validate suite.yaml --set budget.epochs=1");
  auto places = std::make_shared<Places>();
  auto file = std::make_shared<std::string>();
  auto overrides = std::make_shared<std::vector<std::string>>();
  command->add_option("suite", *file, "The suite file")->required();
  command->add_option("--set", *overrides, "Override one key of the file: a.b=c")
      ->type_name("KEY=VALUE");
  places->add_plugins(*command);
  command->callback([=, &action] {
    action = [=] {
      const auto registry = plugin::Registry::load(places->plugin_folders());
      const auto suite = suite::load(*file, *overrides, registry);
      for (const std::string& note : suite.notes) fmt::print("note: {}\n", note);
      fmt::print("{}: {} trial{}, ok\n", *file, suite.trials.size(),
                 suite.trials.size() == 1 ? "" : "s");
      return all_ok;
    };
  });
}

}  // namespace gapbench::cli

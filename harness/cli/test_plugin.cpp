// gapbench test-plugin
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "plugin/conformance.h"

namespace gapbench::cli {

void add_test_plugin(CLI::App& app, Action& action) {
  auto* command =
      app.add_subcommand("test-plugin", "Put one plugin library through the contract checks");
  command->footer(
      "Example: gapbench test-plugin build/release/lib/gapbench/plugins/optimizers_sgd.so\n"
      "Exit codes: 0 all checks passed, 1 the library was refused, 2 some check failed.");
  auto file = std::make_shared<std::string>();
  command->add_option("library", *file, "The .so file")->required();
  command->callback([=, &action] {
    action = [=] {
      const auto checks = plugin::check_library(*file);
      fmt::print("{}", plugin::to_text(checks));
      return plugin::passed(checks) ? all_ok : some_failed;
    };
  });
}

}  // namespace gapbench::cli

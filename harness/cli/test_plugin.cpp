// gapbench test-plugin
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "data/data.h"
#include "gapbench/error.h"
#include "plugin/conformance.h"
#include "train/networks.h"

namespace gapbench::cli {
namespace {

using Json = nlohmann::ordered_json;
using plugin::Check;

struct Asked {
  std::string library;
  Places places;
  std::string timeout;
  bool json = false;
};

/// A suite that names it could mean the other one: found here, where both are known.
std::vector<Check> with_taken_names(std::vector<Check> checks,
                                    const plugin::CheckOptions& options) {
  std::set<std::string> components;
  for (const Check& c : checks) components.insert(c.component);
  for (const std::string& component : components) {
    const auto space = component.find(' ');
    const std::string kind = component.substr(0, space);
    if (kind != "network" && kind != "data") continue;
    const std::string name = component.substr(space + 1);
    Check check{component, "has a name of its own", Check::Verdict::pass, "", ""};
    options.begins(check);
    if (kind == "data" ? data::has_kind(name) : train::is_own_network(name)) {
      check.verdict = Check::Verdict::fail;
      check.reason =
          fmt::format("gapbench has a {} {} itself", kind == "data" ? "data set" : "network", name);
      check.remedy = "Give it another .name.";
    }
    options.ends(check);
    checks.push_back(std::move(check));
  }
  return checks;
}

Json json_of(std::span<const Check> checks) {
  Json list = Json::array();
  for (const Check& c : checks) {
    list.push_back({{"component", c.component},
                    {"check", c.name},
                    {"verdict", plugin::to_text(c.verdict)},
                    {"reason", c.reason},
                    {"remedy", c.remedy}});
  }
  return list;
}

/// What a plugin says may be no UTF-8: such bytes are replaced.
void print(const Json& json) {
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

/// The name stands there before its check begins, whatever becomes of this program.
void print_as_it_goes(plugin::CheckOptions& options) {
  options.begins = [](const Check& c) {
    fmt::print("{}: {}: ", c.component, c.name);
    std::fflush(stdout);
  };
  options.ends = [](const Check& c) {
    fmt::print("{}\n", plugin::outcome_text(c));
    std::fflush(stdout);
  };
}

int test_plugin(const Asked& asked) {
  plugin::CheckOptions options;
  options.data_root = asked.places.data_folder();
  if (!asked.timeout.empty()) options.seconds = seconds_of("--timeout", asked.timeout);
  if (!asked.json) print_as_it_goes(options);
  Json json{{"library", std::filesystem::path(asked.library).filename().string()}};
  try {
    const auto checks = with_taken_names(plugin::check_library(asked.library, options), options);
    const bool passed = plugin::passed(checks);
    json.update({{"passed", passed}, {"checks", json_of(checks)}});
    if (asked.json) {
      print(json);
    } else {
      fmt::print("{}\n", plugin::summary_text(checks));
    }
    return passed ? all_ok : some_failed;
  } catch (const Error& e) {
    if (!asked.json) throw;
    json.update({{"passed", false}, {"refused", e.what()}});
    print(json);
    return usage_error;
  }
}

}  // namespace

void add_test_plugin(CLI::App& app, Action& action) {
  auto* command =
      app.add_subcommand("test-plugin", "Put one plugin library through the contract checks");
  command->footer(
      "Example: gapbench test-plugin build/release/lib/gapbench/plugins/optimizers_sgd.so\n"
      "Each check runs in a process of its own: one that crashes or never returns has failed.\n"
      "A note is unusual, but may be meant.\n"
      "The files of a data set's example lie in <name of the set> of the data folder.\n"
      "Exit codes: 0 all checks passed, 1 the library was refused, 2 some check failed.");
  auto asked = std::make_shared<Asked>();
  command->add_option("library", asked->library, "The .so file")->required();
  asked->places.add_data(*command);
  command->add_option("--timeout", asked->timeout, "Longest time of one check (default: 10s)")
      ->type_name("TIME");
  command->add_flag("--json", asked->json,
                    "One JSON object: library, passed, and of every check component, check, "
                    "verdict (ok, FAILED, note), reason and remedy; or refused, and why");
  command->callback([=, &action] { action = [=] { return test_plugin(*asked); }; });
}

}  // namespace gapbench::cli

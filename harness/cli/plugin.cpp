// gapbench plugin new, gapbench plugin build
#include <fmt/format.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/templates.h"
#include "core/file.h"
#include "gapbench/error.h"
#include "plugin/validate.h"
#include "run/environment.h"

namespace gapbench::cli {
namespace {

namespace fs = std::filesystem;

struct Kind {
  const char* name;
  std::string_view (*source)();
  const char* method;  ///< what its suite compares
  const char* more;    ///< keys of the suite
};

constexpr Kind kinds[] = {
    {"optimizer", templates::new_optimizer,
     "  @NAME@:\n    extends: sgd\n    optimizer: {name: @NAME@, learning_rate: 0.05}\n", ""},
    {"regularizer", templates::new_regularizer,
     "  @NAME@:\n    extends: sgd\n    regularizers: [{name: @NAME@, lambda: 0.001}]\n", ""},
    {"probe", templates::new_probe,
     "  momentum:\n    extends: sgd\n    optimizer: {name: sgd, learning_rate: 0.05, momentum: "
     "0.5}\n",
     "probes: [@NAME@]\n"},
    {"problem", templates::new_problem, "", ""},
    {"posterior", templates::new_posterior,
     "  @NAME@:\n    extends: sgd\n    posterior: {name: @NAME@, deviation: 0.01, draws: 5}\n",
     "evaluate: {predictive: true}\n"},
    {"network", templates::new_network, "", ""},
    {"data", templates::new_data, "", ""},
};

struct Asked {
  std::string name;
  std::string kind;
  std::string folder;
};

const Kind& kind_of(const std::string& name) {
  for (const Kind& kind : kinds) {
    if (name == kind.name) return kind;
  }
  throw Error("--kind",
              "is one of optimizer, regularizer, probe, problem, posterior, network, data");
}

/// "sign_descent" to "SignDescent".
std::string class_name(const std::string& name) {
  std::string text;
  bool begins = true;
  for (const char c : name) {
    if (c == '_') {
      begins = true;
      continue;
    }
    text += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins = false;
  }
  return text;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::string filled(std::string_view text, const Kind& kind, const std::string& name) {
  std::string all = replaced(std::string(text), "@METHOD@", kind.method);
  all = replaced(all, "@MORE@", kind.more);
  all = replaced(all, "@CLASS@", class_name(name));
  all = replaced(all, "@SUITE@", replaced(name, "_", "-"));
  return replaced(all, "@NAME@", name);
}

int make_new(const Asked& asked) {
  if (!plugin::is_lower_snake_case(asked.name)) {
    throw Error(
        "plugin new",
        fmt::format("a name is lower_snake_case, as in sign_descent, got \"{}\"", asked.name));
  }
  const Kind& kind = kind_of(asked.kind);
  const fs::path folder = asked.folder.empty() ? fs::path(asked.name) : fs::path(asked.folder);
  if (fs::exists(folder)) {
    throw Error(folder.string(),
                "is there already: nothing is overwritten; give -o another folder");
  }
  std::string_view suite = templates::new_suite();
  if (asked.kind == "problem") suite = templates::new_problem_suite();
  if (asked.kind == "network") suite = templates::new_network_suite();
  if (asked.kind == "data") suite = templates::new_data_suite();
  const std::pair<fs::path, std::string_view> files[] = {
      {"CMakeLists.txt", templates::new_project()},
      {asked.name + ".cpp", kind.source()},
      {"suite.yaml", suite}};
  fs::create_directories(folder);
  for (const auto& [file, text] : files) {
    write_file_atomically(folder / file, filled(text, kind, asked.name));
    fmt::print("{}\n", (folder / file).string());
  }
  fmt::print("next: gapbench plugin build {0}\n", folder.string());
  return all_ok;
}

/// Where this program is installed: the folder that holds bin/ and lib/cmake/.
fs::path prefix() {
  const fs::path found = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
  if (!fs::exists(found / "lib/cmake/Gapbench/GapbenchConfig.cmake")) {
    throw Error("plugin build",
                fmt::format("{} is no installation; make one with cmake --install BUILD --prefix "
                            "DIR, and use DIR/bin/gapbench",
                            found.string()));
  }
  return found;
}

void run_or_throw(const std::string& command) {
  std::fflush(stdout);
  if (std::system(command.c_str()) != 0) throw Error("plugin build", "failed: " + command);
}

int build(const Asked& asked) {
  const fs::path folder = asked.folder;
  if (!fs::exists(folder / "CMakeLists.txt")) {
    throw Error(folder.string(), "holds no CMakeLists.txt; gapbench plugin new makes one");
  }
  const std::string from = run::shell_quoted(folder.string());
  const std::string to = run::shell_quoted((folder / "build").string());
  // Ninja is what this project asks for; make need not be there. A folder stays with what it has.
  const bool is_new = !fs::exists(folder / "build/CMakeCache.txt");
  const char* asked_for = std::getenv("CMAKE_GENERATOR");
  const bool is_asked_for = asked_for != nullptr && *asked_for != '\0';
  const char* generator = is_new && !is_asked_for ? " -G Ninja" : "";
  run_or_throw(fmt::format("cmake{} -S {} -B {} -DCMAKE_PREFIX_PATH={}", generator, from, to,
                           run::shell_quoted(prefix().string())));
  run_or_throw(fmt::format("cmake --build {}", to));
  const fs::path plugins = folder / "build/lib/gapbench/plugins";
  fmt::print(
      "next: gapbench test-plugin {0}/*.so\n"
      "      gapbench run {1}/suite.yaml --plugins {0}\n",
      plugins.string(), folder.string());
  return all_ok;
}

}  // namespace

void add_plugin(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("plugin", "Begin a plugin of your own, and build it");
  command->require_subcommand(1);
  auto asked = std::make_shared<Asked>();
  auto* fresh = command->add_subcommand("new", "A folder with a plugin that builds and passes");
  fresh->footer(
      "Example: gapbench plugin new sign_descent --kind optimizer\n"
      "Writes the source with its header to fill in, a CMakeLists.txt and a suite that compares "
      "it.\n"
      "docs/plugins.md has a tutorial for each kind.");
  fresh->add_option("name", asked->name, "lower_snake_case")->required();
  fresh
      ->add_option("--kind", asked->kind,
                   "optimizer, regularizer, probe, problem, posterior, network or data")
      ->required();
  fresh->add_option("-o,--output", asked->folder, "Folder to make (default: the name)")
      ->type_name("DIR");
  fresh->callback([asked, &action] { action = [asked] { return make_new(*asked); }; });
  auto* built = command->add_subcommand("build", "Configure and build a folder of plugins");
  built->footer(
      "Example: gapbench plugin build sign_descent\n"
      "Runs cmake with this installation's package; the libraries are in "
      "DIR/build/lib/gapbench/plugins.");
  built->add_option("folder", asked->folder, "Folder with a CMakeLists.txt")
      ->required()
      ->type_name("DIR");
  built->callback([asked, &action] { action = [asked] { return build(*asked); }; });
}

}  // namespace gapbench::cli

// gapbench bundle
#include <fmt/format.h>

#include <map>
#include <memory>

#include "cli/commands.h"
#include "compare/compare.h"
#include "core/file.h"
#include "gapbench/error.h"
#include "plugin/registry.h"
#include "records/bundle.h"
#include "records/record.h"
#include "records/suite_note.h"
#include "run/environment.h"
#include "suite/suite.h"

namespace gapbench::cli {
namespace {

namespace fs = std::filesystem;

struct Asked {
  std::string what;
  std::string output;
  Places places;
};

/// Which builds the records were made by, and which one has made the table.
std::string versions(const records::Records& records) {
  std::map<std::string, std::size_t> trials;
  for (const records::Record& r : records.good) ++trials[r.build];
  std::string text = fmt::format("table and bundle: {}\n", run::build_text());
  for (const auto& [build, count] : trials) {
    text += fmt::format("{} trial{}: {}\n", count, count == 1 ? "" : "s", build);
  }
  return text + "Plugins, with the hashes of their libraries: environment.json of each trial.\n";
}

int bundle(const Asked& asked) {
  fs::path folder = asked.what;
  std::vector<records::Enclosed> enclosed;
  if (folder.extension() == ".yaml") {
    const auto registry = plugin::Registry::load(asked.places.plugin_folders());
    enclosed.push_back({"suite.yaml", read_file(folder)});
    folder = records::suite_folder("results", suite::load(folder, {}, registry));
  }
  const records::Records records = records::read_records({folder});
  enclosed.push_back({"table.md", compare::compare(records, {})});
  enclosed.push_back({"versions.txt", versions(records)});
  fs::path name = fs::absolute(folder).lexically_normal();
  if (!name.has_filename()) name = name.parent_path();
  const fs::path file = asked.output.empty() ? name.filename().string() + ".tar.gz" : asked.output;
  if (!records::is_bundle(file)) throw Error(file.string(), "must end with .tar.gz");
  const std::size_t files = records::write_bundle(file, folder, enclosed);
  fmt::print("{}: {} trial{}, {} files{}\n", file.string(), records.good.size(),
             records.good.size() == 1 ? "" : "s", files,
             records.unfinished.empty() ? ""
                                        : fmt::format("; {} unfinished, without their checkpoints",
                                                      records.unfinished.size()));
  fmt::print("next: gapbench compare {0}, gapbench verify {0}\n", file.string());
  return all_ok;
}

}  // namespace

void add_bundle(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "bundle", "One archive of records, their table and versions, to be shared");
  command->footer(
      "Examples:\n"
      "  gapbench bundle results/suite -o suite.tar.gz\n"
      "  gapbench bundle suite.yaml                      the same of results/NAME, with the file\n"
      "  gapbench compare suite.tar.gz                   also: report, export, measures, verify\n"
      "Checkpoints are left out. The same records make the same bytes.");
  auto asked = std::make_shared<Asked>();
  command->add_option("suite", asked->what, "Folder of records, or a suite file")->required();
  command
      ->add_option("-o,--output", asked->output,
                   "The archive to write (default: NAME.tar.gz); never one that is there")
      ->type_name("FILE");
  asked->places.add_plugins(*command);
  command->callback([=, &action] { action = [=] { return bundle(*asked); }; });
}

}  // namespace gapbench::cli

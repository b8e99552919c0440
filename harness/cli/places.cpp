#include <fmt/format.h>

#include <tuple>

#include "cli/commands.h"
#include "core/quantities.h"
#include "data/data.h"
#include "gapbench/error.h"
#include "plugin/registry.h"

namespace gapbench::cli {

void Places::add_plugins(CLI::App& command) {
  command.add_option("--plugins", plugins, "Folder with plugin libraries; may be given again")
      ->type_name("DIR");
}

void Places::add_data(CLI::App& command) {
  command
      .add_option("--data", data,
                  "Data folder; else GAPBENCH_DATA, else gapbench/data in the XDG data home")
      ->type_name("DIR");
}

std::vector<std::filesystem::path> Places::plugin_folders() const {
  return plugin::search_path(plugins);
}

std::filesystem::path Places::data_folder() const { return data::data_folder(data); }

double seconds_of(const char* option, const std::string& text) {
  if (const auto seconds = seconds_in(text)) return *seconds;
  throw Error(option, fmt::format("must be {}, got \"{}\"", form_of_time, text));
}

void add_selection(CLI::App& command, compare::Selection& selection) {
  for (const auto& [name, target, text] :
       {std::tuple("--only", &selection.only, "Show this method; may be given again"),
        std::tuple("--without", &selection.without, "Leave it out; may be given again")}) {
    command.add_option(name, *target, text)->allow_extra_args(false)->option_text("METHOD");
  }
}

void add_rows(CLI::App& command, std::vector<std::string>& rows) {
  command
      .add_option(
          "--rows", rows,
          "Options of the network, data set or problem that make rows in place of sections; "
          "else the suite's own")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("KEY,...");
}

}  // namespace gapbench::cli

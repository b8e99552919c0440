#include <charconv>
#include <tuple>

#include "cli/commands.h"
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
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, code] = std::from_chars(text.data(), end, number);
  const std::string unit(rest, end);
  const double scale = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  if (code != std::errc() || scale == 0 || !(number > 0)) {
    throw Error(option, "must be a time above 0 such as 90s, 10m or 2h, got \"" + text + "\"");
  }
  return number * scale;
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

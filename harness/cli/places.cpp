#include "cli/commands.h"
#include "data/data.h"
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

}  // namespace gapbench::cli

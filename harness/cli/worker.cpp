// gapbench worker: one trial in this process. `gapbench run` starts it.
#include <memory>

#include "cli/commands.h"
#include "run/runner.h"

namespace gapbench::cli {

void add_worker(CLI::App& app, Action& action) {
  auto* command =
      app.add_subcommand("worker", "Run the one trial of a record folder again, in this process");
  command->footer("Example: gapbench worker --record results/s/cifar10/cnn3/sgd/seed-1-0a1b2c3d");
  auto places = std::make_shared<Places>();
  auto options = std::make_shared<run::WorkerOptions>();
  command->add_option("--record", options->folder, "Folder with trial.yaml")
      ->required()
      ->type_name("DIR");
  command->add_option("--threads", options->threads, "Threads of the trial")
      ->check(CLI::PositiveNumber);
  command->add_flag("--shared", options->shared_machine, "Mark timings: other trials run beside");
  command->add_option("--checkpoint-every", options->checkpoint_seconds, "Between checkpoints")
      ->check(CLI::PositiveNumber)
      ->type_name("SECONDS");
  places->add_data(*command);
  places->add_plugins(*command);
  command->callback([=, &action] {
    action = [=] {
      options->data_root = places->data_folder();
      options->plugin_folders = places->plugin_folders();
      return run::run_worker(*options);
    };
  });
}

}  // namespace gapbench::cli

// One trial, from settings to outcome.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gapbench/problem.h"
#include "plugin/hand_over.h"
#include "plugin/registry.h"
#include "train/outcome.h"
#include "train/settings.h"

namespace gapbench::train {

/// What the caller hears while a trial runs. Called on the trial's own thread.
struct Observer {
  std::function<void(const Evaluation&)> evaluated;
  /// After the last step, before `evaluated`: what every test example got, in the part's order.
  /// Not called where there are no classes or no test part.
  std::function<void(std::span<const ExampleOutcome>)> outcomes;
  /// As `outcomes`: the probabilities of every test example, [examples, classes], averaged over the
  /// draws of the last prediction. Not called where none are scored, nor without cross-entropy.
  std::function<void(std::span<const float>)> predictions;
  std::function<void(std::uint64_t step, std::uint64_t steps)> stepped;
  std::function<bool()> interrupted;  ///< asked once a step
  /// |w_(k+1) - w_k| over all parameters, after each step; measured only where this is set.
  std::function<void(float length)> moved;
  /// Where a trial that ends well was last evaluated, with the running statistics used there.
  std::function<void(const Problem& problem, std::span<const float> parameters,
                     std::span<const float> statistics)>
      end_point;
  /// Asked after each step; where it says yes, and before the end of an interrupted trial,
  /// `checkpoint` gets what Continuation::state takes, after every evaluation up to there.
  std::function<bool()> checkpoint_due;
  std::function<void(std::uint64_t step, std::string_view state)> checkpoint;
  /// What run_trial() is about to return, while the plugins are still alive.
  std::function<void(const Outcome&)> ended;
};

/// Where an interrupted trial goes on. The rest has the same bits as if it had never stopped.
struct Continuation {
  std::string state;               ///< as given to Observer::checkpoint; empty: from the start
  std::optional<Evaluation> last;  ///< the last evaluation before it
};

using plugin::Trajectories;

/// What other trials hand over, by the options that ask for it.
struct HandedOver {
  Trajectories trajectories;
  /// Parameters, then running statistics, as Observer::end_point has them.
  plugin::Ends optimizer;
  std::map<std::string, plugin::Ends> regularizers;  ///< by their name
  std::shared_ptr<const std::vector<float>> start;   ///< null: the problem's own start point

  void put(const TrajectorySource& source, std::shared_ptr<const std::vector<float>> numbers);
};

/// The work a trial would do, for a dry run: a few steps are really made and timed.
struct Estimate {
  std::uint64_t steps = 0;
  std::size_t dimension = 0;
  double train_flops = 0;   ///< of all steps, penalties included, as counted in the timed ones
  double wall_seconds = 0;  ///< training, evaluation and probes, each of which is asked once
};

/// Loads the data, builds the problem, trains. Throws Error for input that cannot be run (missing
/// data, a hook the problem cannot call, a batch larger than the data, a recorded trajectory that
/// is missing or shorter than the budget, the end of a trial on another network, a state that is damaged or of another trial); everything
/// later is an Outcome.
Outcome run_trial(const TrialSettings& settings, const plugin::Registry& plugins,
                  const std::filesystem::path& data_root, const Observer& observer,
                  const HandedOver& handed = {}, Continuation from = {});

/// Throws the same Errors as run_trial. Cost: four training steps, and every probe once. What other trials hand over, which
/// may not be there yet, is replaced by equal short steps and by the problem's own start point.
Estimate estimate_trial(const TrialSettings& settings, const plugin::Registry& plugins,
                        const std::filesystem::path& data_root);

}  // namespace gapbench::train

// One trial, from settings to outcome.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/hand_over.h"
#include "plugin/registry.h"
#include "train/settings.h"

namespace gapbench::train {

/// Loss and error of one part: evaluation mode, no augmentation, no penalties, the problem's loss.
struct PartMetrics {
  double loss = 0;
  std::optional<double> accuracy;  ///< fraction correct; nothing for regression
  std::size_t examples = 0;
};

/// What was asked of the oracle, in examples. A gradient is one forward and one backward.
struct PassCounts {
  double forward = 0;
  double backward = 0;
  double tangent_forward = 0;
  double tangent_backward = 0;
  double flops = 0;  ///< a multiply-add is 2, from the layers' own shapes
};

/// Wall and CPU seconds in buckets that sum to the total, and work done in training alone.
struct Cost {
  struct Bucket {
    double wall_seconds = 0;
    double cpu_seconds = 0;
  };
  Bucket train, evaluate, probe, checkpoint, other, total;
  PassCounts train_passes, probe_passes;
  std::uint64_t peak_memory_bytes = 0;
  /// Examples whose gradient was asked in training, penalties' gradients included.
  double gradient_samples() const noexcept { return train_passes.backward; }
};

struct ProbeValue {
  std::string probe;
  std::string metric;
  double value = 0;
  std::string unit;
};

/// One line of history.jsonl.
struct Evaluation {
  std::uint64_t step = 0;
  double epoch = 0;
  PartMetrics train;
  std::optional<PartMetrics> validation;
  std::optional<PartMetrics> test;
  std::optional<double> objective;  ///< mean mini-batch objective since the last evaluation
  double schedule = 1;
  std::vector<ProbeValue> probes;
  Cost cost;  ///< so far
};

enum class Status { ok, diverged, timeout, out_of_memory, crashed, error, skipped, interrupted };
const char* to_text(Status status);
std::optional<Status> status_from_text(const std::string& text);

/// How a trial ended. Never an exception: a row in every table.
struct Outcome {
  Status status = Status::ok;
  std::string reason;       ///< empty for ok
  std::uint64_t step = 0;   ///< steps done; for diverged, the step whose result was not finite
  std::uint64_t steps = 0;  ///< steps planned
  std::size_t dimension = 0;
  std::size_t training_examples = 0;
  std::optional<Evaluation> final;
  Cost cost;
  std::vector<std::string> notes;  ///< from the data: "partial", "synthetic"
};

/// What the caller hears while a trial runs. Called on the trial's own thread.
struct Observer {
  std::function<void(const Evaluation&)> evaluated;
  std::function<void(std::uint64_t step, std::uint64_t steps)> stepped;
  std::function<bool()> interrupted;  ///< asked once a step
  /// |w_(k+1) - w_k| over all parameters, after each step; measured only where this is set.
  std::function<void(float length)> moved;
  /// Asked after each step; where it says yes, and before the end of an interrupted trial,
  /// `checkpoint` gets what Continuation::state takes, after every evaluation up to there.
  std::function<bool()> checkpoint_due;
  std::function<void(std::uint64_t step, std::string_view state)> checkpoint;
};

/// Where an interrupted trial goes on. The rest has the same bits as if it had never stopped.
struct Continuation {
  std::string state;               ///< as given to Observer::checkpoint; empty: from the start
  std::optional<Evaluation> last;  ///< the last evaluation before it
};

using plugin::Trajectories;

/// The work a trial would do, for a dry run: a few steps are really made and timed.
struct Estimate {
  std::uint64_t steps = 0;
  std::size_t dimension = 0;
  double train_flops = 0;   ///< of all steps, penalties included, as counted in the timed ones
  double wall_seconds = 0;  ///< training and evaluation, without probes
};

/// Loads the data, builds the problem, trains. Throws Error for input that cannot be run (missing
/// data, a hook the problem cannot call, a batch larger than the data, a recorded trajectory that
/// is missing or shorter than the budget, a state that is damaged or of another trial); everything
/// later is an Outcome.
Outcome run_trial(const TrialSettings& settings, const plugin::Registry& plugins,
                  const std::filesystem::path& data_root, const Observer& observer,
                  const Trajectories& trajectories = {}, Continuation from = {});

/// Throws the same Errors as run_trial. Cost: four training steps. Recorded trajectories, which may
/// not be there yet, are replaced by equal short steps.
Estimate estimate_trial(const TrialSettings& settings, const plugin::Registry& plugins,
                        const std::filesystem::path& data_root);

}  // namespace gapbench::train

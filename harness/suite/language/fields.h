// The parts of a suite that are not plugins: schedules, seeds, data sets, probes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suite/language/block.h"
#include "train/settings.h"

namespace gapbench::suite {

/// The keys of a method that decide a trial: what a grid, a `tune` block and an `on` block may
/// change, and what train::MethodSettings holds.
inline constexpr const char* method_keys[] = {
    "optimizer", "regularizers",       "start",     "batch",    "micro_batch", "budget",
    "schedule",  "running_statistics", "posterior", "sampling", "until"};
bool is_method_key(const std::string& key);

/// `running_statistics: moving|reestimate`, moving where it is not given.
train::RunningStatistics read_running_statistics(Block& block);

/// `sampling: permutation|independent`, permutation where it is not given.
train::Sampling read_sampling(Block& block);

/// `until: {train_loss: 0.01}`; nothing where it is not given.
std::optional<double> read_until(Block& block);

/// Train losses above 0, descending; `what` names the list.
std::vector<double> read_losses(const Node& node, const std::string& what, Mistakes& mistakes);

/// `record: {outcomes: false, parameters: true}`; what is not given, as usual.
train::KeepSettings read_keep(Block& block);

std::optional<train::ScheduleSettings> read_schedule(const Node& node, Mistakes& mistakes);

/// [1, 2, 5] or {first: 1, count: 5}; each seed once.
std::vector<std::uint64_t> read_seeds(const Node& node, Mistakes& mistakes);

/// `split_seed: 3`, or `split_seed: seed`: each seed draws its own training and validation part.
/// Whether it says the latter; the key is asked for then.
bool splits_by_seed(Block& block);

/// `deviation: 0.3`, of the noise of a regression's targets.
std::optional<double> read_deviation(Block& block);

/// `label_noise` and `label_seed`; the former is left to a set that declares an option of that name.
void read_label_noise(Block& block, train::DataSettings& data);

struct DataBlock {
  train::DataSettings settings;
  bool regression = false;
  Place place;
};

/// {name: cifar10, train: 20000, ..., <options of the set>}; checksum left empty.
std::optional<DataBlock> read_data(const Node& node, const Catalog& catalog, Mistakes& mistakes);

std::vector<train::ProbeSettings> read_probes(const Node& list, const Catalog& catalog,
                                              Mistakes& mistakes);

/// {every: {epochs: 1}, train_loss: [1, 0.1], predictive: true}, or some of them.
void read_evaluate(const Node& node, train::TrialSettings& settings, Mistakes& mistakes);

/// Reports a value that is not a list; `what` names it.
bool require_list(const Node& node, const std::string& what, Mistakes& mistakes);

}  // namespace gapbench::suite

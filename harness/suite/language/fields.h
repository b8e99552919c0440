// The parts of a suite that are not plugins: schedules, seeds, probes. Data sets: data_block.h.
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
    "schedule",  "running_statistics", "posterior", "sampling", "until",       "batch_growth"};
bool is_method_key(const std::string& key);

/// `running_statistics: moving|reestimate`, moving where it is not given.
train::RunningStatistics read_running_statistics(Block& block);

/// `sampling: permutation|independent`, permutation where it is not given.
train::Sampling read_sampling(Block& block);

/// `batch_growth: {epochs: [30, 60], factor: 2}`; nothing where it is not given.
std::optional<train::BatchGrowth> read_batch_growth(Block& block);

/// `until: {train_loss: 0.01}`; nothing where it is not given.
std::optional<double> read_until(Block& block);

/// Train losses above 0, descending; `what` names the list.
std::vector<double> read_losses(const Node& node, const std::string& what, Mistakes& mistakes);

/// `record: {outcomes: false, parameters: true}`; what is not given, as usual.
train::KeepSettings read_keep(Block& block);

std::optional<train::ScheduleSettings> read_schedule(const Node& node, Mistakes& mistakes);

/// [1, 2, 5] or {first: 1, count: 5}; each seed once.
std::vector<std::uint64_t> read_seeds(const Node& node, Mistakes& mistakes);

/// A whole number from 0 to 2^53, 0 where it is not given: every one is a double.
inline OptionSpec count_option(const char* name) {
  constexpr double largest = 9007199254740992;
  return option::integer(name, "").at_least(0).at_most(largest).by_default(0.0);
}

std::vector<train::ProbeSettings> read_probes(const Node& list, const Catalog& catalog,
                                              Mistakes& mistakes);

/// Kinds of shift, each once, in their own order: `all`, or a list; `what` names it.
std::vector<std::string> read_shifts(const Node& node, const std::string& what, Mistakes& mistakes);

/// {every: {epochs: 1}, train_loss: [1, 0.1], predictive: true, shift: [blur]}, or some of them.
void read_evaluate(const Node& node, train::TrialSettings& settings, Mistakes& mistakes);

/// Reports a value that is not a list; `what` names it.
bool require_list(const Node& node, const std::string& what, Mistakes& mistakes);

}  // namespace gapbench::suite

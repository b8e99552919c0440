#include "suite/language/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "data/shift.h"
#include "suite/language/forms.h"
#include "suite/language/grid.h"
#include "suite/trials/trial_tree.h"

namespace gapbench::suite {
namespace {

using train::ScheduleSettings;

std::vector<double> read_milestones(const Node& node, Mistakes& mistakes) {
  std::vector<double> milestones;
  if (!require_list(node, "schedule.milestones", mistakes)) return milestones;
  if (node.items.empty()) mistakes.add(node.place, "schedule.milestones must not be empty");
  const OptionSpec spec = option::real("milestone", "").above(0).below(1);
  for (const Node& item : node.items) {
    const auto value = read_value(item, spec, "milestone", mistakes);
    if (!value) continue;
    const double milestone = std::get<double>(*value);
    if (!milestones.empty() && milestone <= milestones.back()) {
      mistakes.add(item.place, fmt::format("milestones must ascend, got {} after {}", milestone,
                                           milestones.back()));
    }
    milestones.push_back(milestone);
  }
  return milestones;
}

/// Fields that mean nothing for this kind would be ignored in silence.
void refuse_foreign_fields(Block& block, const std::string& kind) {
  struct Owned {
    const char* field;
    std::vector<std::string> kinds;
  };
  for (const Owned& owned : {Owned{"milestones", {"step"}}, Owned{"factor", {"step"}},
                             Owned{"final", {"cosine", "polynomial", "trapezoid"}},
                             Owned{"power", {"polynomial"}}, Owned{"cooldown", {"trapezoid"}}}) {
    if (std::ranges::count(owned.kinds, kind) > 0 || !block.has(owned.field)) continue;
    block.mistakes().add(block.place_of(owned.field),
                         fmt::format("schedule.{} belongs to kind {}, not to {}", owned.field,
                                     fmt::join(owned.kinds, " or "), kind));
  }
}

std::vector<std::uint64_t> read_growth_epochs(const Node& node, Mistakes& mistakes) {
  constexpr const char* what = "batch_growth.epochs";
  const OptionSpec spec = option::integer("epoch", "").at_least(1).at_most(1e9);
  std::vector<std::uint64_t> epochs;
  if (!require_list(node, what, mistakes)) return epochs;
  if (node.items.empty()) mistakes.add(node.place, fmt::format("{} must not be empty", what));
  for (const Node& item : node.items) {
    const auto value = read_value(item, spec, what, mistakes);
    if (!value) continue;
    const auto epoch = static_cast<std::uint64_t>(std::get<std::int64_t>(*value));
    if (!epochs.empty() && epoch <= epochs.back()) {
      mistakes.add(item.place, fmt::format("{} must ascend, as in [30, 60], got {} after {}", what,
                                           epoch, epochs.back()));
    }
    epochs.push_back(epoch);
  }
  return epochs;
}

}  // namespace

bool require_list(const Node& node, const std::string& what, Mistakes& mistakes) {
  if (node.is_list()) return true;
  mistakes.add(node.place, must_be(what, "a list", node));
  return false;
}

std::optional<ScheduleSettings> read_schedule(const Node& node, Mistakes& mistakes) {
  Block block(node, "schedule", mistakes);
  const auto kind = block.value(option::choice("kind", schedule_kinds, ""));
  ScheduleSettings settings;
  if (const Node* warmup = block.optional("warmup")) {
    const auto length = read_length(*warmup, "schedule.warmup", true, mistakes);
    settings.warmup = length.value_or(train::Length{});
  }
  const Node* milestones = block.optional("milestones");
  if (milestones != nullptr) settings.milestones = read_milestones(*milestones, mistakes);
  const auto factor = block.real(option::real("factor", "").above(0).at_most(1).by_default(0.1));
  const auto final = block.real(option::real("final", "").at_least(0).at_most(1).by_default(0.0));
  settings.factor = factor.value_or(settings.factor);
  settings.final = final.value_or(settings.final);
  const auto power = block.real(option::real("power", "").above(0).by_default(settings.power));
  const auto cooldown =
      block.real(option::real("cooldown", "").above(0).at_most(1).by_default(settings.cooldown));
  settings.power = power.value_or(settings.power);
  settings.cooldown = cooldown.value_or(settings.cooldown);
  block.done();
  if (!kind) return std::nullopt;
  const auto& name = std::get<std::string>(*kind);
  settings.kind = schedule_kind(name);
  refuse_foreign_fields(block, name);
  if (settings.kind == ScheduleSettings::Kind::step) {
    block.required("milestones", "fractions of the budget, as in [0.5, 0.75]");
  }
  return settings;
}

std::vector<std::uint64_t> read_seeds(const Node& node, Mistakes& mistakes) {
  std::vector<std::uint64_t> seeds;
  if (node.is_block()) {
    Block block(node, "seeds", mistakes);
    const auto first = block.whole(count_option("first"));
    const OptionSpec how_many =
        option::integer("count", "").at_least(1).at_most(static_cast<double>(most_trials));
    const auto number = block.whole(how_many);
    block.done();
    for (std::uint64_t i = 0; i < number.value_or(0); ++i) seeds.push_back(first.value_or(1) + i);
    return seeds;
  }
  if (!node.is_list()) {
    mistakes.add(node.place, fmt::format("seeds must be a list or {{first: 1, count: n}}, got {}",
                                         shown(node)));
    return seeds;
  }
  if (node.items.empty()) mistakes.add(node.place, "no seeds: the suite has no trials");
  std::set<std::uint64_t> seen;
  for (const Node& item : node.items) {
    const auto seed = unsigned_of(item);
    if (!seed) {
      mistakes.add(item.place,
                   fmt::format("a seed must be a whole number >= 0, got {}", shown(item)));
    } else if (!seen.insert(*seed).second) {
      mistakes.add(item.place, fmt::format("seed {} given twice", *seed));
    } else {
      seeds.push_back(*seed);
    }
  }
  return seeds;
}

std::vector<train::ProbeSettings> read_probes(const Node& list, const Catalog& catalog,
                                              Mistakes& mistakes) {
  std::vector<train::ProbeSettings> probes;
  if (!require_list(list, "probes", mistakes)) return probes;
  for (const Node& item : list.items) {
    const Node node = as_named_block(item);
    Block block(node, "probe", mistakes);
    const auto probe = read_choice(block, Role::probe, catalog, true);
    train::ProbeSettings settings;
    if (const Node* every = block.optional("every")) {
      settings.every = read_length(*every, "every", false, mistakes);
    }
    if (!probe) continue;
    block.done();
    for (const OptionSpec& spec : catalog.find(Role::probe, probe->name).options) {
      if (spec.kind != OptionKind::parameters) continue;
      mistakes.add(item.place,
                   fmt::format("{}.{} wants the end of a trial; a suite's probes measure "
                               "every method and are handed none",
                               probe->name, spec.name));
    }
    settings.probe = *probe;
    probes.push_back(settings);
  }
  return probes;
}

train::RunningStatistics read_running_statistics(Block& block) {
  const auto value = block.value(
      option::choice("running_statistics", "moving|reestimate", "").by_default("moving"));
  const bool moving = !value || std::get<std::string>(*value) == "moving";
  return moving ? train::RunningStatistics::moving : train::RunningStatistics::reestimate;
}

train::Sampling read_sampling(Block& block) {
  const auto value = block.value(
      option::choice("sampling", "permutation|independent", "").by_default("permutation"));
  const bool permutes = !value || std::get<std::string>(*value) == "permutation";
  return permutes ? train::Sampling::permutation : train::Sampling::independent;
}

std::optional<train::BatchGrowth> read_batch_growth(Block& block) {
  const Node* node = block.optional("batch_growth");
  if (node == nullptr) return std::nullopt;
  Block growth(*node, "batch_growth", block.mistakes());
  train::BatchGrowth read;
  const auto factor =
      growth.whole(option::integer("factor", "").at_least(2).at_most(1000).by_default(2.0));
  read.factor = factor.value_or(read.factor);
  if (const Node* epochs = growth.required("epochs")) {
    read.epochs = read_growth_epochs(*epochs, block.mistakes());
  }
  growth.done();
  return read;
}

std::optional<double> read_until(Block& block) {
  const Node* node = block.optional("until");
  if (node == nullptr) return std::nullopt;
  Block until(*node, "until", block.mistakes());
  const auto loss = until.real(option::real("train_loss", "").above(0));
  until.done();
  return loss;
}

std::vector<double> read_losses(const Node& node, const std::string& what, Mistakes& mistakes) {
  const OptionSpec spec = option::real("loss", "").above(0);
  std::vector<double> losses;
  if (!require_list(node, what, mistakes)) return losses;
  if (node.items.empty()) mistakes.add(node.place, what + " must not be empty");
  for (const Node& item : node.items) {
    const auto value = read_value(item, spec, what, mistakes);
    if (!value) continue;
    const double loss = std::get<double>(*value);
    if (!losses.empty() && loss >= losses.back()) {
      mistakes.add(item.place, fmt::format("{} must descend, as in [1, 0.1], got {} after {}", what,
                                           loss, losses.back()));
    }
    losses.push_back(loss);
  }
  return losses;
}

train::KeepSettings read_keep(Block& block) {
  train::KeepSettings keep;
  const Node* node = block.optional("record");
  if (node == nullptr) return keep;
  Block record(*node, "record", block.mistakes());
  keep.outcomes = record.flag("outcomes").value_or(keep.outcomes);
  keep.parameters = record.flag("parameters").value_or(keep.parameters);
  keep.predictions = record.flag("predictions").value_or(keep.predictions);
  record.done();
  return keep;
}

std::vector<std::string> read_shifts(const Node& node, const std::string& what,
                                     Mistakes& mistakes) {
  std::vector<std::string> all(data::shift_kinds.begin(), data::shift_kinds.end());
  if (node.is_scalar() && !node.quoted && node.text == "all") return all;
  std::vector<std::string> shifts;
  if (!require_list(node, what, mistakes)) return shifts;
  if (node.items.empty()) mistakes.add(node.place, what + " must not be empty");
  for (const Node& item : node.items) {
    if (!item.is_scalar() || std::ranges::count(all, item.text) == 0) {
      mistakes.add(item.place, fmt::format("{} must be all or some of {}, got {}", what,
                                           fmt::join(all, ", "), shown(item)));
    } else if (std::ranges::count(shifts, item.text) > 0) {
      mistakes.add(item.place, fmt::format("shift {} given twice", item.text));
    }
    shifts.push_back(item.text);
  }
  std::erase_if(all,
                [&](const std::string& kind) { return std::ranges::count(shifts, kind) == 0; });
  return all;
}

void read_evaluate(const Node& node, train::TrialSettings& settings, Mistakes& mistakes) {
  Block block(node, "evaluate", mistakes);
  const Node* every = block.has("every") ? block.optional("every") : nullptr;
  settings.predictive = block.flag("predictive").value_or(false);
  if (const Node* losses = block.optional("train_loss")) {
    settings.evaluate_losses = read_losses(*losses, "evaluate.train_loss", mistakes);
  }
  if (const Node* shift = block.optional("shift")) {
    settings.shifts = read_shifts(*shift, "evaluate.shift", mistakes);
    if (!settings.predictive) {
      mistakes.add(shift->place, "evaluate.shift scores predictions; give predictive: true, too");
    }
  }
  if (!block.has("every") && !block.has("train_loss") && !settings.predictive) {
    block.required("every", "as in {every: {epochs: 1}}");
  }
  block.done();
  if (every == nullptr) return;
  settings.evaluate_every = read_length(*every, "evaluate.every", false, mistakes);
}

bool is_method_key(const std::string& key) {
  return std::find(std::begin(method_keys), std::end(method_keys), key) != std::end(method_keys);
}

}  // namespace gapbench::suite

#include "suite/trials/trial_file.h"

#include <fmt/format.h>

#include <cmath>

#include "core/hash.h"
#include "suite/trials/trial_tree.h"
#include "suite/yaml/emit.h"

namespace gapbench::suite {
namespace {

using train::Choice;
using train::Length;
using train::ScheduleSettings;
using train::TrialSettings;

void put(Node& block, const char* key, Node value) { block.at(key, {}) = std::move(value); }

Node whole(std::uint64_t value) { return scalar_node(fmt::format("{}", value), false); }

/// "10", not "10.0", where that reads back to the same bits.
Node length_count(double count) {
  constexpr double exact = 9007199254740992;  // 2^53
  const bool is_whole = std::abs(count) < exact && count == std::trunc(count);
  if (is_whole) return whole(static_cast<std::uint64_t>(count));
  return value_node(count);
}

Node length_tree(const Length& length) {
  Node block = block_node();
  const bool epochs = length.unit == Length::Unit::epochs;
  put(block, epochs ? "epochs" : "steps", length_count(length.count));
  return block;
}

Node numbers(const std::vector<double>& values) {
  Node list = list_node();
  for (const double value : values) list.items.push_back(value_node(value));
  return list;
}

Node wholes(const std::vector<std::size_t>& values) {
  Node list = list_node();
  for (const std::size_t value : values) list.items.push_back(whole(value));
  return list;
}

Node texts(const std::vector<std::string>& values) {
  Node list = list_node();
  for (const std::string& value : values) list.items.push_back(text_node(value));
  return list;
}

Node schedule_tree(const ScheduleSettings& schedule) {
  Node block = block_node();
  put(block, "kind", text_node(to_text(schedule.kind)));
  put(block, "warmup", length_tree(schedule.warmup));
  put(block, "milestones", numbers(schedule.milestones));
  put(block, "factor", value_node(schedule.factor));
  put(block, "final", value_node(schedule.final));
  // These came later: files of other kinds stay what they were.
  using Kind = ScheduleSettings::Kind;
  if (schedule.kind == Kind::polynomial) put(block, "power", value_node(schedule.power));
  if (schedule.kind == Kind::trapezoid) put(block, "cooldown", value_node(schedule.cooldown));
  return block;
}

void put_examples(Node& block, const TrialSettings& settings) {
  if (settings.problem) {
    put(block, "problem", choice_tree(*settings.problem));
  } else {
    put(block, "data", data_tree(settings.data));
    put(block, "network", choice_tree(settings.network));
  }
}

void put_probes(Node& block, const TrialSettings& settings) {
  Node probes = list_node();
  for (const train::ProbeSettings& probe : settings.probes) {
    Node item = choice_tree(probe.probe);
    if (probe.every) put(item, "every", length_tree(*probe.every));
    probes.items.push_back(std::move(item));
  }
  put(block, "probes", std::move(probes));
}

void put_sources(Node& block, const TrialSettings& settings) {
  if (settings.sources.empty()) return;
  Node sources = list_node();
  for (const train::TrajectorySource& source : settings.sources) {
    Node item = block_node();
    put(item, "option", text_node(source.option));
    put(item, "method", text_node(source.method));
    put(item, "identity", text_node(source.identity));
    put(item, "folder", text_node(source.folder));
    if (source.hands != train::Hands::steps) put(item, "hands", text_node(to_text(source.hands)));
    if (!source.regularizer.empty()) put(item, "regularizer", text_node(source.regularizer));
    sources.items.push_back(std::move(item));
  }
  put(block, "sources", std::move(sources));
}

Node posterior_tree(const train::PosteriorSettings& posterior) {
  Node block = choice_tree(posterior.posterior);
  put(block, "draws", whole(posterior.draws));
  if (posterior.every) put(block, "every", length_tree(*posterior.every));
  put(block, "train_examples", whole(posterior.train_examples));
  return block;
}

Node until_tree(double train_loss) {
  Node block = block_node();
  put(block, "train_loss", value_node(train_loss));
  return block;
}

void put_keep(Node& block, const train::KeepSettings& keep) {
  const train::KeepSettings usual;
  Node record = block_node();
  if (keep.outcomes != usual.outcomes) put(record, "outcomes", value_node(keep.outcomes));
  if (keep.parameters != usual.parameters) put(record, "parameters", value_node(keep.parameters));
  if (keep.predictions != usual.predictions) {
    put(record, "predictions", value_node(keep.predictions));
  }
  if (!record.entries.empty()) put(block, "record", std::move(record));
}

Node growth_tree(const train::BatchGrowth& growth) {
  Node epochs = list_node();
  for (const std::uint64_t epoch : growth.epochs) epochs.items.push_back(whole(epoch));
  Node block = block_node();
  put(block, "epochs", std::move(epochs));
  put(block, "factor", whole(growth.factor));
  return block;
}

/// What most trials have none of stands only where there is some.
void put_roles(Node& block, const TrialSettings& settings) {
  if (settings.running_statistics == train::RunningStatistics::reestimate) {
    put(block, "running_statistics", text_node("reestimate"));
  }
  if (settings.posterior) put(block, "posterior", posterior_tree(*settings.posterior));
  if (settings.sampling == train::Sampling::independent) {
    put(block, "sampling", text_node("independent"));
  }
  if (settings.batch_growth) put(block, "batch_growth", growth_tree(*settings.batch_growth));
  if (settings.until_loss) put(block, "until", until_tree(*settings.until_loss));
  if (!settings.evaluate_losses.empty()) {
    put(block, "evaluate_losses", numbers(settings.evaluate_losses));
  }
  if (settings.predictive) put(block, "predictive", value_node(true));
  if (!settings.shifts.empty()) put(block, "shifts", texts(settings.shifts));
  if (settings.tuning) put(block, "tuning", value_node(true));
  if (settings.record_steps) put(block, "record_steps", value_node(true));
  if (settings.record_end) put(block, "record_end", value_node(true));
  put_keep(block, settings.keep);
  if (settings.effort.configurations == 0) return;
  Node effort = block_node();
  put(effort, "configurations", whole(settings.effort.configurations));
  put(effort, "trials", whole(settings.effort.trials));
  if (settings.effort.failed > 0) put(effort, "failed", whole(settings.effort.failed));
  if (settings.effort.tied > 0) put(effort, "tied", whole(settings.effort.tied));
  put(block, "tuned", std::move(effort));
}

Node settings_tree(const TrialSettings& settings) {
  Node block = block_node();
  put(block, "suite", text_node(settings.suite));
  put(block, "method", text_node(settings.method));
  put_examples(block, settings);
  put(block, "optimizer", choice_tree(settings.optimizer));
  Node regularizers = list_node();
  for (const Choice& choice : settings.regularizers) {
    regularizers.items.push_back(choice_tree(choice));
  }
  put(block, "regularizers", std::move(regularizers));
  put_sources(block, settings);
  if (!settings.start.empty()) put(block, "start", text_node(settings.start));
  put(block, "batch", settings.batch == 0 ? text_node("all") : whole(settings.batch));
  put(block, "micro_batch", whole(settings.micro_batch));
  put(block, "seed", whole(settings.seed));
  put(block, "budget", length_tree(settings.budget));
  put(block, "schedule", schedule_tree(settings.schedule));
  if (settings.evaluate_every) {
    put(block, "evaluate_every", length_tree(*settings.evaluate_every));
  }
  put_probes(block, settings);
  put_roles(block, settings);
  put(block, "threads", whole(settings.threads));
  return block;
}

/// Where a trial's settings name the method of a source.
void name_source(const train::TrajectorySource& source, TrialSettings& settings) {
  if (source.hands == train::Hands::start) {
    settings.start = source.identity;
    return;
  }
  if (source.regularizer.empty()) settings.optimizer.options[source.option] = source.identity;
  for (Choice& choice : settings.regularizers) {
    if (choice.name == source.regularizer) choice.options[source.option] = source.identity;
  }
}

/// What does not change the result, at one value for all.
TrialSettings without_idle_settings(TrialSettings settings) {
  if (settings.micro_batch == 0) settings.micro_batch = train::default_micro_batch;
  ScheduleSettings& schedule = settings.schedule;
  const ScheduleSettings defaults;
  if (schedule.warmup.count == 0) schedule.warmup = defaults.warmup;
  if (schedule.kind != ScheduleSettings::Kind::step) {
    schedule.milestones.clear();
    schedule.factor = defaults.factor;
  }
  if (schedule.kind == ScheduleSettings::Kind::constant ||
      schedule.kind == ScheduleSettings::Kind::step) {
    schedule.final = defaults.final;
  }
  for (const train::TrajectorySource& source : settings.sources) {
    if (!source.identity.empty()) name_source(source, settings);
  }
  return settings;
}

}  // namespace

const char* to_text(train::Hands hands) {
  switch (hands) {
    case train::Hands::steps:
      return "steps";
    case train::Hands::end:
      return "end";
    case train::Hands::start:
      return "start";
  }
  return "";
}

const char* to_text(ScheduleSettings::Kind kind) {
  switch (kind) {
    case ScheduleSettings::Kind::constant:
      return "constant";
    case ScheduleSettings::Kind::step:
      return "step";
    case ScheduleSettings::Kind::cosine:
      return "cosine";
    case ScheduleSettings::Kind::polynomial:
      return "polynomial";
    case ScheduleSettings::Kind::trapezoid:
      return "trapezoid";
  }
  return "";
}

ScheduleSettings::Kind schedule_kind(const std::string& text) {
  using Kind = ScheduleSettings::Kind;
  for (const Kind kind : {Kind::step, Kind::cosine, Kind::polynomial, Kind::trapezoid}) {
    if (text == to_text(kind)) return kind;
  }
  return Kind::constant;
}

Node choice_tree(const Choice& choice) {
  Node block = block_node();
  put(block, "name", text_node(choice.name));
  put(block, "revision", whole(choice.revision));
  Node options = block_node();
  for (const auto& [name, value] : choice.options) put(options, name.c_str(), value_node(value));
  put(block, "options", std::move(options));
  return block;
}

Node data_tree(const train::DataSettings& data) {
  Node block = choice_tree(data.set);
  put(block, "train", whole(data.train));
  put(block, "validation", whole(data.validation));
  put(block, "test", whole(data.test));
  put(block, "split_seed",
      data.seeds_per_draw > 0 ? text_node(train::draws_text(data.seeds_per_draw))
                              : whole(data.split_seed));
  if (data.test_fraction) put(block, "test_fraction", value_node(*data.test_fraction));
  if (!data.unseen.empty()) put(block, "unseen", wholes(data.unseen));
  if (data.label_noise > 0) put(block, "label_noise", value_node(data.label_noise));
  if (data.label_seed > 0) put(block, "label_seed", whole(data.label_seed));
  put(block, "augment", value_node(data.augment));
  if (data.deviation) put(block, "deviation", value_node(*data.deviation));
  put(block, "checksum", text_node(data.checksum));
  return block;
}

std::string write_trial(const TrialSettings& settings) {
  return "# One trial, resolved: every setting, defaults included.\n" +
         emit_yaml(settings_tree(settings), Dialect::portable);
}

std::string identity_text(const TrialSettings& settings) {
  Node tree = settings_tree(without_idle_settings(settings));
  for (const char* key :
       {"suite", "method", "sources", "record_steps", "record_end", "record", "tuned", "threads"}) {
    tree.remove(key);
  }
  return fmt::format("protocol: {}\n", protocol) + emit_yaml(tree);
}

std::string identity(const TrialSettings& settings) {
  return hash_bytes(Digest::sha256, identity_text(settings));
}

}  // namespace gapbench::suite

#include <fmt/format.h>

#include "core/file.h"
#include "suite/language/block.h"
#include "suite/language/data_block.h"
#include "suite/language/posterior.h"
#include "suite/trials/trial_file.h"
#include "suite/trials/trial_tree.h"
#include "suite/yaml/parse.h"

namespace gapbench::suite {
namespace {

using train::Choice;
using train::Length;
using train::ScheduleSettings;
using train::TrialSettings;

std::uint64_t read_unsigned(Block& block, const char* key) {
  const Node* node = block.required(key);
  if (node == nullptr) return 0;
  const auto value = unsigned_of(*node);
  if (!value) {
    block.mistakes().add(node->place,
                         fmt::format("{} must be a whole number >= 0, got {}", key, shown(*node)));
  }
  return value.value_or(0);
}

bool read_flag(Block& block, const char* key) {
  const auto value = block.value(option::flag(key, ""));
  return value && std::get<bool>(*value);
}

OptionMap read_options(const Node& node, Mistakes& mistakes) {
  OptionMap options;
  if (!node.is_block()) {
    mistakes.add(node.place, fmt::format("options must be a block, got {}", shown(node)));
  }
  for (const Entry& entry : node.entries) {
    if (entry.value.is_scalar()) {
      options[entry.key] = value_of(entry.value);
    } else {
      mistakes.add(entry.place, fmt::format("option \"{}\" must be a value, got {}", entry.key,
                                            shown(entry.value)));
    }
  }
  return options;
}

Choice read_parts(Block& block) {
  Choice choice;
  choice.name = block.text("name", true).value_or("");
  const std::uint64_t revision = read_unsigned(block, "revision");
  choice.revision = static_cast<std::uint32_t>(revision);
  if (choice.revision != revision) {
    block.mistakes().add(block.place_of("revision"), "revision is too large");
  }
  if (const Node* node = block.required("options")) {
    choice.options = read_options(*node, block.mistakes());
  }
  return choice;
}

Choice read_whole_choice(const Node& node, const char* what, Mistakes& mistakes) {
  Block block(node, what, mistakes);
  Choice choice = read_parts(block);
  block.done();
  return choice;
}

train::DataSettings read_data_settings(const Node& node, Mistakes& mistakes) {
  Block block(node, "data", mistakes);
  train::DataSettings data;
  data.set = read_parts(block);
  data.train = read_unsigned(block, "train");
  data.validation = read_unsigned(block, "validation");
  data.test = read_unsigned(block, "test");
  data.seeds_per_draw = read_seeds_per_draw(block);
  if (data.seeds_per_draw == 0) data.split_seed = read_unsigned(block, "split_seed");
  data.test_fraction = read_test_fraction(block);
  data.unseen = read_unseen(block);
  read_label_noise(block, data);
  data.augment = read_flag(block, "augment");
  data.deviation = read_deviation(block);
  data.checksum = block.text("checksum", true).value_or("");
  block.done();
  return data;
}

Length length_or_default(const Node* node, const char* what, Mistakes& mistakes) {
  if (node == nullptr) return {};
  return read_length(*node, what, true, mistakes).value_or(Length{});
}

ScheduleSettings read_whole_schedule(const Node& node, Mistakes& mistakes) {
  Block block(node, "schedule", mistakes);
  ScheduleSettings schedule;
  const auto kind = block.value(option::choice("kind", schedule_kinds, ""));
  if (kind) schedule.kind = schedule_kind(std::get<std::string>(*kind));
  schedule.warmup = length_or_default(block.required("warmup"), "warmup", mistakes);
  const OptionSpec real = option::real("milestone", "");
  if (const Node* milestones = block.required("milestones")) {
    for (const Node& item : milestones->items) {
      const auto value = read_value(item, real, "milestone", mistakes);
      if (value) schedule.milestones.push_back(std::get<double>(*value));
    }
  }
  schedule.factor = block.real(option::real("factor", "")).value_or(0);
  schedule.final = block.real(option::real("final", "")).value_or(0);
  const auto if_there = [&block](const char* name, double otherwise) {
    return block.real(option::real(name, "").by_default(otherwise)).value_or(otherwise);
  };
  schedule.power = if_there("power", schedule.power);
  schedule.cooldown = if_there("cooldown", schedule.cooldown);
  block.done();
  return schedule;
}

void read_examples(Block& block, TrialSettings& settings) {
  if (block.has("problem")) {
    const Node* problem = block.optional("problem");
    if (problem != nullptr) {
      settings.problem = read_whole_choice(*problem, "problem", block.mistakes());
    }
    return;
  }
  if (const Node* node = block.required("data")) {
    settings.data = read_data_settings(*node, block.mistakes());
  }
  if (const Node* node = block.required("network")) {
    settings.network = read_whole_choice(*node, "network", block.mistakes());
  }
}

void read_plugins(Block& block, TrialSettings& settings) {
  Mistakes& mistakes = block.mistakes();
  if (const Node* node = block.required("optimizer")) {
    settings.optimizer = read_whole_choice(*node, "optimizer", mistakes);
  }
  if (const Node* list = block.required("regularizers")) {
    for (const Node& item : list->items) {
      settings.regularizers.push_back(read_whole_choice(item, "regularizer", mistakes));
    }
  }
  const Node* list = block.required("probes");
  if (list == nullptr) return;
  for (const Node& item : list->items) {
    Block probe(item, "probe", mistakes);
    train::ProbeSettings read{read_parts(probe), std::nullopt};
    if (const Node* every = probe.optional("every")) {
      read.every = read_length(*every, "every", false, mistakes);
    }
    probe.done();
    settings.probes.push_back(std::move(read));
  }
}

/// A whole number, or "all" as 0.
std::size_t read_batch(Block& block) {
  const Node* node = block.required("batch");
  if (node == nullptr) return 0;
  if (node->is_scalar() && node->text == "all") return 0;
  const auto size = unsigned_of(*node);
  if (!size || *size == 0) {
    block.mistakes().add(
        node->place, fmt::format("batch must be a whole number >= 1 or all, got {}", shown(*node)));
  }
  return size.value_or(0);
}

train::Hands hands_of(const std::string& text) {
  if (text == "end") return train::Hands::end;
  return text == "start" ? train::Hands::start : train::Hands::steps;
}

std::vector<train::TrajectorySource> read_sources(const Node& list, Mistakes& mistakes) {
  std::vector<train::TrajectorySource> sources;
  if (!list.is_list()) {
    mistakes.add(list.place, fmt::format("sources must be a list, got {}", shown(list)));
  }
  for (const Node& item : list.items) {
    Block block(item, "source", mistakes);
    train::TrajectorySource source;
    source.option = block.text("option", true).value_or("");
    source.method = block.text("method", true).value_or("");
    source.identity = block.text("identity", true).value_or("");
    source.folder = block.text("folder", true).value_or("");
    const auto hands =
        block.value(option::choice("hands", "steps|end|start", "").by_default("steps"));
    if (hands) source.hands = hands_of(std::get<std::string>(*hands));
    source.regularizer = block.text("regularizer", false).value_or("");
    block.done();
    sources.push_back(std::move(source));
  }
  return sources;
}

/// Keys that stand only where they say something.
void read_roles(Block& block, TrialSettings& settings) {
  if (const Node* list = block.optional("sources")) {
    settings.sources = read_sources(*list, block.mistakes());
  }
  settings.running_statistics = read_running_statistics(block);
  if (const Node* node = block.optional("posterior")) {
    Block posterior(*node, "posterior", block.mistakes());
    train::PosteriorSettings& read = settings.posterior.emplace();
    read.posterior = read_parts(posterior);
    read_draws(posterior, read);
    posterior.done();
  }
  settings.sampling = read_sampling(block);
  settings.batch_growth = read_batch_growth(block);
  settings.until_loss = read_until(block);
  if (const Node* node = block.optional("evaluate_losses")) {
    settings.evaluate_losses = read_losses(*node, "evaluate_losses", block.mistakes());
  }
  settings.predictive = block.flag("predictive").value_or(false);
  if (const Node* node = block.optional("shifts")) {
    settings.shifts = read_shifts(*node, "shifts", block.mistakes());
  }
  settings.tuning = block.flag("tuning").value_or(false);
  settings.record_steps = block.flag("record_steps").value_or(false);
  settings.record_end = block.flag("record_end").value_or(false);
  settings.start = block.text("start", false).value_or("");
  settings.keep = read_keep(block);
  if (const Node* node = block.optional("tuned")) {
    Block effort(*node, "tuned", block.mistakes());
    settings.effort.configurations = read_unsigned(effort, "configurations");
    settings.effort.trials = read_unsigned(effort, "trials");
    if (effort.optional("failed") != nullptr) {
      settings.effort.failed = read_unsigned(effort, "failed");
    }
    if (effort.optional("tied") != nullptr) {
      settings.effort.tied = read_unsigned(effort, "tied");
    }
    effort.done();
  }
}

TrialSettings read_settings(const Node& root, Mistakes& mistakes) {
  Block block(root, "trial", mistakes);
  TrialSettings settings;
  settings.suite = block.text("suite", true).value_or("");
  settings.method = block.text("method", true).value_or("");
  read_examples(block, settings);
  read_plugins(block, settings);
  settings.batch = read_batch(block);
  settings.micro_batch = read_unsigned(block, "micro_batch");
  settings.seed = read_unsigned(block, "seed");
  settings.budget = length_or_default(block.required("budget"), "budget", mistakes);
  if (const Node* node = block.required("schedule")) {
    settings.schedule = read_whole_schedule(*node, mistakes);
  }
  if (const Node* node = block.optional("evaluate_every")) {
    settings.evaluate_every = read_length(*node, "evaluate_every", false, mistakes);
  }
  read_roles(block, settings);
  settings.threads = read_unsigned(block, "threads");
  block.done();
  return settings;
}

}  // namespace

TrialSettings read_trial(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  Mistakes mistakes({file.string(), {}});
  const Node root = parse_yaml(text, 0, mistakes);
  TrialSettings settings = read_settings(root, mistakes);
  mistakes.raise();
  return settings;
}

}  // namespace gapbench::suite

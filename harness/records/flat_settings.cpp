#include "records/flat_settings.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

namespace gapbench::records {
namespace {

OptionValue whole(std::uint64_t value) { return static_cast<std::int64_t>(value); }

void add_length(const std::string& prefix, const train::Length& length, OptionMap& flat) {
  const bool epochs = length.unit == train::Length::Unit::epochs;
  flat[prefix + (epochs ? "epochs" : "steps")] = length.count;
}

void add_options(const std::string& prefix, const train::Choice& choice, OptionMap& flat) {
  for (const auto& [name, value] : choice.options) flat[prefix + "." + name] = value;
  if (choice.revision != 0) flat[prefix + ".revision"] = whole(choice.revision);
}

void add_choice(const std::string& prefix, const train::Choice& choice, OptionMap& flat) {
  flat[prefix] = choice.name;
  add_options(prefix, choice, flat);
}

/// "l2", and "l2#2" for the second of that name.
class Labels {
 public:
  std::string next(const std::string& name) {
    const int count = ++seen_[name];
    labels_.push_back(count == 1 ? name : fmt::format("{}#{}", name, count));
    return labels_.back();
  }
  std::string joined() const {
    return labels_.empty() ? "none" : fmt::format("{}", fmt::join(labels_, "+"));
  }

 private:
  std::map<std::string, int> seen_;
  std::vector<std::string> labels_;
};

void add_data(const train::DataSettings& data, OptionMap& flat) {
  add_choice("dataset", data.set, flat);
  flat["data.train"] = whole(data.train);
  flat["data.validation"] = whole(data.validation);
  flat["data.test"] = whole(data.test);
  if (data.seeds_per_draw > 0) {
    flat["data.split_seed"] = train::draws_text(data.seeds_per_draw);
  } else {
    flat["data.split_seed"] = whole(data.split_seed);
  }
  if (data.test_fraction) flat["data.test_fraction"] = *data.test_fraction;
  if (!data.unseen.empty()) flat["data.unseen"] = fmt::format("{}", fmt::join(data.unseen, " "));
  if (data.label_noise > 0) flat["data.label_noise"] = data.label_noise;
  if (data.label_seed > 0) flat["data.label_seed"] = whole(data.label_seed);
  flat["data.augment"] = data.augment;
  if (data.deviation) flat["data.deviation"] = *data.deviation;
  flat["data.checksum"] = data.checksum;
}

void add_schedule(const train::ScheduleSettings& schedule, OptionMap& flat) {
  using Kind = train::ScheduleSettings::Kind;
  if (schedule.warmup.count > 0) add_length("schedule.warmup_", schedule.warmup, flat);
  switch (schedule.kind) {
    case Kind::constant:
      flat["schedule"] = "constant";
      return;
    case Kind::step: {
      flat["schedule"] = "step";
      flat["schedule.factor"] = schedule.factor;
      flat["schedule.milestones"] = fmt::format("{}", fmt::join(schedule.milestones, " "));
      return;
    }
    case Kind::cosine:
      flat["schedule"] = "cosine";
      flat["schedule.final"] = schedule.final;
      return;
    case Kind::polynomial:
      flat["schedule"] = "polynomial";
      flat["schedule.final"] = schedule.final;
      flat["schedule.power"] = schedule.power;
      return;
    case Kind::trapezoid:
      flat["schedule"] = "trapezoid";
      flat["schedule.final"] = schedule.final;
      flat["schedule.cooldown"] = schedule.cooldown;
      return;
  }
}

}  // namespace

OptionMap flat_settings(const train::TrialSettings& s) {
  OptionMap flat;
  if (s.problem) {
    add_choice("problem", *s.problem, flat);
  } else {
    add_data(s.data, flat);
    add_choice("network", s.network, flat);
  }
  add_choice("optimizer", s.optimizer, flat);
  Labels regularizers;
  for (const auto& r : s.regularizers) {
    add_options("regularizer." + regularizers.next(r.name), r, flat);
  }
  flat["regularizers"] = regularizers.joined();
  if (!s.start.empty()) flat["start"] = s.start;
  if (s.batch == 0) {
    flat["batch"] = std::string("all");
  } else {
    flat["batch"] = whole(s.batch);
  }
  flat["micro_batch"] = whole(s.micro_batch == 0 ? train::default_micro_batch : s.micro_batch);
  if (s.sampling == train::Sampling::independent) flat["sampling"] = std::string("independent");
  if (s.batch_growth) {
    flat["batch_growth.epochs"] = fmt::format("{}", fmt::join(s.batch_growth->epochs, " "));
    flat["batch_growth.factor"] = whole(s.batch_growth->factor);
  }
  add_length("budget.", s.budget, flat);
  if (s.until_loss) flat["until.train_loss"] = *s.until_loss;
  add_schedule(s.schedule, flat);
  if (s.evaluate_every) add_length("evaluate_every.", *s.evaluate_every, flat);
  if (!s.evaluate_losses.empty()) {
    flat["evaluate_losses"] = fmt::format("{}", fmt::join(s.evaluate_losses, " "));
  }
  Labels probes;
  for (const auto& p : s.probes) {
    const std::string prefix = "probe." + probes.next(p.probe.name);
    add_options(prefix, p.probe, flat);
    if (p.every) add_length(prefix + ".every_", *p.every, flat);
  }
  flat["probes"] = probes.joined();
  if (s.running_statistics == train::RunningStatistics::reestimate) {
    flat["running_statistics"] = std::string("reestimate");
  }
  if (s.posterior) {
    add_choice("posterior", s.posterior->posterior, flat);
    flat["posterior.draws"] = whole(s.posterior->draws);
    flat["posterior.train_examples"] = whole(s.posterior->train_examples);
    if (s.posterior->every) add_length("posterior.every_", *s.posterior->every, flat);
  }
  if (s.predictive) flat["predictive"] = true;
  if (!s.shifts.empty()) flat["shifts"] = fmt::format("{}", fmt::join(s.shifts, " "));
  if (s.tuning) flat["tuning"] = true;
  if (s.effort.configurations > 0) {
    flat["tune.configurations"] = whole(s.effort.configurations);
    flat["tune.trials"] = whole(s.effort.trials);
    if (s.effort.failed > 0) flat["tune.failed"] = whole(s.effort.failed);
    if (s.effort.tied > 0) flat["tune.tied"] = whole(s.effort.tied);
  }
  return flat;
}

}  // namespace gapbench::records

#include "records/flat_settings.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "records/records.h"

namespace gapbench::records {
namespace {

using train::Length;
using train::TrialSettings;

TEST(FlatSettings, NamesEveryChoice) {
  TrialSettings s = test::some_settings("sgd", 3);
  s.regularizers = {{"l2", {{"strength", 0.5}}, 1}, {"l2", {{"strength", 0.25}}, 1}};
  s.probes = {{{"gradient_norm", {}, 2}, Length{5, Length::Unit::steps}}};
  s.schedule.kind = train::ScheduleSettings::Kind::step;
  s.schedule.milestones = {0.5, 0.75};
  s.schedule.warmup = {10, Length::Unit::steps};
  s.evaluate_every = Length{1, Length::Unit::epochs};
  const OptionMap flat = flat_settings(s);
  const OptionMap expected{
      {"batch", std::int64_t{64}},
      {"budget.epochs", 2.0},
      {"data.augment", false},
      {"data.checksum", std::string(64, 'c')},
      {"data.split_seed", std::int64_t{0}},
      {"data.test", std::int64_t{0}},
      {"data.train", std::int64_t{0}},
      {"data.validation", std::int64_t{0}},
      {"dataset", "cifar10"},
      {"evaluate_every.epochs", 1.0},
      {"micro_batch", std::int64_t{32}},
      {"network", "cnn3"},
      {"optimizer", "sgd"},
      {"optimizer.learning_rate", 0.1},
      {"optimizer.nesterov", false},
      {"optimizer.revision", std::int64_t{1}},
      {"probe.gradient_norm.every_steps", 5.0},
      {"probe.gradient_norm.revision", std::int64_t{2}},
      {"probes", "gradient_norm"},
      {"regularizer.l2#2.revision", std::int64_t{1}},
      {"regularizer.l2#2.strength", 0.25},
      {"regularizer.l2.revision", std::int64_t{1}},
      {"regularizer.l2.strength", 0.5},
      {"regularizers", "l2+l2#2"},
      {"schedule", "step"},
      {"schedule.factor", 0.1},
      {"schedule.milestones", "0.5 0.75"},
      {"schedule.warmup_steps", 10.0},
  };
  EXPECT_EQ(flat, expected);
}

TEST(FlatSettings, EverythingThatChangesTheResultChangesTheMap) {
  using Kind = train::ScheduleSettings::Kind;
  const std::vector<std::function<void(TrialSettings&)>> changes{
      [](auto& s) { s.data.set.name = "cifar100"; },
      [](auto& s) { s.data.set.options["noise"] = 0.5; },
      [](auto& s) { s.data.train = 1; },
      [](auto& s) { s.data.validation = 1; },
      [](auto& s) { s.data.test = 1; },
      [](auto& s) { s.data.split_seed = 1; },
      [](auto& s) { s.data.seeds_per_draw = 1; },
      [](auto& s) { s.data.seeds_per_draw = 3; },
      [](auto& s) { s.data.test_fraction = 0.1; },
      [](auto& s) { s.data.unseen = {3}; },
      [](auto& s) { s.data.label_noise = 0.2; },
      [](auto& s) { s.data.label_seed = 1; },
      [](auto& s) { s.data.augment = true; },
      [](auto& s) { s.data.checksum.clear(); },
      [](auto& s) { s.network.name = "mlp"; },
      [](auto& s) { s.network.options["width"] = std::int64_t{3}; },
      [](auto& s) { s.optimizer.name = "adam"; },
      [](auto& s) { s.optimizer.options["learning_rate"] = 0.2; },
      [](auto& s) { s.optimizer.revision = 2; },
      [](auto& s) {
        s.regularizers = {{"l2", {}, 0}};
      },
      [](auto& s) { s.batch = 1; },
      [](auto& s) { s.micro_batch = 1; },
      [](auto& s) { s.running_statistics = train::RunningStatistics::reestimate; },
      [](auto& s) { s.budget.count = 3; },
      [](auto& s) { s.budget.unit = Length::Unit::steps; },
      [](auto& s) { s.schedule.kind = Kind::cosine; },
      [](auto& s) { s.schedule.kind = Kind::step; },
      [](auto& s) { s.schedule.kind = Kind::polynomial; },
      [](auto& s) { s.schedule.kind = Kind::trapezoid; },
      [](auto& s) {
        s.schedule.kind = Kind::polynomial;
        s.schedule.power = 2;
      },
      [](auto& s) {
        s.schedule.kind = Kind::trapezoid;
        s.schedule.cooldown = 0.5;
      },
      [](auto& s) { s.schedule.warmup.count = 1; },
      [](auto& s) {
        s.evaluate_every = Length{1, Length::Unit::steps};
      },
      [](auto& s) {
        s.probes = {{{"gradient_norm", {}, 0}, {}}};
      },
      [](auto& s) { s.data.deviation = 0.5; },
      [](auto& s) { s.predictive = true; },
      [](auto& s) { s.shifts = {"blur"}; },
      [](auto& s) { s.posterior.emplace(); },
      [](auto& s) { s.posterior.emplace().draws = 3; },
      [](auto& s) { s.posterior.emplace().train_examples = 3; },
      [](auto& s) {
        s.posterior.emplace().every = Length{1, Length::Unit::steps};
      },
      [](auto& s) { s.posterior.emplace().posterior.name = "mc_dropout"; },
      [](auto& s) {
        s.problem = train::Choice{"linear_teacher", {}, 0};
      },
  };
  std::set<OptionMap> seen{flat_settings(test::some_settings("sgd", 1))};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    TrialSettings s = test::some_settings("sgd", 1);
    changes[i](s);
    EXPECT_TRUE(seen.insert(flat_settings(s)).second) << "change " << i;
  }
}

TEST(FlatSettings, WhatDoesNotChangeTheResultDoesNotChangeTheMap) {
  TrialSettings s = test::some_settings("other name", 2);
  s.suite = "elsewhere";
  s.threads = 7;
  s.micro_batch = train::default_micro_batch;
  EXPECT_EQ(flat_settings(s), flat_settings(test::some_settings("sgd", 1)));
}

}  // namespace
}  // namespace gapbench::records

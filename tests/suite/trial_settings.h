// Settings with a value of its own in every field, for round trips and identities.
#pragma once

#include "train/settings.h"

namespace gapbench::suite::test {

inline train::TrialSettings full_settings() {
  using train::Length;
  train::TrialSettings s;
  s.suite = "cifar-smoke";
  s.method = "sgd[learning_rate=0.1,batch=64]";
  s.data.set = {"cifar10", {{"labels", std::string("fine")}, {"noise", 0.25}}, 0};
  s.data.train = 20000;
  s.data.validation = 5000;
  s.data.test = 100;
  s.data.split_seed = 3;
  s.data.augment = true;
  s.data.checksum = "00ff";
  s.network = {"cnn3", {{"width", std::int64_t{32}}}, 0};
  s.optimizer = {"sgd", {{"learning_rate", 0.1}, {"nesterov", true}}, 2};
  s.regularizers = {{"l2", {{"lambda", 5e-4}}, 1}, {"l1", {}, 7}};
  s.batch = 64;
  s.micro_batch = 16;
  s.seed = 42;
  s.budget = {10, Length::Unit::epochs};
  s.schedule.kind = train::ScheduleSettings::Kind::step;
  s.schedule.warmup = {0.5, Length::Unit::epochs};
  s.schedule.milestones = {0.5, 0.75};
  s.schedule.factor = 0.2;
  s.evaluate_every = Length{1, Length::Unit::epochs};
  s.probes = {
      {{"gradient_norm", {{"micro_batch", std::int64_t{128}}}, 3}, Length{50, Length::Unit::steps}},
      {{"gradient_norm", {}, 3}, std::nullopt}};
  s.threads = 2;
  return s;
}

inline train::TrialSettings problem_settings() {
  train::TrialSettings s = full_settings();
  s.data = {};
  s.network = {};
  s.problem = train::Choice{"linear_teacher", {{"features", std::int64_t{200}}}, 4};
  return s;
}

}  // namespace gapbench::suite::test

// Which settings are part of a trial's identity.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "suite/trials/trial_file.h"
#include "trial_settings.h"

namespace gapbench::suite::test {
namespace {

using train::Length;
using train::TrialSettings;
using Change = std::function<void(TrialSettings&)>;
using Kind = train::ScheduleSettings::Kind;

std::string changed(const Change& change) {
  TrialSettings s = full_settings();
  change(s);
  return identity(s);
}

TEST(Identity, ChangesWithEverySettingThatMatters) {
  const std::vector<Change> changes = {
      [](TrialSettings&) {},
      [](TrialSettings& s) { s.data.set.name = "cifar100"; },
      [](TrialSettings& s) { s.data.set.options["noise"] = 0.5; },
      [](TrialSettings& s) { s.data.train = 20001; },
      [](TrialSettings& s) { s.data.validation = 5001; },
      [](TrialSettings& s) { s.data.test = 0; },
      [](TrialSettings& s) { s.data.split_seed = 4; },
      [](TrialSettings& s) { s.data.seeds_per_draw = 1; },
      [](TrialSettings& s) { s.data.seeds_per_draw = 3; },
      [](TrialSettings& s) { s.data.unseen = {8}; },
      [](TrialSettings& s) {
        s.data.unseen = {8, 9};
      },
      [](TrialSettings& s) { s.data.test_fraction = 0.1; },
      [](TrialSettings& s) { s.data.test_fraction = 0.2; },
      [](TrialSettings& s) { s.data.label_noise = 0.2; },
      [](TrialSettings& s) { s.data.label_seed = 1; },
      [](TrialSettings& s) { s.data.augment = false; },
      [](TrialSettings& s) { s.data.checksum = "00fe"; },
      [](TrialSettings& s) { s.network.name = "mlp"; },
      [](TrialSettings& s) { s.network.options["width"] = std::int64_t{33}; },
      [](TrialSettings& s) { s.optimizer.name = "adam"; },
      [](TrialSettings& s) { s.optimizer.options["learning_rate"] = 0.10000000000000002; },
      [](TrialSettings& s) { s.optimizer.revision = 3; },
      [](TrialSettings& s) { s.regularizers.pop_back(); },
      [](TrialSettings& s) { std::swap(s.regularizers[0], s.regularizers[1]); },
      [](TrialSettings& s) { s.regularizers[0].options["lambda"] = 0.0; },
      [](TrialSettings& s) { s.regularizers[0].revision = 2; },
      [](TrialSettings& s) { s.batch = 65; },
      [](TrialSettings& s) { s.micro_batch = 17; },
      [](TrialSettings& s) { s.micro_batch = 0; },
      [](TrialSettings& s) { s.running_statistics = train::RunningStatistics::reestimate; },
      [](TrialSettings& s) { s.sampling = train::Sampling::independent; },
      [](TrialSettings& s) {
        s.batch_growth = train::BatchGrowth{{3}, 2};
      },
      [](TrialSettings& s) {
        s.batch_growth = train::BatchGrowth{{3}, 4};
      },
      [](TrialSettings& s) {
        s.batch_growth = train::BatchGrowth{{3, 5}, 2};
      },
      [](TrialSettings& s) { s.until_loss = 0.01; },
      [](TrialSettings& s) { s.until_loss = 0.02; },
      [](TrialSettings& s) { s.evaluate_losses = {1}; },
      [](TrialSettings& s) {
        s.evaluate_losses = {1, 0.5};
      },
      [](TrialSettings& s) { s.shifts = {"blur"}; },
      [](TrialSettings& s) {
        s.shifts = {"blur", "rotation"};
      },
      [](TrialSettings& s) { s.seed = 43; },
      [](TrialSettings& s) { s.budget.count = 11; },
      [](TrialSettings& s) { s.budget.unit = Length::Unit::steps; },
      [](TrialSettings& s) { s.schedule.kind = Kind::constant; },
      [](TrialSettings& s) { s.schedule.kind = Kind::cosine; },
      [](TrialSettings& s) { s.schedule.warmup.count = 1; },
      [](TrialSettings& s) { s.schedule.warmup.count = 0; },
      [](TrialSettings& s) { s.schedule.warmup.unit = Length::Unit::steps; },
      [](TrialSettings& s) { s.schedule.milestones.pop_back(); },
      [](TrialSettings& s) { s.schedule.factor = 0.3; },
      [](TrialSettings& s) { s.evaluate_every.reset(); },
      [](TrialSettings& s) { s.evaluate_every->count = 2; },
      [](TrialSettings& s) { s.probes.pop_back(); },
      [](TrialSettings& s) { s.probes[0].probe.options["micro_batch"] = std::int64_t{64}; },
      [](TrialSettings& s) { s.probes[0].probe.revision = 4; },
      [](TrialSettings& s) { s.probes[0].every.reset(); },
      [](TrialSettings& s) { s.batch = 0; },
      [](TrialSettings& s) { s.tuning = true; },
      [](TrialSettings& s) { s.data.deviation = 0.3; },
      [](TrialSettings& s) { s.data.deviation = 0.2; },
      [](TrialSettings& s) { s.predictive = true; },
      [](TrialSettings& s) { s.posterior.emplace(); },
      [](TrialSettings& s) { s.posterior.emplace().draws = 31; },
      [](TrialSettings& s) { s.posterior.emplace().train_examples = 0; },
      [](TrialSettings& s) {
        s.posterior.emplace().every = Length{2, Length::Unit::epochs};
      },
      [](TrialSettings& s) {
        s.posterior.emplace().posterior = {"none", {}, 0};
      },
      [](TrialSettings& s) {
        s.posterior.emplace().posterior = {"laplace", {}, 1};
      },
      [](TrialSettings& s) {
        s.posterior.emplace().posterior = {"laplace", {}, 2};
      },
      [](TrialSettings& s) {
        s.posterior.emplace().posterior = {"laplace", {{"prior_variance", 2.0}}, 1};
      },
      [](TrialSettings& s) { s = problem_settings(); },
      [](TrialSettings& s) {
        s = problem_settings();
        s.problem->revision = 5;
      },
      [](TrialSettings& s) {
        s = problem_settings();
        s.problem->options["features"] = std::int64_t{201};
      }};
  std::set<std::string> identities;
  for (const Change& change : changes) identities.insert(changed(change));
  EXPECT_EQ(identities.size(), changes.size());
}

TEST(Identity, StaysWithEverySettingThatDoesNot) {
  const std::string same = changed([](TrialSettings&) {});
  EXPECT_EQ(same, changed([](TrialSettings& s) { s.suite = "other"; }));
  EXPECT_EQ(same, changed([](TrialSettings& s) { s.method = "renamed"; }));
  EXPECT_EQ(same, changed([](TrialSettings& s) { s.threads = 16; }));
  EXPECT_EQ(same, changed([](TrialSettings& s) { s.schedule.final = 0.5; }));  // of cosine only
}

// The trial whose steps are followed counts as itself, whatever its method is called.
TEST(Identity, HoldsTheIdentityOfTheTrialThatIsFollowed) {
  const auto follow = [](const std::string& method, const std::string& source) {
    return changed([&](TrialSettings& s) {
      s.optimizer.options["from"] = method;
      s.sources = {{"from", method, source, "../../" + method}};
    });
  };
  EXPECT_EQ(follow("small", "aa"), follow("renamed", "aa"));
  EXPECT_NE(follow("small", "aa"), follow("small", "bb"));
}

TEST(Identity, BeingFollowedOrTunedChangesNoResult) {
  const std::string same = changed([](TrialSettings&) {});
  EXPECT_EQ(same, changed([](TrialSettings& s) { s.record_steps = true; }));
  EXPECT_EQ(same, changed([](TrialSettings& s) { s.effort = {8, 16}; }));
  EXPECT_EQ(same, changed([](TrialSettings& s) { s.keep = {false, true}; }));
}

TEST(Identity, IgnoresScheduleFieldsOfOtherKinds) {
  const auto with = [](Kind kind, const Change& change) {
    return changed([&](TrialSettings& s) {
      s.schedule.kind = kind;
      change(s);
    });
  };
  const Change none = [](TrialSettings&) {};
  const Change factor = [](TrialSettings& s) { s.schedule.factor = 0.9; };
  const Change milestones = [](TrialSettings& s) { s.schedule.milestones = {0.1}; };
  const Change final = [](TrialSettings& s) { s.schedule.final = 0.9; };
  EXPECT_EQ(with(Kind::constant, none), with(Kind::constant, factor));
  EXPECT_EQ(with(Kind::constant, none), with(Kind::constant, milestones));
  EXPECT_EQ(with(Kind::constant, none), with(Kind::constant, final));
  EXPECT_EQ(with(Kind::cosine, none), with(Kind::cosine, factor));
  EXPECT_EQ(with(Kind::cosine, none), with(Kind::cosine, milestones));
  EXPECT_NE(with(Kind::cosine, none), with(Kind::cosine, final));
  const Change power = [](TrialSettings& s) { s.schedule.power = 2; };
  const Change cooldown = [](TrialSettings& s) { s.schedule.cooldown = 0.5; };
  for (const Change& foreign : {power, cooldown}) {
    EXPECT_EQ(with(Kind::constant, none), with(Kind::constant, foreign));
    EXPECT_EQ(with(Kind::cosine, none), with(Kind::cosine, foreign));
  }
  EXPECT_NE(with(Kind::polynomial, none), with(Kind::polynomial, power));
  EXPECT_NE(with(Kind::polynomial, none), with(Kind::polynomial, final));
  EXPECT_EQ(with(Kind::polynomial, none), with(Kind::polynomial, cooldown));
  EXPECT_NE(with(Kind::trapezoid, none), with(Kind::trapezoid, cooldown));
  EXPECT_NE(with(Kind::trapezoid, none), with(Kind::trapezoid, final));
  EXPECT_EQ(with(Kind::trapezoid, none), with(Kind::trapezoid, power));
}

TEST(Identity, TreatsTheDefaultMicroBatchAsWhatItStandsFor) {
  const auto with = [](std::size_t size) {
    return changed([&](TrialSettings& s) { s.micro_batch = size; });
  };
  EXPECT_EQ(with(0), with(train::default_micro_batch));
}

TEST(Identity, TreatsNoWarmupAlikeInBothUnits) {
  const auto with = [](Length::Unit unit) {
    return changed([&](TrialSettings& s) { s.schedule.warmup = {0, unit}; });
  };
  EXPECT_EQ(with(Length::Unit::steps), with(Length::Unit::epochs));
}

// A change of this text would make every finished trial anywhere run again. Change it only together
// with `protocol`, and on purpose.
TEST(Identity, TextAndHashArePinned) {
  TrialSettings s;
  s.data.set.name = "cifar10";
  s.data.checksum = "abc";
  s.network.name = "cnn3";
  s.optimizer = {"sgd", {{"learning_rate", 0.1}}, 1};
  s.seed = 1;
  s.budget.count = 10;
  EXPECT_EQ(identity_text(s),
            "protocol: 1\n"
            "data:\n  name: cifar10\n  revision: 0\n  options: {}\n  train: 0\n  validation: 0\n"
            "  test: 0\n  split_seed: 0\n  augment: false\n  checksum: abc\n"
            "network:\n  name: cnn3\n  revision: 0\n  options: {}\n"
            "optimizer:\n  name: sgd\n  revision: 1\n  options:\n    learning_rate: 0.1\n"
            "regularizers: []\nbatch: 128\nmicro_batch: 32\nseed: 1\nbudget:\n  epochs: 10\n"
            "schedule:\n  kind: constant\n  warmup:\n    epochs: 0\n  milestones: []\n"
            "  factor: 0.1\n  final: 0.0\nprobes: []\n");
  EXPECT_EQ(identity(s), "9fae66f413a656752f892f435d50a39f9dfed323bc7721848c9d6d77deccc398");
}

}  // namespace
}  // namespace gapbench::suite::test

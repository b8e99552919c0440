// trial.yaml: what is written is read back, to the bit; what was tampered with is refused.
#include "suite/trials/trial_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "gapbench/random.h"
#include "trial_settings.h"

namespace gapbench::suite::test {
namespace {

using gapbench::test::TemporaryFolder;
using train::Choice;
using train::Length;
using train::TrialSettings;

class TrialFile : public ::testing::Test {
 protected:
  TrialSettings back(const TrialSettings& settings) const {
    return read_trial(folder_.write("trial.yaml", write_trial(settings)));
  }
  std::string refusal(std::string text, const std::string& from, const std::string& to) const {
    text.replace(text.find(from), from.size(), to);
    const auto path = folder_.write("trial.yaml", text);
    try {
      read_trial(path);
    } catch (const Error& e) {
      const std::string what = e.what();
      return what.substr(what.find("trial.yaml"));
    }
    return "";
  }

 private:
  TemporaryFolder folder_;
};

void expect_equal(const Choice& a, const Choice& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.options, b.options);
  EXPECT_EQ(a.revision, b.revision);
}

void expect_equal(const std::optional<Length>& a, const std::optional<Length>& b) {
  ASSERT_EQ(a.has_value(), b.has_value());
  if (!a) return;
  EXPECT_EQ(std::bit_cast<std::uint64_t>(a->count), std::bit_cast<std::uint64_t>(b->count));
  EXPECT_EQ(a->unit, b->unit);
}

void expect_equal_data(const train::DataSettings& a, const train::DataSettings& b) {
  expect_equal(a.set, b.set);
  EXPECT_EQ(a.train, b.train);
  EXPECT_EQ(a.validation, b.validation);
  EXPECT_EQ(a.test, b.test);
  EXPECT_EQ(a.split_seed, b.split_seed);
  EXPECT_EQ(a.seeds_per_draw, b.seeds_per_draw);
  EXPECT_EQ(a.test_fraction, b.test_fraction);
  EXPECT_EQ(a.unseen, b.unseen);
  EXPECT_EQ(a.label_noise, b.label_noise);
  EXPECT_EQ(a.label_seed, b.label_seed);
  EXPECT_EQ(a.augment, b.augment);
  EXPECT_EQ(a.deviation, b.deviation);
  EXPECT_EQ(a.checksum, b.checksum);
}

void expect_equal_plugins(const TrialSettings& a, const TrialSettings& b) {
  ASSERT_EQ(a.problem.has_value(), b.problem.has_value());
  if (a.problem) expect_equal(*a.problem, *b.problem);
  expect_equal(a.network, b.network);
  expect_equal(a.optimizer, b.optimizer);
  ASSERT_EQ(a.regularizers.size(), b.regularizers.size());
  for (std::size_t i = 0; i < a.regularizers.size(); ++i) {
    expect_equal(a.regularizers[i], b.regularizers[i]);
  }
  ASSERT_EQ(a.probes.size(), b.probes.size());
  for (std::size_t i = 0; i < a.probes.size(); ++i) {
    expect_equal(a.probes[i].probe, b.probes[i].probe);
    expect_equal(a.probes[i].every, b.probes[i].every);
  }
}

void expect_equal(const TrialSettings& a, const TrialSettings& b) {
  EXPECT_EQ(a.suite, b.suite);
  EXPECT_EQ(a.method, b.method);
  expect_equal_data(a.data, b.data);
  expect_equal_plugins(a, b);
  EXPECT_EQ(a.batch, b.batch);
  EXPECT_EQ(a.micro_batch, b.micro_batch);
  EXPECT_EQ(a.running_statistics, b.running_statistics);
  EXPECT_EQ(a.seed, b.seed);
  expect_equal(a.budget, b.budget);
  EXPECT_EQ(a.schedule.kind, b.schedule.kind);
  expect_equal(a.schedule.warmup, b.schedule.warmup);
  EXPECT_EQ(a.schedule.milestones, b.schedule.milestones);
  EXPECT_EQ(a.schedule.factor, b.schedule.factor);
  EXPECT_EQ(a.schedule.final, b.schedule.final);
  expect_equal(a.evaluate_every, b.evaluate_every);
  EXPECT_EQ(a.evaluate_losses, b.evaluate_losses);
  EXPECT_EQ(a.sampling, b.sampling);
  ASSERT_EQ(a.batch_growth.has_value(), b.batch_growth.has_value());
  if (a.batch_growth) {
    EXPECT_EQ(a.batch_growth->epochs, b.batch_growth->epochs);
    EXPECT_EQ(a.batch_growth->factor, b.batch_growth->factor);
  }
  EXPECT_EQ(a.until_loss, b.until_loss);
  EXPECT_EQ(a.threads, b.threads);
}

TEST_F(TrialFile, KeepsWhatPredictionsAreMadeOf) {
  TrialSettings s = full_settings();
  EXPECT_FALSE(back(s).posterior);
  EXPECT_FALSE(back(s).predictive);
  EXPECT_FALSE(back(s).data.deviation);
  EXPECT_TRUE(back(s).shifts.empty());
  EXPECT_FALSE(back(s).data.test_fraction);
  s.predictive = true;
  s.shifts = {"blur", "rotation"};
  s.data.unseen = {3, 7};
  s.data.test_fraction = 0.1;
  s.data.deviation = 0.1;
  train::PosteriorSettings& posterior = s.posterior.emplace();
  posterior.posterior = {"laplace", {{"prior_variance", 0.3}}, 2};
  posterior.draws = 7;
  posterior.train_examples = 0;
  posterior.every = Length{2.5, Length::Unit::epochs};
  const TrialSettings read = back(s);
  EXPECT_TRUE(read.predictive);
  EXPECT_EQ(read.shifts, s.shifts);
  EXPECT_EQ(read.data.unseen, s.data.unseen);
  EXPECT_EQ(read.data.test_fraction, 0.1);
  EXPECT_EQ(read.data.deviation, 0.1);
  ASSERT_TRUE(read.posterior);
  expect_equal(read.posterior->posterior, posterior.posterior);
  EXPECT_EQ(read.posterior->draws, 7U);
  EXPECT_EQ(read.posterior->train_examples, 0U);
  expect_equal(read.posterior->every, posterior.every);
  EXPECT_EQ(identity(read), identity(s));
  EXPECT_THAT(refusal(write_trial(s), "draws: 7", "draws: -7"), ::testing::HasSubstr("draws"));
}

TEST_F(TrialFile, RolesAreKept) {
  TrialSettings s = full_settings();
  EXPECT_FALSE(back(s).tuning);
  EXPECT_FALSE(back(s).record_steps);
  EXPECT_EQ(back(s).effort.configurations, 0U);
  s.tuning = true;
  s.record_steps = true;
  s.effort = {8, 16, 0, 3};
  EXPECT_TRUE(back(s).tuning);
  EXPECT_TRUE(back(s).record_steps);
  EXPECT_EQ(back(s).effort.configurations, 8U);
  EXPECT_EQ(back(s).effort.trials, 16U);
  EXPECT_EQ(back(s).effort.tied, 3U);
  s.sources = {{"from", "small", "aa", "../small"}};
  EXPECT_THAT(refusal(write_trial(s), "batch: 64", "batch: 0"),
              ::testing::HasSubstr("batch must be a whole number >= 1 or all, got 0"));
  EXPECT_THAT(refusal(write_trial(s), "    folder", "    folds"),
              ::testing::HasSubstr("source: missing key \"folder\""));
}

TEST_F(TrialFile, WhatIsRecordedIsKeptWhereItIsUnusual) {
  TrialSettings s = full_settings();
  EXPECT_THAT(write_trial(s), ::testing::Not(::testing::HasSubstr("\nrecord:")));
  EXPECT_TRUE(back(s).keep.outcomes);
  EXPECT_FALSE(back(s).keep.parameters);
  s.keep = {false, true};
  EXPECT_FALSE(back(s).keep.outcomes);
  EXPECT_TRUE(back(s).keep.parameters);
  EXPECT_FALSE(back(s).keep.predictions);
  s.keep.predictions = true;
  EXPECT_TRUE(back(s).keep.predictions);
}

TEST_F(TrialFile, LabelNoiseIsKeptWhereThereIsSome) {
  TrialSettings s = full_settings();
  EXPECT_THAT(write_trial(s), ::testing::Not(::testing::HasSubstr("label_")));
  s.data.label_noise = 0.2;
  s.data.label_seed = 7;
  expect_equal_data(back(s).data, s.data);
  s.data.label_noise = 0;  // of a set with such an option of its own
  s.data.set.options["label_noise"] = 0.1;
  expect_equal_data(back(s).data, s.data);
}

TEST_F(TrialFile, IsReadableByPeople) {
  EXPECT_EQ(write_trial(full_settings()),
            "# One trial, resolved: every setting, defaults included.\n"
            "suite: cifar-smoke\n"
            "method: \"sgd[learning_rate=0.1,batch=64]\"\n"
            "data:\n"
            "  name: cifar10\n"
            "  revision: 0\n"
            "  options:\n"
            "    labels: fine\n"
            "    noise: 0.25\n"
            "  train: 20000\n"
            "  validation: 5000\n"
            "  test: 100\n"
            "  split_seed: 3\n"
            "  augment: true\n"
            "  checksum: \"00ff\"\n"
            "network:\n"
            "  name: cnn3\n"
            "  revision: 0\n"
            "  options:\n"
            "    width: 32\n"
            "optimizer:\n"
            "  name: sgd\n"
            "  revision: 2\n"
            "  options:\n"
            "    learning_rate: 0.1\n"
            "    nesterov: true\n"
            "regularizers:\n"
            "  - name: l2\n"
            "    revision: 1\n"
            "    options:\n"
            "      lambda: 0.0005\n"
            "  - name: l1\n"
            "    revision: 7\n"
            "    options: {}\n"
            "batch: 64\n"
            "micro_batch: 16\n"
            "seed: 42\n"
            "budget:\n"
            "  epochs: 10\n"
            "schedule:\n"
            "  kind: step\n"
            "  warmup:\n"
            "    epochs: 0.5\n"
            "  milestones: [0.5, 0.75]\n"
            "  factor: 0.2\n"
            "  final: 0.0\n"
            "evaluate_every:\n"
            "  epochs: 1\n"
            "probes:\n"
            "  - name: gradient_norm\n"
            "    revision: 3\n"
            "    options:\n"
            "      micro_batch: 128\n"
            "    every:\n"
            "      steps: 50\n"
            "  - name: gradient_norm\n"
            "    revision: 3\n"
            "    options: {}\n"
            "threads: 2\n");
}

TEST_F(TrialFile, GivesTheSameSettingsBack) {
  expect_equal(full_settings(), back(full_settings()));
  expect_equal(problem_settings(), back(problem_settings()));
  TrialSettings plain;
  plain.budget.count = 1;
  expect_equal(plain, back(plain));
  plain.running_statistics = train::RunningStatistics::reestimate;
  plain.sampling = train::Sampling::independent;
  plain.batch_growth = train::BatchGrowth{{2, 7}, 3};
  plain.until_loss = 0.1;
  plain.evaluate_losses = {0.5, 0.1};
  expect_equal(plain, back(plain));
}

TEST_F(TrialFile, KeepsEveryBitOfOddNumbers) {
  for (const double value :
       {0.1, 1.0 / 3, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, -0.0, 1e20, 1e16,
        123456789.0, 9007199254740993.0, 1e-7, 4.35, 0.30000000000000004}) {
    TrialSettings s = full_settings();
    s.optimizer.options["learning_rate"] = value;
    s.schedule.milestones = {value};
    const TrialSettings read = back(s);
    const auto& option = read.optimizer.options.at("learning_rate");
    ASSERT_TRUE(std::holds_alternative<double>(option)) << value;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(std::get<double>(option)),
              std::bit_cast<std::uint64_t>(value));
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read.schedule.milestones[0]),
              std::bit_cast<std::uint64_t>(value));
  }
}

TEST_F(TrialFile, KeepsTheKindOfEveryOption) {
  TrialSettings s = full_settings();
  s.optimizer.options = {{"a", std::int64_t{1}},
                         {"b", 1.0},
                         {"c", true},
                         {"d", std::string("1")},
                         {"e", std::string("true")},
                         {"f", std::string("")},
                         {"g", std::string("a: \"b\"\n# c\\")},
                         {"h", std::numeric_limits<std::int64_t>::min()},
                         {"yes", std::string("no")},
                         {"null", std::string("null")}};
  s.seed = std::numeric_limits<std::uint64_t>::max();
  s.suite = "a \"strange\" name";
  expect_equal(s, back(s));
}

TEST_F(TrialFile, RoundTripsManyDrawnSettings) {
  Random random(1);
  for (int trial = 0; trial < 200; ++trial) {
    TrialSettings s = random.below(2) == 0 ? full_settings() : problem_settings();
    const auto real = [&] {
      return std::ldexp(random.uniform() - 0.5, static_cast<int>(random.below(2000)) - 1000);
    };
    s.optimizer.options["learning_rate"] = real();
    s.regularizers.resize(random.below(3));
    s.probes.resize(random.below(3));
    s.seed = random.bits();
    s.batch = random.below(1'000'000'000) + 1;
    s.budget = {random.uniform() * 100,
                random.below(2) == 0 ? Length::Unit::steps : Length::Unit::epochs};
    if (s.budget.unit == Length::Unit::steps) s.budget.count = std::ceil(s.budget.count + 1);
    s.schedule.factor = real();
    s.schedule.milestones.resize(random.below(4), real());
    if (random.below(2) == 0) s.evaluate_every.reset();
    expect_equal(s, back(s));
    EXPECT_EQ(identity(s), identity(back(s)));
  }
}

TEST_F(TrialFile, RefusesWithTheLine) {
  const std::string text = write_trial(full_settings());
  EXPECT_THAT(refusal(text, "batch: 64\n", "bach: 64\n"),
              ::testing::AllOf(::testing::HasSubstr("trial.yaml:2: trial: missing key \"batch\""),
                               ::testing::HasSubstr("trial.yaml:35: unknown key \"bach\"; did you "
                                                    "mean \"batch\"?")));
  EXPECT_EQ(refusal(text, "seed: 42\n", ""), "trial.yaml:2: trial: missing key \"seed\"");
  EXPECT_EQ(refusal(text, "seed: 42", "seed: -1"),
            "trial.yaml:37: seed must be a whole number >= 0, got -1");
  EXPECT_EQ(refusal(text, "kind: step", "kind: stairs"),
            "trial.yaml:41: schedule.kind must be constant or step or cosine or polynomial or "
            "trapezoid, got \"stairs\"");
  EXPECT_EQ(refusal(text, "width: 32", "width: [32]"),
            "trial.yaml:20: option \"width\" must be a value, got a list");
  EXPECT_EQ(refusal(text, "revision: 2", "revision: 4294967296"),
            "trial.yaml:23: revision is too large");
  EXPECT_EQ(refusal(text, "factor: 0.2", "factor: small"),
            "trial.yaml:45: schedule.factor must be a real number, got \"small\"");
}

TEST_F(TrialFile, ATruncatedOrAbsentFileIsRefused) {
  const std::string text = write_trial(full_settings());
  TemporaryFolder folder;
  for (std::size_t size = 0; size + 1 < text.size(); size += 7) {
    const auto path = folder.write("cut.yaml", text.substr(0, size));
    EXPECT_THROW(read_trial(path), Error) << size;
  }
  EXPECT_THROW(read_trial(folder / "absent.yaml"), Error);
}

}  // namespace
}  // namespace gapbench::suite::test

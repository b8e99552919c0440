// Suites that are accepted: how many trials, with which names and settings. By hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_catalog.h"

namespace gapbench::suite::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using train::Length;
using Kind = train::ScheduleSettings::Kind;

TEST(Expansion, OneOfEverythingIsOneTrialWithDefaults) {
  const Suite suite = read(tiny);
  ASSERT_EQ(suite.trials.size(), 1U);
  const auto& s = suite.trials[0].settings;
  EXPECT_EQ(suite.name, "tiny");
  EXPECT_EQ(suite.source, "s.yaml");
  EXPECT_EQ(s.suite, "tiny");
  EXPECT_EQ(s.method, "sgd");
  EXPECT_FALSE(s.problem.has_value());
  EXPECT_EQ(s.data.set.name, "cifar10");
  EXPECT_EQ(s.data.train, 0U);
  EXPECT_FALSE(s.data.augment);
  EXPECT_EQ(s.network.name, "cnn3");
  EXPECT_EQ(s.network.options.at("width"), OptionValue(std::int64_t{32}));
  EXPECT_EQ(s.optimizer.name, "sgd");
  EXPECT_EQ(s.optimizer.revision, 1U);
  EXPECT_EQ(s.optimizer.options.at("learning_rate"), OptionValue(0.1));
  EXPECT_EQ(s.optimizer.options.at("momentum"), OptionValue(0.0));
  EXPECT_EQ(s.optimizer.options.at("nesterov"), OptionValue(false));
  EXPECT_EQ(s.batch, 64U);
  EXPECT_EQ(s.micro_batch, 0U);
  EXPECT_EQ(s.seed, 1U);
  EXPECT_EQ(s.budget.count, 10.0);
  EXPECT_EQ(s.budget.unit, Length::Unit::epochs);
  EXPECT_EQ(s.schedule.kind, Kind::constant);
  EXPECT_FALSE(s.evaluate_every.has_value());
  EXPECT_EQ(s.threads, 1U);
  EXPECT_TRUE(suite.trials[0].identity.empty());
}

TEST(Expansion, WholeNumbersMayBeWrittenWithAnExponent) {
  const Suite suite = read(
      "name: exponents\ndatasets: [{name: cifar10, train: 5e2}]\nnetworks: [cnn3]\n"
      "methods: {a: {optimizer: adam, batch: 1E2}}\nseeds: [1]\nbudget: {steps: 1.5e3}\n");
  const auto& s = suite.trials.at(0).settings;
  EXPECT_EQ(s.data.train, 500U);
  EXPECT_EQ(s.batch, 100U);
  EXPECT_EQ(s.budget.count, 1500.0);
}

TEST(Expansion, WhatIsRecordedIsOfEveryTrial) {
  EXPECT_TRUE(read(tiny).trials[0].settings.keep.outcomes);
  const std::string text = tiny;
  const Suite suite = read(text + "record: {outcomes: false, parameters: true}\n");
  EXPECT_FALSE(suite.trials[0].settings.keep.outcomes);
  EXPECT_TRUE(suite.trials[0].settings.keep.parameters);
  EXPECT_THAT(refusal(text + "record: {predictions: true}\n"),
              HasSubstr("predictions are kept where they are scored; give evaluate: {predictive"));
  const std::string scored = text + "record: {predictions: true}\nevaluate: {predictive: true}\n";
  EXPECT_TRUE(read(scored).trials[0].settings.keep.predictions);
  EXPECT_FALSE(read(text + "record: {outcomes: false}\n").trials[0].settings.keep.parameters);
  EXPECT_THAT(refusal(text + "record: {outcome: false}\n"), HasSubstr("did you mean \"outcomes\""));
}

TEST(Expansion, LabelNoiseIsForEverySetAndTellsSetsApart) {
  Suite suite =
      read(tiny_with("[cifar10]", "[{name: cifar10, label_noise: [0, 1], label_seed: 3}]"));
  EXPECT_EQ(suite.trials.front().settings.data.label_noise, 0.0);
  EXPECT_EQ(suite.trials.back().settings.data.label_noise, 1.0);
  EXPECT_EQ(suite.trials.back().settings.data.label_seed, 3U);
  EXPECT_EQ(suite.trials.front().settings.data.label_seed, 0U);  // draws nothing, decides nothing
  seal(suite, [](const train::DataSettings&) { return std::string("00"); });
  EXPECT_THAT(suite.trials.front().folder.string(), HasSubstr("/cifar10/"));
  EXPECT_THAT(suite.trials.back().folder.string(),
              HasSubstr("/cifar10-label_noise1.0-label_seed3/"));
  EXPECT_THAT(refusal(tiny_with("[cifar10]", "[{name: cifar10, label_noise: 1.5}]")),
              HasSubstr("cifar10.label_noise must be"));
  EXPECT_THAT(refusal(tiny_with("[cifar10]", "[{name: \"csv:wine\", label_noise: 0.1}]")),
              HasSubstr("csv:wine is a regression set and has no labels; leave label_noise out"));
}

TEST(Expansion, TrialsAreTheProductOfDataNetworksMethodsAndSeeds) {
  const Suite suite = read(
      "name: all\n"
      "datasets: [cifar10, {name: cifar100, train: 500, validation: 50, test: 40, split_seed: 3,"
      " augment: true, labels: coarse}]\n"
      "networks: [{name: cnn3, width: 16}, lenet5]\n"
      "problems: [{name: linear_teacher, features: 20}]\n"
      "methods: {a: {optimizer: adam}, b: {optimizer: {name: sgd, learning_rate: 1}}}\n"
      "seeds: {first: 5, count: 3}\n"
      "budget: {steps: 20}\n");
  ASSERT_EQ(suite.trials.size(), (2U * 2U + 1U) * 2U * 3U);
  const auto& first = suite.trials[0].settings;
  EXPECT_EQ(first.data.set.name, "cifar10");
  EXPECT_EQ(first.network.options.at("width"), OptionValue(std::int64_t{16}));
  EXPECT_EQ(first.method, "a");
  EXPECT_EQ(first.seed, 5U);
  EXPECT_EQ(suite.trials[2].settings.seed, 7U);
  EXPECT_EQ(suite.trials[3].settings.method, "b");
  EXPECT_EQ(suite.trials[6].settings.network.name, "lenet5");
  const auto& second = suite.trials[12].settings.data;
  EXPECT_EQ(second.set.name, "cifar100");
  EXPECT_EQ(second.set.options.at("labels"), OptionValue(std::string("coarse")));
  EXPECT_EQ(second.train, 500U);
  EXPECT_EQ(second.validation, 50U);
  EXPECT_EQ(second.test, 40U);
  EXPECT_EQ(second.split_seed, 3U);
  EXPECT_TRUE(second.augment);
  const auto& last = suite.trials[29].settings;
  ASSERT_TRUE(last.problem.has_value());
  EXPECT_EQ(last.problem->name, "linear_teacher");
  EXPECT_EQ(last.problem->revision, 4U);
  EXPECT_EQ(last.data.set.name, "");
  EXPECT_EQ(last.network.name, "");
  EXPECT_EQ(last.optimizer.options.at("learning_rate"), OptionValue(1.0));  // whole made real
}

TEST(Expansion, ProbesEvaluationThreadsAndBaselineReachEveryTrial) {
  const Suite suite = read(std::string(tiny) +
                           "evaluate: {every: {steps: 100}}\n"
                           "probes: [{name: gradient_norm, micro_batch: 32, every: {epochs: 0.5}},"
                           " gradient_norm]\n"
                           "threads: 2\nbaseline: sgd\ndescription: a line\n");
  const auto& s = suite.trials[0].settings;
  ASSERT_TRUE(s.evaluate_every.has_value());
  EXPECT_EQ(s.evaluate_every->count, 100.0);
  EXPECT_EQ(s.evaluate_every->unit, Length::Unit::steps);
  ASSERT_EQ(s.probes.size(), 2U);
  EXPECT_EQ(s.probes[0].probe.options.at("micro_batch"), OptionValue(std::int64_t{32}));
  ASSERT_TRUE(s.probes[0].every.has_value());
  EXPECT_EQ(s.probes[0].every->count, 0.5);
  EXPECT_FALSE(s.probes[1].every.has_value());
  EXPECT_EQ(s.threads, 2U);
  EXPECT_EQ(suite.threads, 2U);
  EXPECT_EQ(suite.baseline, "sgd");
  EXPECT_EQ(suite.description, "a line");
}

TEST(Expansion, CountedSeedsBeginAtOne) {
  const Suite suite = read(tiny_with("[1]", "{count: 2}"));
  ASSERT_EQ(suite.trials.size(), 2U);
  EXPECT_EQ(suite.trials[0].settings.seed, 1U);
  EXPECT_EQ(suite.trials[1].settings.seed, 2U);
}

TEST(Schedules, OfEveryKind) {
  const auto schedule = [](const std::string& text) {
    return read(std::string(tiny) + "schedule: " + text + "\n").trials[0].settings.schedule;
  };
  const auto step = schedule("{kind: step, milestones: [0.5, .75], factor: 0.2}");
  EXPECT_EQ(step.kind, Kind::step);
  EXPECT_EQ(step.milestones, (std::vector<double>{0.5, 0.75}));
  EXPECT_EQ(step.factor, 0.2);
  EXPECT_EQ(schedule("{kind: step, milestones: [0.5]}").factor, 0.1);
  const auto cosine = schedule("{kind: cosine, warmup: {epochs: 1}, final: 0.01}");
  EXPECT_EQ(cosine.kind, Kind::cosine);
  EXPECT_EQ(cosine.warmup.count, 1.0);
  EXPECT_EQ(cosine.final, 0.01);
  EXPECT_EQ(schedule("{kind: cosine}").final, 0.0);
  const auto polynomial = schedule("{kind: polynomial, power: 2, final: 0.1}");
  EXPECT_EQ(polynomial.kind, Kind::polynomial);
  EXPECT_EQ(polynomial.power, 2);
  EXPECT_EQ(polynomial.final, 0.1);
  EXPECT_EQ(schedule("{kind: polynomial}").power, 1);
  const auto trapezoid = schedule("{kind: trapezoid, cooldown: 0.4}");
  EXPECT_EQ(trapezoid.kind, Kind::trapezoid);
  EXPECT_EQ(trapezoid.cooldown, 0.4);
  EXPECT_EQ(schedule("{kind: trapezoid}").cooldown, 0.2);
  EXPECT_EQ(schedule("{kind: constant, warmup: {steps: 0}}").warmup.count, 0.0);
  EXPECT_EQ(schedule("{kind: constant, warmup: {epochs: 10}}").warmup.count, 10.0);
}

constexpr const char* family =
    "name: family\n"
    "datasets: [cifar10]\n"
    "networks: [cnn3]\n"
    "methods:\n"
    "  last:\n"
    "    extends: middle\n"
    "    optimizer: {name: adam}\n"
    "    regularizers: []\n"
    "  middle:\n"
    "    extends: base\n"
    "    optimizer: {momentum: 0.5}\n"
    "    schedule: {final: 0.5}\n"
    "    batch: 32\n"
    "  base:\n"
    "    optimizer: {name: sgd, learning_rate: 0.1, momentum: 0.9}\n"
    "    regularizers: [{name: l2, lambda: 5e-4}]\n"
    "    batch: 64\n"
    "    micro_batch: 16\n"
    "  other:\n"
    "    extends: base\n"
    "    budget: {steps: 7}\n"
    "    schedule: {kind: constant}\n"
    "seeds: [1]\n"
    "budget: {epochs: 10}\n"
    "schedule: {kind: cosine, warmup: {epochs: 1}}\n";

TEST(Extends, OverridesKeyByKey) {
  const auto suite = read(family);
  const auto& middle = first_of(suite, "middle");
  EXPECT_EQ(middle.optimizer.options.at("learning_rate"), OptionValue(0.1));
  EXPECT_EQ(middle.optimizer.options.at("momentum"), OptionValue(0.5));
  EXPECT_EQ(middle.batch, 32U);
  EXPECT_EQ(middle.micro_batch, 16U);
  ASSERT_EQ(middle.regularizers.size(), 1U);
  EXPECT_EQ(middle.regularizers[0].options.at("lambda"), OptionValue(5e-4));
  EXPECT_EQ(middle.schedule.kind, Kind::cosine);
  EXPECT_EQ(middle.schedule.final, 0.5);
  EXPECT_EQ(middle.schedule.warmup.count, 1.0);
  EXPECT_EQ(first_of(suite, "base").schedule.final, 0.0);
  EXPECT_EQ(first_of(suite, "base").batch, 64U);
}

TEST(Extends, AnotherOptimizerReplacesTheWholeBlock) {
  const auto suite = read(family);
  const auto& last = first_of(suite, "last");
  EXPECT_EQ(last.optimizer.name, "adam");
  EXPECT_EQ(last.optimizer.options.at("learning_rate"), OptionValue(0.001));
  EXPECT_FALSE(last.optimizer.options.contains("momentum"));
  EXPECT_TRUE(last.regularizers.empty());
  EXPECT_EQ(last.batch, 32U);
}

TEST(Extends, AnotherScheduleAndBudgetReplaceTheSuites) {
  const auto suite = read(family);
  const auto& other = first_of(suite, "other");
  EXPECT_EQ(other.schedule.kind, Kind::constant);
  EXPECT_EQ(other.schedule.warmup.count, 0.0);
  EXPECT_EQ(other.budget.count, 7.0);
  EXPECT_EQ(other.budget.unit, Length::Unit::steps);
}

/// `tiny` on two data sets, the method's block going on at line 8.
std::string with_on(const std::string& on) {
  std::string text = tiny_with("[cifar10]", "[cifar10, {name: cifar100, train: 1000}]");
  return text.replace(text.find("seeds: [1]"), 10, "    on: " + on + "\nseeds: [1]");
}

TEST(On, AMethodMayDifferOnOneDataSet) {
  const Suite suite = read(with_on("{cifar100: {optimizer.learning_rate: 0.5, batch: 16}}"));
  ASSERT_EQ(suite.trials.size(), 2U);
  const train::TrialSettings& first = suite.trials[0].settings;
  const train::TrialSettings& second = suite.trials[1].settings;
  EXPECT_EQ(first.optimizer.options.at("learning_rate"), OptionValue(0.1));
  EXPECT_EQ(first.batch, 64U);
  EXPECT_EQ(second.optimizer.options.at("learning_rate"), OptionValue(0.5));
  EXPECT_EQ(second.batch, 16U);
  EXPECT_EQ(second.method, "sgd");
}

TEST(On, MistakesHaveTheirLine) {
  EXPECT_EQ(refusal(with_on("{cifar1000: {batch: 16}}")),
            "s.yaml:8: no data set or problem \"cifar1000\"; did you mean \"cifar100\"?");
  EXPECT_EQ(refusal(with_on("{cifar100: {learning_rate: 1}}")),
            "s.yaml:8: path \"learning_rate\" leads nowhere; a path of the method, as in "
            "optimizer.learning_rate");
  EXPECT_EQ(refusal(with_on("{cifar100: {batch: [1, 2]}}")),
            "s.yaml:8: on.cifar100 holds a list; give one value");
  EXPECT_EQ(refusal(with_on("{cifar100: 3}")),
            "s.yaml:8: on.cifar100 must be a block of paths, got 3");
  EXPECT_EQ(refusal(with_on("3")),
            "s.yaml:8: on must be a block of data sets, as in {cifar100: {batch: 64}}, got 3");
  EXPECT_EQ(refusal(with_on("{cifar100: {optimizer.learning_rate: -1}}")),
            "s.yaml:8: sgd.learning_rate must be a real number > 0, got -1");
  EXPECT_EQ(refusal(with_on("{cifar100: {batch: 2000}}")),
            "s.yaml:7: batch 2000 is larger than the training set: cifar100 has train 1000");
}

}  // namespace
}  // namespace gapbench::suite::test

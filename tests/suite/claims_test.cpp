// What a suite says it will find.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fake_catalog.h"

namespace gapbench::suite::test {
namespace {

using ::testing::HasSubstr;

constexpr const char* head =
    "name: s\nbaseline: sgd\nseeds: [1, 2]\nbudget: {epochs: 1}\n"
    "datasets: [cifar10, cifar100]\nnetworks: [cnn3]\n"
    "methods:\n"
    "  sgd: {optimizer: {name: sgd, learning_rate: 0.1}}\n"
    "  adam: {optimizer: adam}\n"
    "  large: {optimizer: {name: sgd, learning_rate: 0.1}, batch: 512}\n";

std::string with(const std::string& claim) {
  return std::string(head) + "claims:\n  - " + claim + "\n";
}

std::string claimed(const std::string& claim) { return to_text(read(with(claim)).claims.at(0)); }

TEST(Claims, EachKindIsReadAndChangesNoTrial) {
  EXPECT_EQ(claimed("{method: adam, from: cifar10, to: cifar100, scale: log_odds, share: 0.25}"),
            "{method: adam, metric: test_accuracy, from: cifar10, to: cifar100, scale: log_odds, "
            "share: 0.25}");
  EXPECT_EQ(claimed("{method: adam, on: cifar10, metric: loss_gap}"),
            "{method: adam, metric: loss_gap, on: cifar10}");
  EXPECT_EQ(claimed("{method: adam, on: cifar10, within: 0.5}"),
            "{method: adam, metric: test_accuracy, on: cifar10, within: 0.5}");
  EXPECT_EQ(claimed("{method: adam, on: cifar100, below: 0.5, of: large}"),
            "{method: adam, metric: test_accuracy, on: cifar100, below: 0.5, of: large}");
  EXPECT_EQ(read(with("{method: adam, on: cifar10}")).trials.size(), read(head).trials.size());
}

TEST(Claims, TheirMetricIsTheSuites) {
  const Suite suite = read(with("{method: adam, on: cifar10}") + "metric: test_loss\n");
  EXPECT_EQ(suite.metric, "test_loss");
  EXPECT_EQ(suite.claims.at(0).metric, "test_loss");
  EXPECT_EQ(read(head).metric, "test_accuracy");
}

TEST(Claims, WhatTheTextHoldsIsReadBack) {
  for (const char* claim :
       {"{method: adam, metric: test_accuracy, from: cifar10, to: cifar100, scale: points, "
        "share: 0.5}",
        "{method: adam, metric: test_loss, on: cifar10, within: 0.125}",
        "{method: adam, metric: test_accuracy, on: cifar100, below: 0.5, of: large}"}) {
    EXPECT_EQ(claimed(claim), claim);
  }
}

TEST(Claims, MistakesAreNamed) {
  EXPECT_THAT(
      refusal(with("{method: adm, on: cifar10}")),
      HasSubstr("s.yaml:12: claim: no method \"adm\" in this suite; did you mean \"adam\"?"));
  EXPECT_THAT(refusal(with("{method: adam, on: mnist}")),
              HasSubstr("claim: no on \"mnist\" in this suite"));
  EXPECT_THAT(refusal(with("{method: sgd, on: cifar10}")),
              HasSubstr("\"sgd\" is the baseline, which claims are against"));
  EXPECT_THAT(refusal(with("{method: adam}")), HasSubstr("missing \"from\" and \"to\", or \"on\""));
  EXPECT_THAT(refusal(with("{method: adam, from: cifar10, to: cifar10}")),
              HasSubstr("from and to are the same data set"));
  EXPECT_THAT(refusal(with("{method: adam, from: cifar10, to: cifar100, share: 1.5}")),
              HasSubstr("1.5"));
  EXPECT_THAT(refusal(with("{method: adam, metric: test_loss, from: cifar10, to: cifar100, "
                           "scale: log_odds}")),
              HasSubstr("log odds are of an accuracy, not of test_loss"));
  EXPECT_THAT(refusal(with("{method: adam, on: cifar10, below: 0.5, of: sgd}")),
              HasSubstr("must name a third method"));
  EXPECT_THAT(refusal(with("{method: adam, on: cifar10}\n  - {method: adam, on: cifar10}")),
              HasSubstr("claim given twice"));
  EXPECT_THAT(refusal(std::string(head) + "metric: accuracy\n"),
              HasSubstr("metric must be one of train_accuracy, test_accuracy"));
  std::string alone = with("{method: adam, on: cifar10}");
  alone.erase(alone.find("baseline: sgd\n"), std::string("baseline: sgd\n").size());
  EXPECT_THAT(refusal(alone), HasSubstr("claims are against a baseline: missing key \"baseline\""));
}

TEST(SplitSeed, MayBeTheSeed) {
  std::string text = head;
  text.replace(text.find("[cifar10, cifar100]"), 19,
               "[{name: cifar10, split_seed: seed}, {name: cifar100, split_seed: 3}]");
  const Suite suite = read(text);
  EXPECT_EQ(suite.trials.front().settings.data.seeds_per_draw, 1U);
  EXPECT_EQ(suite.trials.front().settings.data.split_seed, 0U);
  EXPECT_EQ(suite.trials.back().settings.data.seeds_per_draw, 0U);
  EXPECT_EQ(suite.trials.back().settings.data.split_seed, 3U);
  train::TrialSettings of_seed = suite.trials[1].settings;
  EXPECT_EQ(train::split_seed_of(of_seed), 2U);
  text.replace(text.find("split_seed: seed"), 16, "split_seed: sede");
  EXPECT_THAT(refusal(text), HasSubstr("split_seed"));
}

TEST(SplitSeed, MayBeSharedByWholeDraws) {
  std::string text = head;
  text.replace(text.find("[cifar10, cifar100]"), 19, "[{name: cifar10, split_seed: seed/2}]");
  const auto with_seeds = [&](const std::string& seeds) {
    std::string other = text;
    const auto at = other.find("seeds: ");
    return other.replace(at, other.find('\n', at) - at, "seeds: " + seeds);
  };
  const Suite suite = read(with_seeds("[1, 2, 3, 4]"));
  std::set<std::uint64_t> draws;
  for (const Trial& trial : suite.trials) {
    EXPECT_EQ(trial.settings.data.seeds_per_draw, 2U);
    draws.insert(train::split_seed_of(trial.settings));
  }
  EXPECT_EQ(draws, (std::set<std::uint64_t>{1, 2}));
  EXPECT_THAT(refusal(with_seeds("[2, 3]")),
              HasSubstr("with split_seed: seed/2 the seeds 1 to 2 share a draw, and 1 of them is "
                        "given; begin seeds at 1 more than a multiple of 2 and give whole draws"));
  EXPECT_THAT(refusal(with_seeds("[1, 2, 3]")), HasSubstr("the seeds 3 to 4 share a draw"));
}

/// A suite on csv:wine with this block.
std::string on_wine(const std::string& block) {
  std::string text = tiny_with("[cifar10]", "[{name: \"csv:wine\", " + block + "}]");
  return text.replace(text.find("seeds: [1]"), 10, "seeds: [1, 2]");
}

TEST(DrawnSplit, IsWrittenAsASplit) {
  const Suite suite = read(on_wine("split: seed, validation: 7"));
  const train::DataSettings& data = suite.trials.front().settings.data;
  EXPECT_EQ(data.test_fraction, 0.1);
  EXPECT_EQ(data.seeds_per_draw, 1U);
  EXPECT_EQ(data.validation, 7U);
  EXPECT_FALSE(data.set.options.contains("split"));  // it is no number
  EXPECT_EQ(read(on_wine("split: seed, test_fraction: 0.25, split_seed: seed"))
                .trials.front()
                .settings.data.test_fraction,
            0.25);
  const train::DataSettings numbered = read(on_wine("split: 3")).trials.front().settings.data;
  EXPECT_FALSE(numbered.test_fraction);
  EXPECT_EQ(numbered.set.options.at("split"), OptionValue(std::int64_t{3}));
}

TEST(DrawnSplit, TakesNoNumberOfASplit) {
  EXPECT_THAT(refusal(on_wine("split: seeds")), HasSubstr("csv:wine.split must be"));
  EXPECT_THAT(refusal(on_wine("test_fraction: 0.2")),
              HasSubstr("test_fraction is of a test part that is drawn; give split: seed, too"));
  EXPECT_THAT(refusal(on_wine("split: seed, split_seed: 3")),
              HasSubstr("split: seed lets each seed draw all parts; leave split_seed out"));
  EXPECT_THAT(refusal(on_wine("split: seed, test_fraction: 1")),
              HasSubstr("test_fraction must be"));
  EXPECT_THAT(refusal(tiny_with("[cifar10]", "[{name: cifar10, split: seed}]")),
              HasSubstr("unknown key \"split\""));
}

TEST(DrawnSplit, IsNotTunedOn) {
  std::string text = on_wine("split: seed, validation: 7") + "tune: {seeds: [9]}\n";
  text.replace(text.find("    batch: 64"), 13,
               "    batch: 64\n    tune: {optimizer.learning_rate: [0.1, 0.2]}");
  EXPECT_THAT(refusal(text), HasSubstr("chosen on test examples of the trials that count"));
  text.replace(text.find("split: seed"), 11, "split: 4");
  EXPECT_EQ(refusal(text), "");
}

TEST(DrawnSplit, HasAChecksumOfItsOwn) {
  std::string text = on_wine("split: [0, seed]");
  Suite suite = read(text);
  seal(suite, [](const train::DataSettings& data) {
    return data.test_fraction ? std::string("all") : std::string("split");
  });
  ASSERT_EQ(suite.trials.size(), 4U);
  EXPECT_EQ(suite.trials.front().settings.data.checksum, "split");
  EXPECT_EQ(suite.trials.back().settings.data.checksum, "all");
}

}  // namespace
}  // namespace gapbench::suite::test

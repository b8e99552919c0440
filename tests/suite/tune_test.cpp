// Tuning: what is tried, on what, and what comes of it.
#include "suite/language/tune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fake_catalog.h"
#include "suite/trials/listing.h"
#include "suite/trials/trial_file.h"

namespace gapbench::suite::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Line 2 has a validation part; the method's block goes on at line 8.
std::string tuned(const std::string& tune, const std::string& suite_wide = "seeds: [101]") {
  std::string text = tiny_with("[cifar10]", "[{name: cifar10, train: 1000, validation: 200}]");
  text.replace(text.find("seeds: [1]"), 10,
               "    tune: " + tune + "\ntune: {" + suite_wide + "}\nseeds: [1, 2]");
  return text;
}

const char* const grid = "{optimizer.learning_rate: [0.1, 0.2], optimizer.momentum: [0, 0.9]}";

// The one who inherits it is not told again, and is not drawn for either.
TEST(Tune, AnInheritedMistakeIsOneMistakeAndNoCrash) {
  for (const char* wrong :
       {"{cosine: {log_uniform: [0.1, 0.9]}, draws: 4}", "{optimizer.learning_rate: [], draws: 4}",
        "{optimizer.learning_rate: 1, draws: 4}",
        "{optimizer.learning_rate: {log_uniform: [1, 2]}}",
        "{optimizer.learning_rate: {log_uniform: [2, 1]}, draws: 4}", "{draws: 4}"}) {
    std::string text = tuned(wrong);
    text.insert(text.find("tune: {seeds"), "  heir: {extends: sgd}\n");
    EXPECT_EQ(refusal(text).find("mistakes"), std::string::npos) << refusal(text);
    EXPECT_NE(refusal(text), "") << wrong;
  }
}

Suite sealed(const std::string& text) {
  Suite suite = read(text);
  seal(suite, Checksum([](const train::DataSettings&) { return std::string("sum"); }));
  return suite;
}

/// Scores of no train accuracy.
std::vector<Tried> scores(const std::vector<std::optional<double>>& values) {
  std::vector<Tried> all;
  for (const auto& value : values) {
    all.push_back({value ? std::optional(Score{*value}) : std::nullopt, ""});
  }
  return all;
}

TEST(Tune, AGridIsTriedInFullOnTheTuningSeeds) {
  const Suite suite = read(tuned(grid, "seeds: [101, 102]"));
  ASSERT_EQ(suite.trials.size(), 4 * 2 + 2U);
  ASSERT_EQ(suite.searches.size(), 1U);
  const Search& search = suite.searches[0];
  ASSERT_EQ(search.candidates.size(), 4U);
  EXPECT_EQ(search.candidates[1].name, "sgd[learning_rate=0.1,momentum=0.9]");
  EXPECT_THAT(search.candidates[1].trials, ElementsAre(2, 3));
  const train::TrialSettings& tried = suite.trials[3].settings;
  EXPECT_TRUE(tried.tuning);
  EXPECT_EQ(tried.seed, 102U);
  EXPECT_EQ(tried.method, "sgd[learning_rate=0.1,momentum=0.9]");
  EXPECT_EQ(tried.optimizer.options.at("momentum"), OptionValue(0.9));
  EXPECT_EQ(tried.data.validation, 200U);
  const Trial& counting = suite.trials[9];
  EXPECT_FALSE(counting.settings.tuning);
  EXPECT_EQ(counting.settings.method, "sgd");
  EXPECT_EQ(counting.search, std::optional<std::size_t>(0));
  EXPECT_EQ(counting.settings.effort.configurations, 4U);
  EXPECT_EQ(counting.settings.effort.trials, 8U);
}

TEST(Tune, TuningTrialsLookAtTheirEndOnly) {
  std::string text = tuned(grid);
  text += "evaluate: {every: {epochs: 1}}\nprobes: [gradient_norm]\n";
  const Suite suite = read(text);
  EXPECT_FALSE(suite.trials.front().settings.evaluate_every.has_value());
  EXPECT_TRUE(suite.trials.front().settings.probes.empty());
  EXPECT_TRUE(suite.trials.back().settings.evaluate_every.has_value());
  EXPECT_EQ(suite.trials.back().settings.probes.size(), 1U);
}

TEST(Tune, DrawsAreKeyedByPathAndNumber) {
  const std::string range = "optimizer.learning_rate: {log_uniform: [0.01, 1]}";
  const Suite one = read(tuned("{draws: 20, " + range + "}"));
  const Suite two = read(tuned("{draws: 20, " + range + ", optimizer.momentum: [0, 0.5, 0.9]}"));
  ASSERT_EQ(one.searches[0].candidates.size(), 20U);
  ASSERT_EQ(two.searches[0].candidates.size(), 20U);
  std::set<double> rates;
  std::set<double> momenta;
  for (std::size_t i = 0; i < 20; ++i) {
    const auto& first = one.searches[0].candidates[i].settings.optimizer.options;
    const auto& second = two.searches[0].candidates[i].settings.optimizer.options;
    EXPECT_EQ(first.at("learning_rate"), second.at("learning_rate"));
    const double rate = std::get<double>(first.at("learning_rate"));
    EXPECT_GE(rate, 0.01);
    EXPECT_LE(rate, 1);
    rates.insert(rate);
    momenta.insert(std::get<double>(second.at("momentum")));
  }
  EXPECT_GT(rates.size(), 15U);  // three digits
  EXPECT_EQ(momenta.size(), 3U);
  // Half of a log-uniform draw lies below the geometric mean, 0.1: 20 fair coins.
  const auto below = std::distance(rates.begin(), rates.lower_bound(0.1));
  EXPECT_GT(below, 2);
  EXPECT_LT(below, 18);
  const Suite other = read(tuned("{draws: 20, " + range + "}", "seeds: [102]"));
  EXPECT_NE(other.searches[0].candidates[0].name, one.searches[0].candidates[0].name);
}

TEST(Tune, EqualDrawsCountOnce) {
  const Suite suite = read(tuned("{draws: 50, optimizer.learning_rate: [0.1, 0.2]}"));
  EXPECT_EQ(suite.searches[0].candidates.size(), 2U);
  EXPECT_EQ(suite.trials.back().settings.effort.configurations, 2U);
}

TEST(Tune, EachDataSetIsSearchedByItself) {
  std::string text = tuned(grid);
  text.replace(text.find("200}]"), 5, "200}, {name: cifar100, validation: 100}]");
  const Suite suite = sealed(text);
  ASSERT_EQ(suite.searches.size(), 2U);
  EXPECT_THAT(suite.searches[1].candidates[0].trials, ElementsAre(4));
  EXPECT_EQ(suite.trials[4].settings.data.set.name, "cifar100");
}

TEST(Tune, FoldersOfTuningLieApartAndTheChoiceIsOpen) {
  const Suite suite = sealed(tuned(grid));
  EXPECT_EQ(suite.trials[0].folder.parent_path(),
            "tiny/tuning/cifar10/cnn3/sgd@learning_rate=0.1,momentum=0");
  EXPECT_FALSE(suite.trials[0].identity.empty());
  EXPECT_EQ(suite.trials[4].folder, "tiny/cifar10/cnn3/sgd/seed-1");
  EXPECT_EQ(suite.trials[4].identity, "");
  const std::string text = listing(suite);
  EXPECT_THAT(text, HasSubstr("sgd (best of 4)"));
  EXPECT_THAT(text, HasSubstr("6 trials (4 of them tuning)"));
}

TEST(Tune, TheBestMeanOverTheSeedsIsChosen) {
  const Suite suite = sealed(tuned(grid, "seeds: [101, 102]"));
  EXPECT_EQ(tuning_stage(suite).trials.size(), 8U);
  const auto made = choices(suite, scores({3, 5, 1, 9, 2, 5, std::nullopt, 0}));
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].best, 2U);  // means 4, 5, 3.5 and none
  EXPECT_EQ(made[0].scores[1]->value, 5);
  EXPECT_FALSE(made[0].scores[3].has_value());
  EXPECT_THAT(made[0].tied, ElementsAre(0, 1));  // behind by (1, 0) and (-1, 4)

  const Suite final = final_stage(suite, made);
  ASSERT_EQ(final.trials.size(), 2U);
  for (const Trial& trial : final.trials) {
    EXPECT_EQ(trial.settings.method, "sgd");
    EXPECT_EQ(trial.settings.optimizer.options.at("learning_rate"), OptionValue(0.2));
    EXPECT_EQ(trial.settings.optimizer.options.at("momentum"), OptionValue(0.0));
    EXPECT_EQ(trial.settings.data.checksum, "sum");
    EXPECT_EQ(trial.identity, identity(trial.settings));
    EXPECT_FALSE(trial.search.has_value());
  }
  EXPECT_EQ(final.trials[1].settings.seed, 2U);
  EXPECT_EQ(final.trials[1].folder.parent_path(), "tiny/cifar10/cnn3/sgd");
}

TEST(Tune, WhatTheSeedsTellApartIsNoTie) {
  const Suite suite = sealed(tuned(grid, "seeds: [101, 102, 103]"));
  // Behind the first by (2, 3, 4), deviation 1, by (0, 0, 1), deviation 0.58, and in no trial.
  const auto made = choices(suite, scores({1, 1, 1, 3, 4, 5, 1, 1, 2, 1, 1, std::nullopt}))[0];
  EXPECT_EQ(made.best, 0U);
  EXPECT_THAT(made.tied, ElementsAre(2));
  EXPECT_EQ(final_stage(suite, {made}).trials[0].settings.effort.tied, 1U);
  // With one seed nothing is known of it.
  EXPECT_TRUE(choices(sealed(tuned(grid)), scores({1, 1, 1, 1}))[0].tied.empty());
}

TEST(Tune, TiesRaceOnFurtherSeedsAndOnlyTheyCanWin) {
  const Suite suite = sealed(tuned(grid, "seeds: [101, 102], ties: [103, 104, 105]"));
  // Behind the third by (1, 0): a tie; by (2, 3): none; the fourth has no score.
  const auto first = choices(suite, scores({3, 5, 4, 8, 2, 5, std::nullopt, 0}));
  EXPECT_EQ(first[0].best, 2U);
  EXPECT_THAT(first[0].tied, ElementsAre(0));

  const Suite race = raced(suite, first);
  ASSERT_EQ(race.trials.size(), 8 + 6 + 2U);
  EXPECT_THAT(race.searches[0].candidates[2].trials, ElementsAre(4, 5, 8, 9, 10));
  EXPECT_THAT(race.searches[0].candidates[0].trials, ElementsAre(0, 1, 11, 12, 13));
  EXPECT_EQ(race.trials[0].identity, suite.trials[0].identity);
  const Trial& added = race.trials[13];
  EXPECT_EQ(added.settings.method, race.searches[0].candidates[0].name);
  EXPECT_EQ(added.settings.seed, 105U);
  EXPECT_EQ(added.identity, identity(added.settings));
  EXPECT_EQ(added.folder.parent_path(), suite.trials[0].folder.parent_path());
  EXPECT_EQ(tuning_stage(race).trials.size(), 14U);

  // Over five seeds the means are 2.2 and 3.0; 1.5 of the second, of two seeds, is out of the race.
  const auto made = choices(race, scores({3, 5, 1, 2, 2, 5, std::nullopt, 0, 3, 3, 2, 1, 1, 1}))[0];
  EXPECT_EQ(made.best, 0U);
  EXPECT_THAT(made.tied, ElementsAre(2)) << "behind by 0.8 on average, deviation 1.3";
  const Suite final = final_stage(race, {made});
  EXPECT_EQ(final.trials.size(), 2U);
  EXPECT_EQ(final.trials[0].settings.effort.trials, 4 * 2 + 6U);
  EXPECT_EQ(final.trials[0].settings.effort.tied, 1U);

  const auto clear = choices(suite, scores({9, 9, 9, 9, 2, 5, 9, 9}));
  EXPECT_EQ(raced(suite, clear).trials.size(), suite.trials.size());
}

TEST(Tune, WhatARaceNeeds) {
  EXPECT_THAT(refusal(tuned(grid, "seeds: [101], ties: [102]")),
              HasSubstr("tune.ties needs two or more tune.seeds: one cannot show a tie"));
  EXPECT_THAT(refusal(tuned(grid, "seeds: [101, 102], ties: [102]")),
              HasSubstr("tune.ties: seed 102 is one of tune.seeds; take others"));
  EXPECT_THAT(refusal(tuned(grid, "seeds: [101, 102], ties: [2]")),
              HasSubstr("seed 2 would choose settings and count"));
}

TEST(Tune, DrawsThatComeTwiceAreSaid) {
  const Suite suite =
      read(tuned("{draws: 8, optimizer.learning_rate: {log_uniform: [0.1, 0.1004]}}"));
  EXPECT_EQ(suite.searches[0].candidates.size(), 1U);
  ASSERT_EQ(suite.notes.size(), 1U);
  EXPECT_THAT(suite.notes[0], HasSubstr("8 draws of tune gave 1 different configuration:"));
  EXPECT_TRUE(read(tuned(grid)).notes.empty());
}

TEST(Tune, TiesAndNothingGoToTheFirst) {
  const Suite suite = sealed(tuned(grid));
  EXPECT_EQ(choices(suite, scores({4, 3, 3, 5}))[0].best, 1U);
  const auto none = choices(suite, scores({{}, {}, {}, {}}));
  EXPECT_EQ(none[0].best, 0U);
  EXPECT_FALSE(none[0].any_finished);
}

TEST(Tune, TheBestOfThoseThatHaveFittedIsChosen) {
  const Suite suite = sealed(tuned(grid, "seeds: [101, 102], fitted: 0.99"));
  ASSERT_EQ(suite.tune.fitted, std::optional<double>(0.99));
  // The first has the lowest value but one trial short of the mark; the third stands on it.
  const std::vector<Tried> ends = {{Score{1, 0.9899}},
                                   {Score{1, 1.0}},
                                   {Score{3, 1.0}},
                                   {Score{3, 1.0}},
                                   {Score{2, 0.99}},
                                   {Score{2, 0.99}},
                                   {},
                                   {Score{0, 1.0}}};
  const Choice some = choices(suite, ends)[0];
  EXPECT_EQ(some.best, 2U);
  EXPECT_EQ(some.fitted, 2U);
  EXPECT_EQ(some.scores[0]->train_accuracy, std::optional<double>(0.9899));

  Suite all_alike = suite;
  all_alike.tune.fitted.reset();
  EXPECT_EQ(choices(all_alike, ends)[0].best, 0U);

  Suite out_of_reach = suite;
  out_of_reach.tune.fitted = 1.0;
  EXPECT_EQ(choices(out_of_reach, ends)[0].best, 1U);
  const Choice none = choices(suite, {{Score{3, 0.5}},
                                      {Score{3, 0.5}},
                                      {Score{1, 0.2}},
                                      {Score{1, 0.2}},
                                      {Score{2, 0.9}},
                                      {Score{2, 0.9}},
                                      {},
                                      {}})[0];
  EXPECT_EQ(none.best, 1U);
  EXPECT_EQ(none.fitted, 0U);
  EXPECT_TRUE(none.any_finished);
}

TEST(Tune, RefitTrainsOnTheValidationPartToo) {
  const Suite suite = sealed(tuned(grid, "seeds: [101], refit: true"));
  EXPECT_EQ(suite.trials.front().settings.data.train, 1000U);
  auto tried = scores({4, 3, 3, 5});
  tried[3] = {std::nullopt, "crashed: SIGKILL"};
  EXPECT_EQ(final_stage(suite, choices(suite, tried)).trials[0].settings.effort.failed, 1U);
  const Suite final = final_stage(suite, choices(suite, scores({4, 3, 3, 5})));
  EXPECT_EQ(final.trials[0].settings.effort.failed, 0U);
  const train::DataSettings& data = final.trials[0].settings.data;
  EXPECT_EQ(data.train, 1200U);
  EXPECT_EQ(data.validation, 0U);
}

TEST(Tune, RefitHoldsForMethodsThatAreNotTunedToo) {
  std::string text = tuned(grid, "seeds: [101], refit: true");
  text.replace(text.find("tune: {seeds"), 0, "  other:\n    optimizer: adam\n");
  for (const Trial& trial :
       final_stage(sealed(text), choices(sealed(text), scores({4, 3, 3, 5}))).trials) {
    EXPECT_EQ(trial.settings.data.train, 1200U);
  }
}

TEST(Tune, WhoFollowsATunedMethodWaitsForTheChoice) {
  std::string text = tuned(grid);
  text.replace(text.find("tune: {seeds"), 0,
               "  other:\n    optimizer: {name: follow, from: sgd}\n");
  const Suite suite = sealed(text);
  EXPECT_EQ(suite.trials.back().identity, "");
  const Suite final = final_stage(suite, choices(suite, scores({4, 3, 3, 5})));
  EXPECT_EQ(final.trials.back().settings.sources[0].identity, final.trials[1].identity);
  EXPECT_NE(final.trials.back().identity, "");
  EXPECT_TRUE(final.trials[1].settings.record_steps);
}

TEST(Tune, IsInheritedReplacedAndDropped) {
  std::string text = tuned(grid);
  text.replace(text.find("tune: {seeds"), 0,
               "  same: {extends: sgd, batch: 32}\n"
               "  own: {extends: sgd, tune: {batch: [8, 16]}}\n"
               "  fixed: {extends: sgd, batch: 16, tune: none}\n");
  const Suite suite = read(text);
  ASSERT_EQ(suite.searches.size(), 3U);
  EXPECT_EQ(suite.searches[1].method, "same");
  EXPECT_EQ(suite.searches[1].candidates.size(), 4U);
  EXPECT_EQ(suite.searches[2].candidates[1].name, "own[batch=16]");
  EXPECT_EQ(suite.trials.back().settings.method, "fixed");
  EXPECT_FALSE(suite.trials.back().search.has_value());
}

// Keys in another order: the candidates are matched by what they hold.
TEST(Tune, AMethodMayTakeOverTheChoiceOfAnother) {
  std::string text = tuned(grid, "seeds: [101, 102]");
  text.replace(text.find("tune: {seeds"), 0,
               "  longer:\n    batch: 64\n    tune: {as: sgd}\n    budget: {epochs: 20}\n"
               "    optimizer: {name: sgd, momentum: 0.5, learning_rate: 1}\n");
  const Suite suite = sealed(text);
  EXPECT_EQ(tuning_stage(suite).trials.size(), 8U);
  ASSERT_EQ(suite.searches.size(), 2U);
  EXPECT_EQ(suite.searches[1].candidates.size(), 4U);
  const auto made = choices(suite, scores({3, 3, 1, 1, 2, 2, 5, 5}));
  EXPECT_EQ(made[1].best, 1U);
  const Suite final = final_stage(suite, made);
  const train::TrialSettings& longer = final.trials.back().settings;
  EXPECT_EQ(longer.method, "longer");
  EXPECT_EQ(longer.optimizer.options.at("learning_rate"), OptionValue(0.1));
  EXPECT_EQ(longer.optimizer.options.at("momentum"), OptionValue(0.9));
  EXPECT_EQ(longer.budget.count, 20);
  EXPECT_EQ(longer.effort.configurations, 4U);
}

TEST(Tune, OnlyASingleMethodWithASearchOfItsOwnIsTakenOverFrom) {
  const auto with = [](const std::string& as, const std::string& more = "") {
    std::string text = tuned(grid);
    return text.replace(text.find("tune: {seeds"), 0,
                        "  other: {extends: sgd, batch: 32, tune: {as: " + as + "}}\n" + more);
  };
  EXPECT_EQ(refusal(with("sdg")),
            "s.yaml:9: tune as \"sdg\": no method of this name with a search of its own");
  EXPECT_EQ(refusal(with("other")),
            "s.yaml:9: tune as \"other\": no method of this name with a search of its own");
  EXPECT_EQ(refusal(with("third", "  third: {extends: sgd, tune: none, batch: 16}\n")),
            "s.yaml:9: tune as \"third\": no method of this name with a search of its own");
  EXPECT_EQ(refusal(with("sgd, draws: 3")), "s.yaml:9: unknown key \"draws\"; valid: as");
  EXPECT_EQ(refusal(with("third", "  third: {extends: sgd, batch: [16, 8]}\n")),
            "s.yaml:9: tune as \"third\": is a grid; tune as a single method");
}

struct TuneCase {
  const char* tune;
  const char* suite_wide;
  const char* refusal;
};

class TuneMistake : public ::testing::TestWithParam<TuneCase> {};

TEST_P(TuneMistake, IsNamedWithItsPlace) {
  EXPECT_EQ(refusal(tuned(GetParam().tune, GetParam().suite_wide)), GetParam().refusal);
}

INSTANTIATE_TEST_SUITE_P(
    All, TuneMistake,
    ::testing::Values(
        TuneCase{"{optimizer.learning_rate: {log_uniform: [1, 0.1]}, draws: 2}", "seeds: [101]",
                 "s.yaml:8: tune.optimizer.learning_rate: log_uniform must be "
                 "[low, high] with "
                 "0 < low < high"},
        TuneCase{"{optimizer.learning_rate: {log_uniform: [0.1, 1]}}", "seeds: [101]",
                 "s.yaml:8: tune draws from a range: missing key \"draws\", as "
                 "in draws: 8"},
        TuneCase{"{learning_rate: [0.1]}", "seeds: [101]",
                 "s.yaml:8: unknown tune path \"learning_rate\"; a path of the "
                 "method, as in "
                 "optimizer.learning_rate"},
        TuneCase{"{draws: 3}", "seeds: [101]", "s.yaml:8: tune holds no path: nothing to choose"},
        TuneCase{"3", "seeds: [101]",
                 "s.yaml:8: tune must be a block of paths, as in "
                 "{optimizer.learning_rate: [0.01, 0.1]}, got 3"},
        TuneCase{"{batch: 32}", "seeds: [101]",
                 "s.yaml:8: tune.batch must be a list of values or "
                 "{log_uniform: [low, high]}, "
                 "got 32"},
        TuneCase{"{optimizer.learning_rate: [0.1, -1]}", "seeds: [101]",
                 "s.yaml:8: sgd.learning_rate must be a real number > 0, got -1"},
        TuneCase{"{regularizers.l2.lambda: [0.1, 1]}", "seeds: [101]",
                 "s.yaml:8: tune path \"regularizers.l2.lambda\": the method "
                 "has no such "
                 "regularizer"},
        TuneCase{"{draws: 0, batch: [32]}", "seeds: [101]",
                 "s.yaml:8: tune.draws must be a whole number in [1, 10000], got 0"},
        TuneCase{"{batch: [32]}", "seeds: [2]",
                 "s.yaml:9: seed 2 would choose settings and count; give tune "
                 "seeds of its own"},
        TuneCase{"{batch: [32]}", "seeds: [101], by: test_accuracy",
                 "s.yaml:9: tune.by must be validation_accuracy or "
                 "validation_loss, got "
                 "\"test_accuracy\""},
        TuneCase{"{batch: [32]}", "seeds: [101], fitted: 99",
                 "s.yaml:9: tune.fitted must be a real number in (0, 1], got 99"}));

TEST(Tune, HostileRangesAndSizesAreRefusedInWords) {
  EXPECT_THAT(refusal(tuned("{draws: 3, optimizer.learning_rate: {log_uniform: [1e-320, 1e308]}}")),
              ::testing::AnyOf("", HasSubstr("s.yaml:8")));
  EXPECT_THAT(refusal(tuned("{draws: 2000, optimizer.learning_rate: {log_uniform: [0.0001, 1]}}",
                            "seeds: {first: 100, count: 1000}")),
              HasSubstr("configurations x 1000 seeds x 1 problems; a suite may have at most 100000 "
                        "tuning trials"));
}

TEST(Tune, OtherMistakesHaveTheirLine) {
  std::string text = tuned(grid);
  text.replace(text.find("tune: {seeds: [101]}\n"), 21, "");
  EXPECT_EQ(refusal(text),
            "s.yaml:8: a method is tuned: missing key \"tune\" of the suite, as in "
            "tune: {seeds: [101]}");
  EXPECT_EQ(refusal(tiny_with("seeds: [1]", "tune: {seeds: [101]}\nseeds: [1]")),
            "s.yaml:8: no method has a tune block: nothing to tune");
  text = tuned(grid);
  text.replace(text.find(", validation: 200"), 17, "");
  EXPECT_EQ(refusal(text),
            "s.yaml:2: tuning is judged on a validation part; give cifar10 one, as "
            "in validation: 5000");
  text = tuned("{optimizer.scale: [1, 2]}");
  text.replace(text.find("{name: sgd, learning_rate: 0.1}"), 31, "{name: follow, from: a}");
  text.replace(text.find("methods:\n"), 9,
               "methods:\n  a: {optimizer: {name: sgd, learning_rate: 1}, batch: 8}\n");
  EXPECT_EQ(refusal(text), "s.yaml:9: method \"sgd\" follows another trial and cannot be tuned");
}

}  // namespace
}  // namespace gapbench::suite::test

// What a suite may say of posteriors, scores of predictions and likelihoods.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_catalog.h"
#include "suite/trials/trial_file.h"

namespace gapbench::suite::test {
namespace {

using ::testing::HasSubstr;

/// `tiny` with something behind its method's batch, and after its last line.
std::string with(const std::string& method_lines, const std::string& suite_lines = "") {
  return tiny_with("    batch: 64\n", "    batch: 64\n" + method_lines) + suite_lines;
}

const train::TrialSettings& only(const Suite& suite) { return suite.trials.at(0).settings; }

std::string sampler(const std::string& method_lines, const std::string& suite_lines = "") {
  std::string text = with(method_lines, suite_lines);
  const std::string from = "{name: sgd, learning_rate: 0.1}";
  return text.replace(text.find(from), from.size(), "sampler");
}

TEST(Posterior, AbsentUnlessNamed) {
  const Suite suite = read(tiny);
  EXPECT_FALSE(only(suite).posterior);
  EXPECT_FALSE(only(suite).predictive);
  const std::string trial = write_trial(only(suite));
  for (const char* key : {"posterior", "predictive", "deviation"}) {
    EXPECT_EQ(trial.find(key), std::string::npos) << trial;
  }
}

TEST(Posterior, ByNameOrBlock) {
  const Suite named = read(with("    posterior: mc_dropout\n"));
  const train::PosteriorSettings& usual = only(named).posterior.value();
  EXPECT_EQ(usual.posterior.name, "mc_dropout");
  EXPECT_EQ(usual.posterior.revision, 1U);
  EXPECT_EQ(usual.draws, 30U);
  EXPECT_EQ(usual.train_examples, 10000U);
  EXPECT_FALSE(usual.every);
  EXPECT_TRUE(usual.is_fitted());
  const Suite block = read(with(
      "    posterior: {name: gaussian, lambda: 2, draws: 7, train_examples: 0, every: {epochs: "
      "5}}\n"));
  const train::PosteriorSettings& full = only(block).posterior.value();
  EXPECT_EQ(full.posterior.options, (OptionMap{{"lambda", 2.0}}));
  EXPECT_EQ(full.draws, 7U);
  EXPECT_EQ(full.train_examples, 0U);
  EXPECT_EQ(full.every->count, 5);
}

TEST(Posterior, OwnOnlyWhereOneIsKept) {
  EXPECT_TRUE(only(read(sampler("    posterior: own\n"))).posterior->is_own());
  EXPECT_THAT(refusal(with("    posterior: own\n")),
              HasSubstr("s.yaml:8: optimizer \"sgd\" keeps no posterior; name one that is fitted "
                        "after training, as in posterior: mc_dropout"));
}

// Says something only where there would be one.
TEST(Posterior, None) {
  EXPECT_TRUE(only(read(sampler("    posterior: none\n"))).posterior->is_none());
  EXPECT_FALSE(only(read(with("    posterior: none\n"))).posterior);
}

TEST(Posterior, MistakesHaveTheirPlace) {
  EXPECT_THAT(refusal(with("    posterior: mc_dropuot\n")),
              HasSubstr("s.yaml:8: mc_dropuot: unknown; did you mean \"mc_dropout\"?"));
  EXPECT_THAT(
      refusal(with("    posterior: {name: mc_dropout, draws: 0}\n")),
      HasSubstr("s.yaml:8: mc_dropout.draws must be a whole number in [1, 1000000], got 0"));
  EXPECT_THAT(refusal(with("    posterior: {name: mc_dropout, drawss: 2}\n")),
              HasSubstr("unknown key \"drawss\"; did you mean \"draws\"?"));
  EXPECT_THAT(refusal(with("    posterior: {draws: 3}\n")), HasSubstr("missing key \"name\""));
  EXPECT_THAT(refusal(sampler("    posterior: {name: none, draws: 3}\n")),
              HasSubstr("unknown key \"draws\""));
}

TEST(Posterior, AGridOfThem) {
  const Suite suite = read(with("    posterior: {name: mc_dropout, draws: [1, 10]}\n"));
  EXPECT_EQ(method_names(suite), (std::vector<std::string>{"sgd[draws=1]", "sgd[draws=10]"}));
}

TEST(Predictive, WithOrWithoutEvaluationsOnTheWay) {
  const Suite both = read(with("", "evaluate: {predictive: true, every: {epochs: 2}}\n"));
  EXPECT_TRUE(only(both).predictive);
  EXPECT_EQ(only(both).evaluate_every->count, 2);
  const Suite alone = read(with("", "evaluate: {predictive: true}\n"));
  EXPECT_TRUE(only(alone).predictive);
  EXPECT_FALSE(only(alone).evaluate_every);
  EXPECT_THAT(refusal(with("", "evaluate: {predictive: false}\n")),
              HasSubstr("missing key \"every\""));
}

TEST(Evaluate, AtLossesAloneOrBesideOthers) {
  const Suite alone = read(with("", "evaluate: {train_loss: [1, 0.5]}\n"));
  EXPECT_EQ(only(alone).evaluate_losses, (std::vector<double>{1, 0.5}));
  EXPECT_FALSE(only(alone).evaluate_every);
  const Suite both = read(with("", "evaluate: {train_loss: [1], every: {epochs: 2}}\n"));
  EXPECT_EQ(only(both).evaluate_losses, std::vector<double>{1});
  EXPECT_EQ(only(both).evaluate_every->count, 2);
}

TEST(Predictive, TuningTrialsAskForNone) {
  std::string text = with(
      "    posterior: mc_dropout\n"
      "    tune: {optimizer.learning_rate: [0.1, 0.2]}\n",
      "tune: {seeds: [7]}\nevaluate: {predictive: true}\n");
  text.replace(text.find("[cifar10]"), 9, "[{name: cifar10, validation: 100}]");
  const Suite suite = read(text);
  std::size_t counting = 0;
  for (const Trial& trial : suite.trials) {
    EXPECT_EQ(trial.settings.posterior.has_value(), !trial.settings.tuning);
    EXPECT_EQ(trial.settings.predictive, !trial.settings.tuning);
    counting += trial.settings.tuning ? 0 : 1;
  }
  EXPECT_EQ(counting, 1U);
  EXPECT_EQ(suite.trials.size(), 3U);
}

TEST(Deviation, BelongsToARegression) {
  const auto data = [](const std::string& block) { return tiny_with("[cifar10]", block); };
  const Suite suite = read(data("[{name: csv:yacht, deviation: 0.3}]"));
  EXPECT_EQ(only(suite).data.deviation, 0.3);
  EXPECT_THAT(
      refusal(data("[{name: cifar10, deviation: 0.3}]")),
      HasSubstr("s.yaml:2: deviation is of the noise of a regression's targets; cifar10 has "
                "classes"));
  EXPECT_THAT(refusal(data("[{name: csv:yacht, deviation: 0}]")), HasSubstr("deviation must be"));
}

TEST(Predictive, NeedsALikelihood) {
  const auto on_yacht = [](std::string text) {
    return text.replace(text.find("[cifar10]"), 9, "[csv:yacht]");
  };
  const std::string due =
      "s.yaml:2: predictions are scored by their likelihood; give csv:yacht the deviation of its "
      "targets' noise, as in deviation: 0.3";
  EXPECT_THAT(refusal(on_yacht(with("", "evaluate: {predictive: true}\n"))), HasSubstr(due));
  EXPECT_THAT(refusal(on_yacht(sampler("    posterior: own\n"))), HasSubstr(due));
  // One that is fitted may choose the deviation itself.
  EXPECT_EQ(refusal(on_yacht(with("    posterior: {name: gaussian, lambda: 1}\n",
                                  "evaluate: {predictive: true}\n"))),
            "");
  EXPECT_EQ(refusal(on_yacht(sampler("    posterior: none\n"))), "");
  EXPECT_EQ(refusal(on_yacht(tiny)), "");
}

std::string evaluated(const std::string& evaluate) {
  return std::string(tiny) + "evaluate: " + evaluate + "\n";
}

TEST(Shift, KindsAreReadInTheirOwnOrder) {
  using ::testing::ElementsAre;
  const auto shifts = [](const std::string& given) {
    return read(evaluated("{predictive: true, shift: " + given + "}")).trials[0].settings.shifts;
  };
  EXPECT_THAT(shifts("[rotation, blur]"), ElementsAre("blur", "rotation"));
  EXPECT_THAT(shifts("all"),
              ElementsAre("gaussian_noise", "blur", "brightness", "contrast", "rotation"));
  EXPECT_TRUE(read(evaluated("{predictive: true}")).trials[0].settings.shifts.empty());
}

TEST(Unseen, IsAListOfClassesAndNoGrid) {
  const auto on = [](const std::string& unseen) {
    return tiny_with("[cifar10]", "[{name: cifar10, unseen: " + unseen + "}]");
  };
  const Suite suite = read(on("[9, 2]"));
  ASSERT_EQ(suite.trials.size(), 1U);
  EXPECT_THAT(suite.trials[0].settings.data.unseen, ::testing::ElementsAre(2U, 9U));
  EXPECT_THAT(refusal(on("[2, 2]")), HasSubstr("unseen class 2 given twice"));
  EXPECT_THAT(refusal(on("[cat]")), HasSubstr("a class must be a whole number"));
  EXPECT_THAT(refusal(on("[]")), HasSubstr("must not be empty"));
  EXPECT_THAT(refusal(tiny_with("[cifar10]", "[{name: csv:yacht, unseen: [1]}]")),
              HasSubstr("unseen is of classes, and csv:yacht has none"));
  Suite two = read(tiny_with("[cifar10]", "[{name: cifar10, unseen: [2, 9]}, cifar10]"));
  seal(two, [](const train::DataSettings&) { return std::string("sum"); });
  EXPECT_NE(two.trials[0].folder.string().find("2+9"), std::string::npos)
      << two.trials[0].folder.string();
}

TEST(Shift, IsOfPredictionsOfImages) {
  EXPECT_THAT(refusal(evaluated("{every: {epochs: 1}, shift: [blur]}")),
              HasSubstr("give predictive: true, too"));
  EXPECT_THAT(
      refusal(evaluated("{predictive: true, shift: [blurr]}")),
      HasSubstr("must be all or some of gaussian_noise, blur, brightness, contrast, rotation"));
  EXPECT_THAT(refusal(evaluated("{predictive: true, shift: [blur, blur]}")),
              HasSubstr("shift blur given twice"));
  EXPECT_THAT(refusal(evaluated("{predictive: true, shift: []}")), HasSubstr("must not be empty"));
  std::string text = evaluated("{predictive: true, shift: all}");
  text.replace(text.find("[cifar10]"), 9, "[{name: csv:yacht, deviation: 0.3}]");
  EXPECT_THAT(refusal(text), HasSubstr("evaluate.shift is of images, and csv:yacht has none"));
}

}  // namespace
}  // namespace gapbench::suite::test

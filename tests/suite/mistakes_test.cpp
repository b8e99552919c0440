// Suites that are refused, with the exact text.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_catalog.h"

namespace gapbench::suite::test {
namespace {

struct Case {
  const char* name;
  const char* from;  // part of the tiny suite
  const char* to;    // what stands there instead
  const char* refusal;
};

class Mistake : public ::testing::TestWithParam<Case> {};

TEST_P(Mistake, IsNamedWithItsPlace) {
  const Case& c = GetParam();
  EXPECT_EQ(refusal(tiny_with(c.from, c.to)), c.refusal);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, Mistake,
    ::testing::Values(
        Case{"UnknownTop", "seeds: [1]", "seeds: [1]\nseed: 1",
             "s.yaml:9: unknown key \"seed\"; did you mean \"seeds\"?"},
        Case{"UnknownInMethod", "batch: 64", "bacth: 64",
             "s.yaml:7: unknown key \"bacth\"; did you mean \"batch\"?"},
        Case{"UnknownFar", "batch: 64", "zzzzzzzz: 64",
             "s.yaml:7: unknown key \"zzzzzzzz\"; valid: extends, tune, on, optimizer, "
             "regularizers, "
             "start, batch, "
             "micro_batch, running_statistics, sampling, batch_growth, until, posterior, budget, "
             "schedule"},
        Case{"RunningStatistics", "batch: 64", "batch: 64\n    running_statistics: frozen",
             "s.yaml:8: method.running_statistics must be moving or reestimate, got \"frozen\""},
        Case{"GrowthOrder", "batch: 64", "batch: 64\n    batch_growth: {epochs: [5, 5]}",
             "s.yaml:8: batch_growth.epochs must ascend, as in [30, 60], got 5 after 5"},
        Case{"GrowthFactor", "batch: 64", "batch: 64\n    batch_growth: {epochs: [5], factor: 1}",
             "s.yaml:8: batch_growth.factor must be a whole number in [2, 1000], got 1"},
        Case{"GrowthOfAll", "batch: 64", "batch: all\n    batch_growth: {epochs: [1]}",
             "s.yaml:8: batch_growth needs a batch that can grow, got batch all"},
        Case{"GrowthTooLate", "batch: 64", "batch: 64\n    batch_growth: {epochs: [5, 5000]}",
             "s.yaml:8: batch_growth: epoch 5000 is not within the budget, epochs 0 to 9"},
        Case{"Sampling", "batch: 64", "batch: 64\n    sampling: random",
             "s.yaml:8: method.sampling must be permutation or independent, got \"random\""},
        Case{"Until", "batch: 64", "batch: 64\n    until: {test_accuracy: 0.9}",
             "s.yaml: 2 mistakes\n"
             "s.yaml:8: until: missing key \"train_loss\" (a real number > 0, required)\n"
             "s.yaml:8: unknown key \"test_accuracy\"; valid: train_loss"},
        Case{"UntilNothing", "batch: 64", "batch: 64\n    until: {train_loss: 0}",
             "s.yaml:8: until.train_loss must be a real number > 0, got 0"},
        Case{"LossesAscend", "seeds: [1]", "seeds: [1]\nevaluate: {train_loss: [0.1, 1]}",
             "s.yaml:9: evaluate.train_loss must descend, as in [1, 0.1], got 1 after 0.1"},
        Case{"UnknownOption", "learning_rate: 0.1", "learning_rate: 1, momemtum: 0.9",
             "s.yaml:6: unknown key \"momemtum\"; did you mean \"momentum\"?"},
        Case{"UnknownInDataSet", "[cifar10]", "[{name: cifar10, trian: 5}]",
             "s.yaml:2: unknown key \"trian\"; did you mean \"train\"?"},
        Case{"UnknownInNetwork", "[cnn3]", "[{name: cnn3, with: 5}]",
             "s.yaml:3: unknown key \"with\"; did you mean \"width\"?"},
        Case{"UnknownInLength", "epochs: 10", "epoch: 10",
             "s.yaml:9: unknown key \"epoch\"; did you mean \"epochs\"?"},
        Case{"UnknownInSeeds", "[1]", "{frist: 1, count: 2}",
             "s.yaml:8: unknown key \"frist\"; did you mean \"first\"?"},
        Case{"UnknownInEvaluate", "seeds: [1]",
             "seeds: [1]\nevaluate: {each: {epochs: 1}, every: {epochs: 1}}",
             "s.yaml:9: unknown key \"each\"; valid: every, predictive, train_loss, shift"},
        Case{"UnknownInSchedule", "seeds: [1]",
             "seeds: [1]\nschedule: {kind: constant, warm_up: {epochs: 1}}",
             "s.yaml:9: unknown key \"warm_up\"; did you mean \"warmup\"?"},
        Case{"UnknownInProbe", "seeds: [1]",
             "seeds: [1]\nprobes: [{name: gradient_norm, evry: {epochs: 1}}]",
             "s.yaml:9: unknown key \"evry\"; did you mean \"every\"?"},
        Case{"Twice", "batch: 64", "batch: 64\n    batch: 32",
             "s.yaml:8: key \"batch\" given twice, first on line 7"},
        Case{"NoValue", "batch: 64", "batch:", "s.yaml:7: \"batch\" has no value"},
        Case{"MissingOption", ", learning_rate: 0.1", "",
             "s.yaml:6: sgd: missing key \"learning_rate\" (a real number > 0, required)"},
        Case{"MissingOptimizer", "optimizer: {name: sgd, learning_rate: 0.1}", "micro_batch: 1",
             "s.yaml:5: method \"sgd\": missing key \"optimizer\""},
        Case{"MissingOptimizerName", "name: sgd, ", "",
             "s.yaml:6: optimizer: missing key \"name\""},
        Case{"MissingSeeds", "seeds: [1]\n", "",
             "s.yaml:1: suite: missing key \"seeds\" (as in [1, 2] or {first: 1, count: 5})"},
        Case{"MissingName", "name: tiny\n", "", "s.yaml:1: suite: missing key \"name\""},
        Case{"MissingBudget", "budget: {epochs: 10}\n", "",
             "s.yaml:4: missing key \"budget\"; give it for the suite or in every method"},
        Case{"MissingNetworks", "networks: [cnn3]\n", "",
             "s.yaml:2: data sets need networks: missing key \"networks\""},
        Case{"MissingDatasets", "datasets: [cifar10]\n", "",
             "s.yaml:1: no datasets and no problems: the suite has no trials"}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Values, Mistake,
    ::testing::Values(
        Case{"TextForNumber", "learning_rate: 0.1", "learning_rate: fast",
             "s.yaml:6: sgd.learning_rate must be a real number > 0, got \"fast\""},
        Case{"QuotedNumber", "learning_rate: 0.1", "learning_rate: '0.1'",
             "s.yaml:6: sgd.learning_rate must be a real number > 0, got \"0.1\""},
        Case{"OutOfRange", "learning_rate: 0.1", "learning_rate: -1",
             "s.yaml:6: sgd.learning_rate must be a real number > 0, got -1"},
        Case{"BeyondDoubles", "learning_rate: 0.1", "learning_rate: 1e999",
             "s.yaml:6: sgd.learning_rate must be a real number > 0, got \"1e999\""},
        Case{"YesIsNoFlag", "learning_rate: 0.1", "learning_rate: 1, nesterov: yes",
             "s.yaml:6: sgd.nesterov must be true or false, got \"yes\""},
        Case{"BadChoice", "{name: sgd, learning_rate: 0.1}", "{name: adam, epsilon_added_to: x}",
             "s.yaml:6: adam.epsilon_added_to must be corrected or raw, got \"x\""},
        Case{"BlockForNumber", "learning_rate: 0.1", "learning_rate: {a: 1}",
             "s.yaml:6: sgd.learning_rate must be a real number > 0, got a block"},
        Case{"RealForWhole", "batch: 64", "batch: 64.0",
             "s.yaml:7: method.batch must be a whole number in [1, 1000000000], got 64.0"},
        Case{"ZeroBatch", "batch: 64", "batch: 0",
             "s.yaml:7: method.batch must be a whole number in [1, 1000000000], got 0"},
        Case{"NegativeBatch", "batch: 64", "batch: -5",
             "s.yaml:7: method.batch must be a whole number in [1, 1000000000], got -5"},
        Case{"MicroBatchTooLarge", "batch: 64", "batch: 64\n    micro_batch: 65",
             "s.yaml:8: micro_batch 65 is larger than batch 64"},
        Case{"FractionForWhole", "batch: 64", "batch: 645e-1",
             "s.yaml:7: method.batch must be a whole number in [1, 1000000000], got 645e-1"},
        Case{"BatchLargerThanData", "[cifar10]", "[{name: cifar10, train: 63}]",
             "s.yaml:7: batch 64 is larger than the training set: cifar10 has train 63"},
        Case{"NegativeTrain", "[cifar10]", "[{name: cifar10, train: -1}]",
             "s.yaml:2: cifar10.train must be a whole number in [0, 9007199254740992], got -1"},
        Case{"AugmentAsText", "[cifar10]", "[{name: cifar10, augment: on}]",
             "s.yaml:2: cifar10.augment must be true or false, got \"on\""},
        Case{"ZeroBudget", "epochs: 10", "epochs: 0",
             "s.yaml:9: budget.epochs must be a real number in (0, 1000000000000], got 0"},
        Case{"FractionOfAStep", "epochs: 10", "steps: 1.5",
             "s.yaml:9: budget.steps must be a whole number in [1, 1000000000000], got 1.5"},
        Case{"TwoUnits", "epochs: 10", "epochs: 10, steps: 5",
             "s.yaml:9: budget: give epochs or steps, not both"},
        Case{"NoUnit", "{epochs: 10}", "{}", "s.yaml:9: budget must be {epochs: n} or {steps: n}"},
        Case{"BareLength", "{epochs: 10}", "10",
             "s.yaml:9: budget must be a block, as in {epochs: 6}, got 10"},
        Case{"SuiteName", "tiny", "Tiny_Suite",
             "s.yaml:1: name \"Tiny_Suite\" must be lower-case words joined by dashes, as in "
             "cifar-smoke"},
        Case{"SuiteNameNumber", "tiny", "5", "s.yaml:1: \"name\" must be text, got 5"},
        Case{
            "SuiteNamePath", "tiny", "../x",
            "s.yaml:1: name \"../x\" must be lower-case words joined by dashes, as in cifar-smoke"},
        Case{"MethodName", "  sgd:\n", "  a/b:\n",
             "s.yaml:5: method name \"a/b\" must be at most 100 letters, digits and \"_.+-\", a "
             "letter or digit first"},
        Case{"MethodNameDots", "  sgd:\n", "  ..:\n",
             "s.yaml:5: method name \"..\" must be at most 100 letters, digits and \"_.+-\", a "
             "letter or digit first"},
        Case{"MethodNotABlock", "batch: 64", "batch: 64\n  x: 3",
             "s.yaml:8: method \"x\" must be a block, as in {optimizer: {name: sgd, "
             "learning_rate: 0.1}, batch: 64}, got 3"},
        Case{"SeedTwice", "[1]", "[1, 2, 1]", "s.yaml:8: seed 1 given twice"},
        Case{"SeedNegative", "[1]", "[-1]", "s.yaml:8: a seed must be a whole number >= 0, got -1"},
        Case{"SeedText", "[1]", "[one]",
             "s.yaml:8: a seed must be a whole number >= 0, got \"one\""},
        Case{"SeedAlone", "[1]", "3",
             "s.yaml:8: seeds must be a list or {first: 1, count: n}, got 3"},
        Case{"NoSeeds", "[1]", "[]", "s.yaml:8: no seeds: the suite has no trials"},
        Case{"ZeroSeeds", "[1]", "{count: 0}",
             "s.yaml:8: seeds.count must be a whole number in [1, 100000], got 0"},
        Case{"DatasetsNotAList", "[cifar10]", "cifar10",
             "s.yaml:2: datasets must be a list, as in [cifar10, cifar100], got \"cifar10\""},
        Case{"EmptyGrid", "batch: 64", "batch: []",
             "s.yaml:7: an empty list: nothing to choose from"},
        Case{"TwiceInAGrid", "batch: 64", "batch: [64, 32, 64]",
             "s.yaml:7: 64 given twice in one list"},
        Case{"ListInAGrid", "batch: 64", "batch: [64, [32]]",
             "s.yaml:7: a list in a list; a grid is a flat list of values"}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Names, Mistake,
    ::testing::Values(
        Case{"Optimizer", "name: sgd", "name: sdg",
             "s.yaml:6: sdg: unknown; did you mean \"sgd\"?"},
        Case{"Network", "[cnn3]", "[cnn4]", "s.yaml:3: cnn4: unknown; did you mean \"cnn3\"?"},
        Case{"DataSet", "[cifar10]", "[cifar101]",
             "s.yaml:2: cifar101: unknown; did you mean \"cifar10\"?"},
        Case{"Regularizer", "batch: 64", "regularizers: [l22]",
             "s.yaml:7: l22: unknown; did you mean \"l2\"?"},
        Case{"RegularizerTwice", "batch: 64",
             "regularizers:\n    - {name: l2, lambda: 1}\n    - {name: l2, lambda: 2}",
             "s.yaml:9: regularizer \"l2\" given twice"},
        Case{"RegularizersAlone", "batch: 64", "regularizers: {name: l2, lambda: 1}",
             "s.yaml:7: regularizers must be a list, as in [{name: l2, lambda: 0.001}], got a "
             "block"},
        Case{"Probe", "seeds: [1]", "probes: [gradient]\nseeds: [1]",
             "s.yaml:8: gradient: unknown; valid: distance, gradient_norm"},
        Case{"Problem", "seeds: [1]", "problems: [linear_teachr]\nseeds: [1]",
             "s.yaml:8: linear_teachr: unknown; did you mean \"linear_teacher\"?"},
        Case{"Baseline", "seeds: [1]", "baseline: sdg\nseeds: [1]",
             "s.yaml:8: baseline \"sdg\" is no method; did you mean \"sgd\"?"},
        Case{"ExtendsUnknown", "batch: 64", "extends: adma",
             "s.yaml:7: extends unknown method \"adma\"; valid: sgd"},
        Case{"ExtendsItself", "batch: 64", "extends: sgd",
             "s.yaml:7: extends in a circle: sgd -> sgd"},
        Case{"ExtendsAList", "batch: 64", "extends: [sgd]",
             "s.yaml:7: extends must be a method's name, got a list"},
        Case{"SameMethod", "batch: 64", "batch: 64\n  b: {extends: sgd, micro_batch: 32}",
             "s.yaml:8: method \"b\" has the same settings as \"sgd\""},
        Case{"SameData", "[cifar10]", "[cifar10, {name: cifar10, train: 0}]",
             "s.yaml:2: cifar10 given twice with the same settings"},
        Case{"SameNetwork", "[cnn3]", "[cnn3, {name: cnn3, width: 32}]",
             "s.yaml:3: cnn3 given twice with the same settings"},
        Case{
            "GridPath", "seeds: [1]", "seeds: [1]\ngrid: {optimiser.learning_rate: [1, 2]}",
            "s.yaml:9: unknown grid path \"optimiser.learning_rate\"; did you mean \"optimizer\"?"},
        Case{"GridNotAList", "seeds: [1]", "seeds: [1]\ngrid: {batch: 1}",
             "s.yaml:9: grid.batch must be a list, got 1"},
        Case{"GridOption", "seeds: [1]", "seeds: [1]\ngrid: {optimizer.beta: [1, 2]}",
             "s.yaml:9: unknown key \"beta\"; valid: name, learning_rate, momentum, nesterov"},
        Case{"GridRegularizer", "seeds: [1]", "seeds: [1]\ngrid: {regularizers.l2.lambda: [1, 2]}",
             "s.yaml:9: grid path \"regularizers.l2.lambda\": method \"sgd\" has no such "
             "regularizer"},
        Case{
            "GridData", "seeds: [1]", "seeds: [1]\ngrid: {problems.features: [1, 2]}",
            "s.yaml:9: grid path \"problems.features\" leads nowhere; needs a list of problems and "
            "an option, as in problems.width"}),
    [](const auto& test) { return std::string(test.param.name); });

class ScheduleMistake : public ::testing::TestWithParam<Case> {};

TEST_P(ScheduleMistake, IsNamedWithItsPlace) {
  const Case& c = GetParam();
  const std::string text = fmt::format("{}schedule:\n  kind: {}\n  {}\n", tiny, c.from, c.to);
  EXPECT_EQ(refusal(text), c.refusal);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, ScheduleMistake,
    ::testing::Values(
        Case{"Kind", "linear", "warmup: {epochs: 1}",
             "s.yaml:11: schedule.kind must be constant or step or cosine or polynomial or "
             "trapezoid, got \"linear\""},
        Case{"FactorOfCosine", "cosine", "factor: 0.1",
             "s.yaml:12: schedule.factor belongs to kind step, not to cosine"},
        Case{"MilestonesOfConstant", "constant", "milestones: [0.5]",
             "s.yaml:12: schedule.milestones belongs to kind step, not to constant"},
        Case{"FinalOfConstant", "constant", "final: 0.5",
             "s.yaml:12: schedule.final belongs to kind cosine or polynomial or trapezoid, not to "
             "constant"},
        Case{"PowerOfCosine", "cosine", "power: 2",
             "s.yaml:12: schedule.power belongs to kind polynomial, not to cosine"},
        Case{"CooldownOfConstant", "constant", "cooldown: 0.2",
             "s.yaml:12: schedule.cooldown belongs to kind trapezoid, not to constant"},
        Case{"PowerOfZero", "polynomial", "power: 0",
             "s.yaml:12: schedule.power must be a real number > 0, got 0"},
        Case{"LongCooldown", "trapezoid", "cooldown: 1.5",
             "s.yaml:12: schedule.cooldown must be a real number in (0, 1], got 1.5"},
        Case{
            "NoMilestones", "step", "factor: 0.5",
            "s.yaml:10: schedule: missing key \"milestones\" (fractions of the budget, as in [0.5, "
            "0.75])"},
        Case{"EmptyMilestones", "step", "milestones: []",
             "s.yaml:12: schedule.milestones must not be empty"},
        Case{"MilestoneAtTheEnd", "step", "milestones: [0.5, 1]",
             "s.yaml:12: milestone must be a real number in (0, 1), got 1"},
        Case{"MilestoneAtTheStart", "step", "milestones: [0, 0.5]",
             "s.yaml:12: milestone must be a real number in (0, 1), got 0"},
        Case{"EqualMilestones", "step", "milestones: [0.5, 0.5]",
             "s.yaml:12: milestones must ascend, got 0.5 after 0.5"},
        Case{"FallingMilestones", "step", "milestones: [0.5, 0.25]",
             "s.yaml:12: milestones must ascend, got 0.25 after 0.5"},
        Case{"NegativeFinal", "cosine", "final: -0.1",
             "s.yaml:12: schedule.final must be a real number in [0, 1], got -0.1"},
        Case{"LongWarmup", "cosine", "warmup: {epochs: 10.5}",
             "s.yaml:12: a warm-up of 10.5 epochs is longer than the budget of 10"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Mistakes, ACoolDownThatBeginsInTheWarmUp) {
  const auto with = [](const char* warmup) {
    return refusal(
        fmt::format("{}schedule: {{kind: trapezoid, cooldown: 0.5, warmup: {}}}\n", tiny, warmup));
  };
  EXPECT_EQ(with("{epochs: 6}"),
            "s.yaml:10: a cool-down of 0.5 of the budget leaves 5 epochs, and the warm-up takes 6");
  EXPECT_EQ(with("{epochs: 5}"), "");
}

TEST(Mistakes, AWarmupInTheOtherUnitCannotBeJudgedHere) {
  EXPECT_EQ(refusal(std::string(tiny) + "schedule: {kind: cosine, warmup: {steps: 99999}}\n"), "");
}

TEST(Mistakes, ABaselineThatIsAGridNamesItsMethods) {
  EXPECT_EQ(refusal(tiny_with("batch: 64", "batch: [1, 2]") + "baseline: sgd\n"),
            "s.yaml:10: baseline \"sgd\" is a grid; choose one of sgd[batch=1], sgd[batch=2]");
  EXPECT_EQ(refusal(tiny_with("batch: 64", "batch: [1, 2]") + "baseline: sgd[batch=2]\n"), "");
}

TEST(Mistakes, ALongerCircleIsShown) {
  EXPECT_EQ(refusal(tiny_with("batch: 64", "extends: a\n  a: {extends: b}\n  b: {extends: sgd}")),
            "s.yaml:9: extends in a circle: sgd -> a -> b -> sgd");
}

TEST(Mistakes, AnInheritedMistakeIsOneMistake) {
  EXPECT_EQ(refusal(tiny_with("0.1}\n    batch: 64",
                              "-1}\n    batch: 64\n  b: {extends: sgd, batch: 32}")),
            "s.yaml:6: sgd.learning_rate must be a real number > 0, got -1");
  EXPECT_EQ(refusal(tiny_with("batch: 64", "batch: 0\n  b: {extends: sgd, micro_batch: 1}")),
            "s.yaml:7: method.batch must be a whole number in [1, 1000000000], got 0");
}

TEST(Mistakes, AreReportedTogetherInTheOrderOfTheFile) {
  std::string text = tiny_with("batch: 64", "bacth: 64");
  text.replace(text.find("[1]"), 3, "[1, 1]");
  text.replace(text.find("cifar10"), 7, "cifar1");
  EXPECT_EQ(refusal(text),
            "s.yaml: 3 mistakes\n"
            "s.yaml:2: cifar1: unknown; did you mean \"cifar10\"?\n"
            "s.yaml:7: unknown key \"bacth\"; did you mean \"batch\"?\n"
            "s.yaml:8: seed 1 given twice");
}

TEST(Mistakes, TheErrorsPlaceIsTheLineOrTheFile) {
  const auto where = [](const std::string& text) {
    try {
      read(text);
    } catch (const Error& e) {
      return e.where();
    }
    return std::string();
  };
  EXPECT_EQ(where(tiny_with("batch: 64", "batch: 0")), "s.yaml:7");
  EXPECT_EQ(where(tiny_with("batch: 64", "batch: 0\n    micro_batch: -1")), "s.yaml");
}

TEST(Mistakes, AMisspelledBatchIsNotJudgedByItsDefault) {
  std::string text = tiny_with("batch: 64", "bacth: 64");
  text.replace(text.find("cifar10"), 7, "{name: cifar10, train: 100}");
  EXPECT_EQ(refusal(text), "s.yaml:7: unknown key \"bacth\"; did you mean \"batch\"?");
  text.replace(text.find("    bacth: 64\n"), 14, "");
  EXPECT_EQ(refusal(text),
            "s.yaml:5: batch 128 is larger than the training set: cifar10 has train 100");
}

TEST(Mistakes, AMicroBatchMayBeTheWholeBatch) {
  EXPECT_EQ(refusal(tiny_with("batch: 64", "batch: 64\n    micro_batch: 64")), "");
}

TEST(Mistakes, TwentyAreAllShown) {
  std::string seeds = "[";
  for (int i = 0; i < 20; ++i) seeds += fmt::format("x{},\n ", i);
  const std::string text = refusal(tiny_with("[1]", seeds + "1]"));
  EXPECT_THAT(text, ::testing::EndsWith("\"x19\""));
}

TEST(Mistakes, AtMostTwentyAreShown) {
  std::string seeds = "[";
  for (int i = 0; i < 25; ++i) seeds += fmt::format("x{},\n ", i);
  const std::string text = refusal(tiny_with("[1]", seeds + "1]"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 21);
  EXPECT_THAT(text, ::testing::StartsWith("s.yaml: 25 mistakes\ns.yaml:8: "));
  EXPECT_THAT(text, ::testing::HasSubstr("\"x19\""));
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("\"x20\"")));
  EXPECT_THAT(text, ::testing::EndsWith("\nand 5 more"));
}

}  // namespace
}  // namespace gapbench::suite::test

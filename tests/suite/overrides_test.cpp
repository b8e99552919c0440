// --set a.b=c
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_catalog.h"

namespace gapbench::suite::test {
namespace {

using ::testing::ElementsAre;

train::TrialSettings first_with(const std::vector<std::string>& overrides,
                                const std::string& text = tiny) {
  return read(text, overrides).trials.at(0).settings;
}

TEST(Overrides, ChangeTheFilesOwnTree) {
  EXPECT_EQ(first_with({"budget.epochs=1"}).budget.count, 1.0);
  EXPECT_EQ(first_with({"budget={steps: 3}"}).budget.unit, train::Length::Unit::steps);
  EXPECT_EQ(first_with({"methods.sgd.optimizer.learning_rate=2e-1"})
                .optimizer.options.at("learning_rate"),
            OptionValue(0.2));
  EXPECT_EQ(read(tiny, {"seeds=[4, 5]"}).trials[1].settings.seed, 5U);
  EXPECT_EQ(first_with({"name=other"}).suite, "other");
}

TEST(Overrides, CreateKeysThatAreValid) {
  EXPECT_EQ(first_with({"methods.sgd.optimizer.momentum=0.5"}).optimizer.options.at("momentum"),
            OptionValue(0.5));
  EXPECT_EQ(first_with({"schedule.kind=cosine", "schedule.warmup.epochs=2"}).schedule.warmup.count,
            2.0);
  EXPECT_EQ(read(tiny, {"methods.b={extends: sgd, batch: 8}"}).trials.size(), 2U);
}

TEST(Overrides, GoIntoListsByPlaceAndByName) {
  EXPECT_EQ(first_with({"datasets.0.train=500"}).data.train, 500U);
  EXPECT_EQ(first_with({"datasets.cifar10.train=500"}).data.train, 500U);
  EXPECT_EQ(first_with({"networks.0=lenet5"}).network.name, "lenet5");
  EXPECT_EQ(first_with({"seeds.0=9"}).seed, 9U);
}

TEST(Overrides, BareNamesBecomeBlocks) {
  EXPECT_EQ(first_with({"networks.cnn3.width=8"}).network.options.at("width"),
            OptionValue(std::int64_t{8}));
}

TEST(Overrides, MayMakeGrids) {
  EXPECT_THAT(method_names(read(tiny, {"grid.optimizer.learning_rate=[1, 2]"})),
              ElementsAre("sgd[learning_rate=1]", "sgd[learning_rate=2]"));
  EXPECT_THAT(method_names(read(tiny, {"methods.sgd.batch=[1, 2]"})),
              ElementsAre("sgd[batch=1]", "sgd[batch=2]"));
}

TEST(Overrides, TheLongestExistingKeyWins) {
  const std::string text = tiny_with("  sgd:\n", "  sgd-0.1:\n");
  EXPECT_EQ(first_with({"methods.sgd-0.1.batch=8"}, text).batch, 8U);
}

TEST(Overrides, TheLongestOfTwoExistingKeysWins) {
  const std::string text = tiny_with("batch: 64", "batch: 64\n  sgd.b: {extends: sgd, batch: 2}");
  const Suite suite = read(text, {"methods.sgd.b.batch=8"});
  EXPECT_EQ(first_of(suite, "sgd.b").batch, 8U);
  EXPECT_EQ(first_of(suite, "sgd").batch, 64U);
}

TEST(Overrides, ANameThatTwoBlocksShareIsRefused) {
  const std::string text = tiny_with("[cifar10]", "[cifar10, {name: cifar10, train: 99}]");
  EXPECT_THAT(refusal(text, {"datasets.cifar10.test=5"}),
              ::testing::HasSubstr("no element \"cifar10\" in a list of 2"));
}

TEST(Overrides, ComeBeforeExtendsIsFollowed) {
  const std::string text = tiny_with("batch: 64", "batch: 64\n  b: {extends: sgd, micro_batch: 1}");
  EXPECT_EQ(first_of(read(text, {"methods.sgd.batch=16"}), "b").batch, 16U);
}

TEST(Overrides, TheLastOneWins) {
  EXPECT_EQ(first_with({"budget.epochs=1", "budget.epochs=2"}).budget.count, 2.0);
}

struct Case {
  const char* name;
  const char* override_text;
  const char* refusal;
};

class OverrideMistake : public ::testing::TestWithParam<Case> {};

TEST_P(OverrideMistake, NamesTheOverrideAsThePlace) {
  EXPECT_EQ(refusal(tiny, {GetParam().override_text}), GetParam().refusal);
}

INSTANTIATE_TEST_SUITE_P(
    All, OverrideMistake,
    ::testing::Values(
        Case{"NoValue", "budget", "--set budget: must be path=value, as in budget.epochs=1"},
        Case{"NoPath", "=3", "--set =3: must be path=value, as in budget.epochs=1"},
        Case{"EmptyPart", "budget..epochs=3",
             "--set budget..epochs=3: empty part in the path \".epochs\""},
        Case{"EmptyEnd", "budget.=3", "--set budget.=3: empty part in the path \"budget.\""},
        Case{"UnknownKey", "bugdet.epochs=3",
             "--set bugdet.epochs=3: unknown key \"bugdet\"; did you mean \"budget\"?"},
        Case{"UnknownOption", "methods.sgd.optimizer.mommentum=1",
             "--set methods.sgd.optimizer.mommentum=1: unknown key \"mommentum\"; did you mean "
             "\"momentum\"?"},
        Case{
            "BadValue", "methods.sgd.batch=zero",
            "--set methods.sgd.batch=zero: method.batch must be a whole number in [1, 1000000000], "
            "got \"zero\""},
        Case{"EmptyValue",
             "methods.sgd.batch=", "--set methods.sgd.batch=: \"batch\" has no value"},
        Case{"BeyondAList", "seeds.1=2",
             "--set seeds.1=2: no element \"1\" in a list of 1; give its place from 0, or its name "
             "when only one has it"},
        Case{"NoSuchName", "datasets.mnist.train=2",
             "--set datasets.mnist.train=2: no element \"mnist\" in a list of 1; give its place "
             "from 0, or its name when only one has it"},
        Case{"Twice", "budget={epochs: 1, epochs: 2}",
             "--set budget={epochs: 1, epochs: 2}: key \"epochs\" given twice"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Overrides, ThatAreNotYamlAreRefused) {
  EXPECT_THAT(refusal(tiny, {"seeds=[1"}), ::testing::StartsWith("--set seeds=[1: not valid YAML"));
}

TEST(Overrides, MistakesComeAfterThoseOfTheFile) {
  EXPECT_EQ(
      refusal(tiny_with("[1]", "[-1]"), {"methods.sgd.batch=0", "threads=0"}),
      "s.yaml: 3 mistakes\n"
      "s.yaml:8: a seed must be a whole number >= 0, got -1\n"
      "--set methods.sgd.batch=0: method.batch must be a whole number in [1, 1000000000], got "
      "0\n"
      "--set threads=0: suite.threads must be a whole number in [1, 4096], got 0");
}

}  // namespace
}  // namespace gapbench::suite::test

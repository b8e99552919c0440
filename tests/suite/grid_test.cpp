// Grids: which methods they make and what those are called. By hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_catalog.h"
#include "suite/language/grid.h"

namespace gapbench::suite::test {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> names_with(const std::string& from, const std::string& to) {
  return method_names(read(tiny_with(from, to)));
}

TEST(Grid, AListIsAnAxis) {
  EXPECT_THAT(names_with("learning_rate: 0.1", "learning_rate: [0.1, 1e-2]"),
              ElementsAre("sgd[learning_rate=0.1]", "sgd[learning_rate=0.01]"));
  const Suite suite = read(tiny_with("batch: 64", "batch: [32, 64]"));
  EXPECT_EQ(first_of(suite, "sgd[batch=32]").batch, 32U);
  EXPECT_EQ(first_of(suite, "sgd[batch=64]").batch, 64U);
}

TEST(Grid, AxesMultiplyTheFirstVaryingSlowest) {
  EXPECT_THAT(names_with("0.1}\n    batch: 64", "[0.1, 0.2], momentum: 0.5}\n    batch: [8, 16]"),
              ElementsAre("sgd[learning_rate=0.1,batch=8]", "sgd[learning_rate=0.1,batch=16]",
                          "sgd[learning_rate=0.2,batch=8]", "sgd[learning_rate=0.2,batch=16]"));
}

TEST(Grid, AListOfOneIsNoAxis) {
  EXPECT_THAT(names_with("learning_rate: 0.1", "learning_rate: [0.1]"), ElementsAre("sgd"));
}

TEST(Grid, BlocksInAListAreAUnion) {
  EXPECT_THAT(names_with("{name: sgd, learning_rate: 0.1}",
                         "[{name: sgd, learning_rate: [0.1, 0.2]}, adam]"),
              ElementsAre("sgd[optimizer=sgd-learning_rate0.1]",
                          "sgd[optimizer=sgd-learning_rate0.2]", "sgd[optimizer=adam]"));
  EXPECT_THAT(names_with("batch: 64", "budget: [{epochs: 1}, {steps: 5}]"),
              ElementsAre("sgd[budget=epochs1]", "sgd[budget=steps5]"));
}

TEST(Grid, RegularizersAreAListAndTheirOptionsAreAxes) {
  const Suite suite = read(tiny_with(
      "batch: 64", "regularizers: [{name: l1, lambda: [0, 1]}, {name: l2, lambda: [0.5, 0.25]}]"));
  EXPECT_THAT(method_names(suite),
              ElementsAre("sgd[l1.lambda=0,l2.lambda=0.5]", "sgd[l1.lambda=0,l2.lambda=0.25]",
                          "sgd[l1.lambda=1,l2.lambda=0.5]", "sgd[l1.lambda=1,l2.lambda=0.25]"));
  const auto& second = first_of(suite, "sgd[l1.lambda=0,l2.lambda=0.25]");
  EXPECT_EQ(second.regularizers[0].options.at("lambda"), OptionValue(0.0));
  EXPECT_EQ(second.regularizers[1].options.at("lambda"), OptionValue(0.25));
}

TEST(Grid, MilestonesStayAList) {
  const Suite suite = read(std::string(tiny) + "schedule: {kind: step, milestones: [0.5, 0.75]}\n");
  EXPECT_EQ(suite.trials.size(), 1U);
}

TEST(Grid, SuiteLevelBudgetsAndSchedulesMayBeGrids) {
  const Suite suite = read(tiny_with("epochs: 10", "epochs: [1, 2]") +
                           "schedule: [{kind: constant}, {kind: cosine, final: [0, 0.5]}]\n");
  EXPECT_THAT(method_names(suite),
              ElementsAre("sgd[epochs=1,schedule=constant]", "sgd[epochs=1,schedule=cosine-final0]",
                          "sgd[epochs=1,schedule=cosine-final0.5]",
                          "sgd[epochs=2,schedule=constant]", "sgd[epochs=2,schedule=cosine-final0]",
                          "sgd[epochs=2,schedule=cosine-final0.5]"));
}

TEST(Grid, PathsApplyToEveryMethod) {
  const Suite suite = read(
      "name: g\ndatasets: [cifar10, cifar100]\nnetworks: [cnn3]\n"
      "methods:\n"
      "  a: {optimizer: {name: sgd, learning_rate: 5}}\n"
      "  b: {optimizer: adam, regularizers: [{name: l2, lambda: 1}]}\n"
      "seeds: [1]\nbudget: {epochs: 1}\n"
      "grid:\n"
      "  optimizer.learning_rate: [0.01, 0.1]\n"
      "  datasets.train: [1000, 2000]\n"
      "  networks.width: [8, 16, 24]\n");
  EXPECT_EQ(suite.trials.size(), 2U * 2U * 3U * 4U);
  EXPECT_THAT(method_names(suite), ElementsAre("a[learning_rate=0.01]", "a[learning_rate=0.1]",
                                               "b[learning_rate=0.01]", "b[learning_rate=0.1]"));
  EXPECT_EQ(suite.trials[0].settings.data.train, 1000U);
  EXPECT_EQ(suite.trials[0].settings.network.options.at("width"), OptionValue(std::int64_t{8}));
  EXPECT_EQ(suite.trials[47].settings.data.train, 2000U);
  EXPECT_EQ(suite.trials[47].settings.data.set.name, "cifar100");
}

TEST(Grid, PathsReachRegularizersByName) {
  const std::string regularized =
      tiny_with("batch: 64", "regularizers: [l2, {name: l1, lambda: 3}]");
  EXPECT_THAT(method_names(read(regularized + "grid: {regularizers.l2.lambda: [1, 2]}\n")),
              ElementsAre("sgd[lambda=1]", "sgd[lambda=2]"));
}

TEST(Grid, RegularizersThemselvesMayBeAnAxis) {
  const Suite suite = read(
      std::string(tiny) +
      "grid:\n  regularizers:\n    - []\n    - [{name: l2, lambda: 1}]\n"
      "    - [{name: l2, lambda: 2}, {name: l1, lambda: 1}]\n    - [{name: l2, lambda: [3, 4]}]\n");
  EXPECT_THAT(method_names(suite),
              ElementsAre("sgd[regularizers=none]", "sgd[regularizers=l2-lambda1]",
                          "sgd[regularizers=l2+l1]", "sgd[regularizers=l2-lambda3]",
                          "sgd[regularizers=l2-lambda4]"));
}

TEST(Grid, NamesUseAsMuchOfThePathAsTellsAxesApart) {
  EXPECT_EQ(variant_name("m", {}), "m");
  EXPECT_EQ(variant_name("m", {{"a.b.c", "1"}}), "m[c=1]");
  EXPECT_EQ(variant_name("m", {{"a.b.c", "1"}, {"d.b.c", "2"}, {"x", "3"}}),
            "m[a.b.c=1,d.b.c=2,x=3]");
  EXPECT_EQ(variant_name("m", {{"a.b.c", "1"}, {"a.d.c", "2"}, {"c", "3"}}), "m[b.c=1,d.c=2,c=3]");
}

}  // namespace
}  // namespace gapbench::suite::test

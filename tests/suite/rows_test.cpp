// Settings that make rows of the tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_catalog.h"
#include "suite/language/rows.h"
#include "suite/trials/trial_file.h"

namespace gapbench::suite::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string with(const std::string& more) {
  return "name: s\nseeds: [1, 2]\nbudget: {epochs: 1}\n"
         "datasets: [cifar10]\nnetworks: [{name: cnn3, width: 8}, {name: cnn3, width: 16}]\n"
         "methods:\n"
         "  sgd: {optimizer: {name: sgd, learning_rate: 0.1}}\n"
         "  adam: {optimizer: adam}\n" +
         more;
}

TEST(SuiteRows, AreReadWithTheirBaselineAndClaims) {
  const Suite suite =
      read(with("rows: [network.width]\nbaseline: sgd [network.width=8]\n"
                "claims:\n  - {method: 'sgd [network.width=16]', on: cifar10}\n"));
  EXPECT_THAT(suite.rows, ElementsAre("network.width"));
  EXPECT_EQ(suite.baseline, "sgd [network.width=8]");
  EXPECT_EQ(suite.claims.at(0).method, "sgd [network.width=16]");
}

TEST(SuiteRows, AreNoPartOfATrial) {
  const Suite plain = read(with(""));
  const Suite rows = read(with("rows: [network.width]\n"));
  ASSERT_EQ(plain.trials.size(), rows.trials.size());
  for (std::size_t i = 0; i < plain.trials.size(); ++i) {
    EXPECT_EQ(identity(plain.trials[i].settings), identity(rows.trials[i].settings));
  }
}

TEST(SuiteRows, ABaselineOfSeveralRowsIsRefused) {
  EXPECT_THAT(refusal(with("rows: [network.width]\nbaseline: sgd\n")),
              HasSubstr("baseline \"sgd\" is several rows; choose one of sgd [network.width=8], "
                        "sgd [network.width=16]"));
  EXPECT_THAT(refusal(with("baseline: sgd [network.width=8]\n")), HasSubstr("is no method"));
}

TEST(SuiteRows, OnlyOptionsOfTheProblemCanBe) {
  EXPECT_THAT(refusal(with("rows: [network.widht]\n")),
              HasSubstr("\"network.widht\" is no option of a network, data set or problem of this "
                        "suite, as in network.precision; did you mean \"network.width\"?"));
  EXPECT_THAT(refusal(with("rows: [batch]\n")), HasSubstr("is no option of a network"));
  EXPECT_THAT(refusal(with("rows: network.width\n")), HasSubstr("rows must be a list"));
  EXPECT_THAT(refusal(with("rows: [network.width, network.width]\n")), HasSubstr("given twice"));
}

TEST(SuiteRows, NamesHoldWhatTheTrialHas) {
  const OptionMap settings{{"network.width", std::int64_t{8}}, {"batch", std::int64_t{64}}};
  EXPECT_EQ(row_name("sgd", settings, {"dataset.seed", "network.width"}), "sgd [network.width=8]");
  EXPECT_EQ(row_name("sgd", settings, {"dataset.seed"}), "sgd");
  EXPECT_EQ(row_name("sgd", settings, {}), "sgd");
}

}  // namespace
}  // namespace gapbench::suite::test

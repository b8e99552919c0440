#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_catalog.h"

namespace gapbench::suite::test {
namespace {

using ::testing::HasSubstr;

std::string with(const std::string& entry) {
  return std::string(tiny) + "published:\n  - " + entry + "\n";
}

TEST(Published, IsReadAndChangesNoTrial) {
  const Suite suite = read(
      with("{dataset: cifar10, network: cnn3, method: sgd, metric: test_accuracy, value: 95.2, "
           "deviation: 0.1, n: 5, source: \"Author 2020, table 3\"}"));
  ASSERT_EQ(suite.published.size(), 1U);
  const Published& p = suite.published[0];
  EXPECT_EQ(p.dataset, "cifar10");
  EXPECT_EQ(p.network, "cnn3");
  EXPECT_EQ(p.method, "sgd");
  EXPECT_EQ(p.metric, "test_accuracy");
  EXPECT_EQ(p.value, 95.2);
  EXPECT_EQ(p.deviation, 0.1);
  EXPECT_EQ(p.n, 5U);
  EXPECT_EQ(p.source, "Author 2020, table 3");
  EXPECT_EQ(suite.trials.size(), read(tiny).trials.size());
}

TEST(Published, MistakesAreNamed) {
  const auto entry = [](const std::string& more) {
    return with("{dataset: cifar10, method: sgd, metric: test_accuracy, source: x, " + more + "}");
  };
  EXPECT_EQ(refusal(entry("value: 95")), "");
  EXPECT_EQ(refusal(entry("value: 0.95")),
            "s.yaml:11: published: test_accuracy 0.95 is not in percent, above 1 and at most 100");
  EXPECT_THAT(refusal(entry("value: 95, deviaton: 1")),
              HasSubstr("unknown key \"deviaton\"; did you mean \"deviation\"?"));
  EXPECT_THAT(refusal(entry("valeu: 95")), HasSubstr("missing key \"value\""));
  EXPECT_EQ(refusal(with("{dataset: cifar10, method: sdg, metric: loss_gap, value: 1, source: x}")),
            "s.yaml:11: published: no method \"sdg\" in this suite; did you mean \"sgd\"?");
  EXPECT_EQ(
      refusal(with("{dataset: cifar11, method: sgd, metric: loss_gap, value: 1, source: x}")),
      "s.yaml:11: published: no dataset \"cifar11\" in this suite; did you mean \"cifar10\"?");
  EXPECT_THAT(refusal(with("{dataset: cifar10, method: sgd, metric: gap, value: 1, source: x}")),
              HasSubstr("published: no metric \"gap\" in this suite"));
  EXPECT_THAT(refusal(with("{dataset: cifar10, method: sgd, metric: loss_gap, value: 1}")),
              HasSubstr("missing key \"source\""));
  EXPECT_THAT(refusal(std::string(tiny) + "published: 3\n"), HasSubstr("published must be a list"));
}

}  // namespace
}  // namespace gapbench::suite::test

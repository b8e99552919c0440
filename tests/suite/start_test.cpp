// Trials that start where another one ended, or are handed that as an option.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/temporary_folder.h"
#include "fake_catalog.h"
#include "suite/trials/trial_file.h"

namespace gapbench::suite::test {
namespace {

using ::testing::HasSubstr;
using train::Hands;

std::string checksum(const train::DataSettings&) { return "sum"; }

// `sgd` of tiny_with, and a method with these keys on line 8 and below.
std::string with_other(const std::string& keys) {
  return tiny_with("seeds: [1]", "  other:\n" + keys + "seeds: [1, 2]");
}

Suite sealed(const std::string& text, const std::vector<std::string>& overrides = {}) {
  Suite suite = read(text, overrides);
  seal(suite, Checksum(checksum));
  return suite;
}

const std::string from_sgd = "    extends: sgd\n    start: sgd\n";

TEST(Start, IsTheEndOfTheTrialOfTheSameSeed) {
  const Suite suite = sealed(with_other(from_sgd));
  ASSERT_EQ(suite.trials.size(), 4U);
  for (const std::size_t seed : {0U, 1U}) {
    const Trial& source = suite.trials[seed];
    const Trial& other = suite.trials[2 + seed];
    EXPECT_TRUE(source.settings.record_end);
    EXPECT_FALSE(source.settings.record_steps);
    EXPECT_FALSE(other.settings.record_end);
    EXPECT_EQ(other.settings.start, "sgd");
    ASSERT_EQ(other.settings.sources.size(), 1U);
    EXPECT_EQ(other.settings.sources[0].hands, Hands::start);
    EXPECT_EQ(other.settings.sources[0].identity, source.identity);
    EXPECT_NE(other.identity, source.identity);
  }
}

TEST(Start, TheIdentityHoldsThatOfTheOther) {
  const Suite suite = sealed(with_other(from_sgd));
  const Suite changed =
      sealed(with_other(from_sgd + "    optimizer: {name: sgd, learning_rate: 1}\n"));
  const Suite moved =
      sealed(with_other(from_sgd + "    optimizer: {name: sgd, learning_rate: 1}\n"),
             {"methods.sgd.optimizer.learning_rate=0.5"});
  EXPECT_NE(suite.trials[2].identity, changed.trials[2].identity);
  EXPECT_NE(moved.trials[2].identity, changed.trials[2].identity);
  // Whether somebody starts there changes nothing for the one that ends.
  EXPECT_EQ(suite.trials[0].identity,
            sealed(tiny_with("seeds: [1]", "seeds: [1]")).trials[0].identity);
}

TEST(Start, MayMakeNoStepAtAll) {
  const Suite suite = read(with_other(from_sgd + "    budget: {steps: 0}\n"));
  EXPECT_EQ(suite.trials.back().settings.budget.count, 0);
  EXPECT_THAT(refusal(with_other("    extends: sgd\n    budget: {steps: 0}\n")),
              HasSubstr("steps"));
}

TEST(Start, TrialFilesKeepIt) {
  const Suite suite = sealed(with_other(from_sgd));
  const gapbench::test::TemporaryFolder folder;
  const auto& settings = suite.trials.back().settings;
  const auto back = read_trial(folder.write("t.yaml", write_trial(settings)));
  EXPECT_EQ(back.start, "sgd");
  ASSERT_EQ(back.sources.size(), 1U);
  EXPECT_EQ(back.sources[0].hands, Hands::start);
  EXPECT_EQ(back.sources[0].folder, settings.sources[0].folder);
  EXPECT_EQ(identity(back), suite.trials.back().identity);
  const auto source = read_trial(folder.write("s.yaml", write_trial(suite.trials[0].settings)));
  EXPECT_TRUE(source.record_end);
}

TEST(Start, MistakesHaveTheirLine) {
  EXPECT_EQ(refusal(with_other("    extends: sgd\n    start: sdg\n")),
            "s.yaml:10: no method \"sdg\" to follow; did you mean \"sgd\"?");
  EXPECT_THAT(refusal(with_other("    extends: sgd\n    start: other\n")),
              HasSubstr("in a circle: other -> other"));
}

TEST(Parameters, AreOptionsOfOptimizersAndRegularizers) {
  const Suite suite = sealed(
      with_other("    optimizer: {name: rest, at: sgd}\n    regularizers: [{name: pull, at: sgd}]\n"
                 "    batch: 32\n"));
  const Trial& other = suite.trials.back();
  const auto& sources = other.settings.sources;
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(sources[0].hands, Hands::end);
  EXPECT_EQ(sources[0].option, "at");
  EXPECT_EQ(sources[0].regularizer, "");
  EXPECT_EQ(sources[1].regularizer, "pull");
  EXPECT_TRUE(suite.trials[0].settings.record_end);
  EXPECT_THAT(identity_text(other.settings), HasSubstr(suite.trials[1].identity));
  const gapbench::test::TemporaryFolder folder;
  const auto back = read_trial(folder.write("t.yaml", write_trial(other.settings)));
  EXPECT_EQ(back.sources[1].regularizer, "pull");
  EXPECT_EQ(identity(back), other.identity);
}

TEST(Parameters, AreNotHandedToProbes) {
  EXPECT_THAT(refusal(tiny_with("seeds: [1]", "seeds: [1]\nprobes: [{name: distance, at: sgd}]")),
              HasSubstr("distance.at wants the end of a trial"));
}

}  // namespace
}  // namespace gapbench::suite::test

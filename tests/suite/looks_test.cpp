// Seeds that are added until claims are decided.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "fake_catalog.h"

namespace gapbench::suite::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string with(const std::string& seeds, bool claims = true) {
  return "name: s\nbaseline: sgd\nbudget: {epochs: 1}\ndatasets: [cifar10]\nnetworks: [cnn3]\n"
         "methods:\n"
         "  sgd: {optimizer: {name: sgd, learning_rate: 0.1}}\n"
         "  adam: {optimizer: adam}\n"
         "seeds: " +
         seeds + "\n" + (claims ? "claims:\n  - {method: adam, on: cifar10}\n" : "");
}

TEST(Looks, TheLastOneSaysWhichSeedsThereCanBe) {
  const Suite suite = read(with("{first: 7, looks: [3, 5], alpha: 0.1}"));
  EXPECT_EQ(suite.looks.first, 7U);
  EXPECT_THAT(suite.looks.at, ElementsAre(3, 5));
  EXPECT_EQ(suite.looks.alpha, 0.1);
  ASSERT_EQ(suite.trials.size(), 10U);
  EXPECT_EQ(suite.trials.front().settings.seed, 7U);
  EXPECT_EQ(suite.trials.back().settings.seed, 11U);
}

TEST(Looks, HaveDefaults) {
  const Suite suite = read(with("{looks: [3, 5]}"));
  EXPECT_EQ(suite.looks.first, 1U);
  EXPECT_EQ(suite.looks.alpha, 0.05);
  EXPECT_THAT(read(with("{first: 1, count: 2}")).looks.at, ElementsAre());
}

TEST(Looks, MistakesAreNamed) {
  for (const char* looks :
       {"[5]", "5", "[5, 5]", "[8, 5]", "[2, 5]", "[5, many]", "[3, 1000000]"}) {
    EXPECT_THAT(refusal(with(fmt::format("{{looks: {}}}", looks))),
                HasSubstr("looks must be two or more growing numbers of seeds"))
        << looks;
  }
  EXPECT_THAT(refusal(with("{looks: }")), HasSubstr("\"looks\" has no value"));
  EXPECT_THAT(refusal(with("{looks: [3, 5], count: 5}")), HasSubstr("unknown key \"count\""));
  EXPECT_THAT(refusal(with("{looks: [3, 5], alpha: 0.9}")), HasSubstr("alpha"));
  EXPECT_THAT(refusal(with("{looks: [3, 5]}", false)),
              HasSubstr("seeds: looks add seeds until claims are decided"));
}

}  // namespace
}  // namespace gapbench::suite::test

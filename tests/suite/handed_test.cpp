// Optimizers that hold others, follow the trajectory of others, or take the whole training part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/temporary_folder.h"
#include "fake_catalog.h"
#include "suite/trials/trial_file.h"

namespace gapbench::suite::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string with_optimizer(const std::string& optimizer) {
  return tiny_with("{name: sgd, learning_rate: 0.1}", optimizer);
}

TEST(Nested, InnerOptimizersAreReadFlat) {
  const Suite suite = read(with_optimizer(
      "{name: graft, magnitude: {name: sgd, learning_rate: 0.1, momentum: 0.9}, direction: adam}"));
  const OptionMap expected = {{"magnitude", "sgd"},
                              {"magnitude.learning_rate", 0.1},
                              {"magnitude.momentum", 0.9},
                              {"magnitude.nesterov", false},
                              {"magnitude.revision", std::int64_t{1}},
                              {"direction", "adam"},
                              {"direction.learning_rate", 0.001},
                              {"direction.epsilon_added_to", "corrected"},
                              {"direction.revision", std::int64_t{2}},
                              {"norm", "per_tensor"}};
  EXPECT_EQ(suite.trials[0].settings.optimizer.options, expected);
}

TEST(Nested, TrialFilesKeepThem) {
  const Suite suite =
      read(with_optimizer("{name: graft, magnitude: {name: graft, magnitude: adam, direction: "
                          "adam}, direction: adam}"));
  const gapbench::test::TemporaryFolder folder;
  const auto back = read_trial(folder.write("t.yaml", write_trial(suite.trials[0].settings)));
  EXPECT_EQ(back.optimizer.options, suite.trials[0].settings.optimizer.options);
  EXPECT_EQ(back.optimizer.options.at("magnitude.direction.learning_rate"), OptionValue(0.001));
}

TEST(Nested, GridsReachInside) {
  const Suite suite = read(with_optimizer(
      "{name: graft, magnitude: [adam, {name: sgd, learning_rate: [0.1, 0.2]}], direction: adam}"));
  EXPECT_THAT(method_names(suite),
              ElementsAre("sgd[magnitude=adam]", "sgd[magnitude=sgd-learning_rate0.1]",
                          "sgd[magnitude=sgd-learning_rate0.2]"));
}

TEST(Nested, MistakesHaveTheirLine) {
  EXPECT_EQ(refusal(with_optimizer("{name: graft, direction: adam}")),
            "s.yaml:6: graft: missing key \"magnitude\" (an optimizer: its name, or a block of its "
            "name and options, required)");
  EXPECT_EQ(refusal(with_optimizer("{name: graft, direction: adam,\n      magnitude: adm}")),
            "s.yaml:7: adm: unknown; did you mean \"adam\"?");
  EXPECT_EQ(refusal(with_optimizer(
                "{name: graft, direction: adam,\n      magnitude: {name: sgd, learning_rat: 1}}")),
            "s.yaml: 2 mistakes\ns.yaml:7: sgd: missing key \"learning_rate\" (a real number > 0, "
            "required)\ns.yaml:7: unknown key \"learning_rat\"; did you mean \"learning_rate\"?");
}

// A small-batch method on line 7 and one that follows it.
std::string following(const std::string& from) {
  return tiny_with("seeds: [1]",
                   "  other:\n"  // 8
                   "    optimizer: {name: follow, from: " +
                       from +
                       "}\n"  // 9
                       "seeds: [1, 2]");
}

std::string checksum(const train::DataSettings&) { return "sum"; }

TEST(Follow, TheSourceIsTheTrialOfTheSameSeed) {
  Suite suite = read(following("sgd"));
  seal(suite, Checksum(checksum));
  ASSERT_EQ(suite.trials.size(), 4U);
  for (const std::size_t seed : {0U, 1U}) {
    const Trial& source = suite.trials[seed];
    const Trial& follower = suite.trials[2 + seed];
    EXPECT_TRUE(source.settings.record_steps);
    EXPECT_FALSE(follower.settings.record_steps);
    ASSERT_EQ(follower.settings.sources.size(), 1U);
    EXPECT_EQ(follower.settings.sources[0].option, "from");
    EXPECT_EQ(follower.settings.sources[0].identity, source.identity);
    EXPECT_EQ((follower.folder / follower.settings.sources[0].folder).lexically_normal(),
              source.folder);
    EXPECT_EQ(follower.identity, identity(follower.settings));
  }
}

TEST(Follow, TheSourceMayStandBelow) {
  Suite suite = read(tiny_with(
      "methods:\n", "methods:\n  other: {optimizer: {name: follow, from: sgd}, batch: 64}\n"));
  seal(suite, Checksum(checksum));
  EXPECT_EQ(suite.trials[0].settings.sources[0].identity, suite.trials[1].identity);
  EXPECT_NE(suite.trials[0].identity, "");
}

TEST(Follow, TheIdentityFollowsTheSource) {
  Suite suite = read(following("sgd"));
  seal(suite, Checksum(checksum));
  Suite changed = read(following("sgd"), {"methods.sgd.optimizer.momentum=0.5"});
  seal(changed, Checksum(checksum));
  EXPECT_NE(suite.trials[2].identity, changed.trials[2].identity);
}

TEST(Follow, AnInnerOptimizerMayFollow) {
  const Suite suite = read(tiny_with(
      "seeds: [1]",
      "  other:\n    optimizer: {name: graft, magnitude: {name: follow, from: sgd}, direction: "
      "adam}\nseeds: [1]"));
  const auto& sources = suite.trials.back().settings.sources;
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_EQ(sources[0].option, "magnitude.from");
}

TEST(Follow, TrialFilesKeepTheSource) {
  Suite suite = read(following("sgd"));
  seal(suite, Checksum(checksum));
  const gapbench::test::TemporaryFolder folder;
  const auto& settings = suite.trials.back().settings;
  const auto back = read_trial(folder.write("t.yaml", write_trial(settings)));
  ASSERT_EQ(back.sources.size(), 1U);
  EXPECT_EQ(back.sources[0].option, "from");
  EXPECT_EQ(back.sources[0].method, "sgd");
  EXPECT_EQ(back.sources[0].identity, settings.sources[0].identity);
  EXPECT_EQ(back.sources[0].folder, settings.sources[0].folder);
  EXPECT_EQ(identity(back), suite.trials.back().identity);
}

TEST(Follow, MistakesHaveTheirLine) {
  EXPECT_EQ(refusal(following("sdg")),
            "s.yaml:9: no method \"sdg\" to follow; did you mean \"sgd\"?");
  EXPECT_EQ(refusal(following("other")),
            "s.yaml:9: trajectories followed in a circle: other -> other");
  EXPECT_EQ(refusal(following("sgd"), {"methods.sgd.optimizer.learning_rate=[0.1, 0.2]"}),
            "s.yaml:9: method \"sgd\" is a grid; follow one of sgd[learning_rate=0.1], "
            "sgd[learning_rate=0.2]");
  EXPECT_THAT(refusal(following("sgd"), {"methods.sgd.optimizer={name: follow, from: other}"}),
              HasSubstr("trajectories followed in a circle: sgd -> other -> sgd"));
}

TEST(Batch, AllIsTheWholeTrainingPart) {
  const Suite suite = read(tiny_with("batch: 64", "batch: all\n    micro_batch: 16"));
  EXPECT_EQ(suite.trials[0].settings.batch, 0U);
  EXPECT_EQ(suite.trials[0].settings.micro_batch, 16U);
  const gapbench::test::TemporaryFolder folder;
  const std::string text = write_trial(suite.trials[0].settings);
  EXPECT_THAT(text, HasSubstr("\nbatch: all\n"));
  EXPECT_EQ(read_trial(folder.write("t.yaml", text)).batch, 0U);
  EXPECT_THAT(method_names(read(tiny_with("batch: 64", "batch: [64, all]"))),
              ElementsAre("sgd[batch=64]", "sgd[batch=all]"));
}

}  // namespace
}  // namespace gapbench::suite::test

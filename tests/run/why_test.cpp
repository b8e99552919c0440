#include "run/why.h"

#include "records/records.h"
#include "run/runner_fixture.h"
#include "suite/load.h"
#include "suite/trials/trial_file.h"

namespace gapbench::run {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Ingredients, AreNamedWithBothValues) {
  const train::TrialSettings then = test::some_settings("sgd", 1);
  EXPECT_THAT(changed_ingredients(then, then), IsEmpty());
  train::TrialSettings now = then;
  now.batch = 128;
  now.optimizer.options["learning_rate"] = 0.2;
  now.optimizer.revision = 2;
  now.regularizers = {{"l2", {{"lambda", 1e-4}}, 1}};
  now.effort = {8, 8, 1};  // how they were chosen is no part of it
  EXPECT_THAT(changed_ingredients(then, now),
              ElementsAre("batch: 64, now 128", "optimizer.learning_rate: 0.1, now 0.2",
                          "optimizer.revision: 1, now 2", "regularizer.l2.lambda: none, now 0.0001",
                          "regularizer.l2.revision: none, now 1", "regularizers: none, now l2"));
  train::TrialSettings follower = then;
  follower.sources = {{"from", "small", "aaaaaaaabbbb", "x"}};
  now = follower;
  now.sources[0].identity = "ccccccccbbbb";
  EXPECT_THAT(changed_ingredients(follower, now),
              ElementsAre("source from: aaaaaaaa, now cccccccc"));
}

class WhyTest : public ::testing::Test {
 protected:
  WhyTest() { options_.results = folder_ / "results"; }

  /// A finished record of these settings.
  void finish(const train::TrialSettings& settings, Status status = Status::ok) {
    suite::Suite suite = suite_of(settings);
    const suite::Trial& trial = suite.trials[0];
    records::Record record = test::some_record("sgd", 1, trial.identity.substr(0, 8));
    record.identity = trial.identity;
    record.outcome.status = status;
    record.plugins.clear();
    records::RecordWriter writer(options_.results / trial.folder);
    writer.write_trial(suite::write_trial(settings));
    writer.finish(record);
  }
  static suite::Suite suite_of(const train::TrialSettings& settings) {
    suite::Suite suite;
    suite.name = "demo";
    suite.trials = {{settings, "", {}, {}}};
    suite::settle(suite);
    return suite;
  }
  Reason reason(const train::TrialSettings& settings) const {
    return explain(suite_of(settings), options_, plugin::Registry::load({folder_.path()})).at(0);
  }

  TemporaryFolder folder_;
  RunOptions options_;
};

TEST_F(WhyTest, NewAndChangedAndBegun) {
  train::TrialSettings settings = test::some_settings("sgd", 1);
  EXPECT_TRUE(reason(settings).runs);
  EXPECT_EQ(reason(settings).why, "new");
  EXPECT_EQ(reason(settings).trial, "cifar10 cnn3 sgd seed 1");
  finish(settings);
  train::TrialSettings far = settings;
  far.batch = 32;
  far.micro_batch = 16;
  finish(far);
  settings.batch = 128;
  EXPECT_TRUE(reason(settings).runs);
  EXPECT_THAT(reason(settings).why,
              ::testing::MatchesRegex("seed-1-[0-9a-f]+ differs: batch: 64, now 128"));
  settings.seed = 2;
  EXPECT_EQ(reason(settings).why, "new");
}

}  // namespace
}  // namespace gapbench::run

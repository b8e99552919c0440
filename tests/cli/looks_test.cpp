// A suite that adds seeds until its claims are decided, through the program.
#include <gmock/gmock.h>

#include "cli/program.h"

namespace gapbench::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LooksTest : public ProgramTest {
 protected:
  void write_suite(const std::string& claim) const {
    write("looks.yaml",
          "name: looks\n"
          "datasets:\n"
          "  - {name: synthetic10, examples: 300, test_examples: 100, noise: 1}\n"
          "networks: [{name: mlp, width: 8}]\n"
          "methods:\n"
          "  slow: {optimizer: {name: sgd, learning_rate: 0.000001}, batch: 20}\n"
          "  fast: {optimizer: {name: sgd, learning_rate: 0.1}, batch: 20}\n"
          "baseline: slow\n"
          "seeds: {first: 4, looks: [3, 4]}\n"
          "budget: {epochs: 2}\n"
          "claims: [" +
              claim + "]\n");
  }
};

TEST_F(LooksTest, StopWhereEveryClaimIsDecided) {
  write_suite("{method: fast, on: synthetic10, metric: train_loss}");
  const Said dry = gapbench("run looks.yaml --dry-run");
  EXPECT_THAT(dry.text, HasSubstr("below is the first look, 3 seeds"));
  EXPECT_THAT(dry.text, HasSubstr("6 trials,"));
  const Said said = gapbench("run looks.yaml");
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_THAT(said.text, HasSubstr("look 1 of 2: every claim is decided"));
  EXPECT_THAT(said.text, Not(HasSubstr("seed 7")));
  EXPECT_THAT(gapbench("compare results/looks").text, HasSubstr("| declared | holds |"));
}

TEST_F(LooksTest, GoOnWhereOneIsOpenAndResumeWhereTheyWere) {
  write_suite("{method: fast, on: synthetic10}");
  Said said = gapbench("run looks.yaml --only 'seeds=4-6'");
  EXPECT_THAT(said.text, HasSubstr("look 1 of 2: 1 of 1 problems go on to 4 seeds"));
  EXPECT_THAT(said.text, HasSubstr("look 2 of 2 is not taken"));
  EXPECT_THAT(gapbench("compare results/looks --plan").text, HasSubstr("% by 4 seeds"));
  said = gapbench("run looks.yaml");
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_THAT(said.text, HasSubstr("6 trials: 6 finished already, nothing to do"));
  EXPECT_THAT(said.text, HasSubstr("8 trials: 6 finished already, 2 to run"));
  EXPECT_THAT(said.text, HasSubstr("look 2 of 2, the last: what is open stays not decided"));
}

}  // namespace
}  // namespace gapbench::testing

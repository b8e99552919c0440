// Re-estimated running statistics from a suite: another evaluation of the same training.
#include <gmock/gmock.h>

#include "cli/program.h"

namespace gapbench::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* suite = R"(name: tiny
datasets: [{name: synthetic10, examples: 60, test_examples: 20}]
networks: [{name: keskar_c1, width: 2}]
methods:
  moving:
    optimizer: {name: sgd, learning_rate: 0.1}
    batch: 20
    micro_batch: 10
  anew: {extends: moving, running_statistics: reestimate}
seeds: [1]
budget: {steps: 4}
baseline: moving
)";

class Statistics : public ProgramTest {
 protected:
  Statistics() { write("tiny.yaml", suite); }

  // The file of the only trial of a method.
  std::string file(const std::string& results, const std::string& method,
                   const std::string& name) const {
    const auto folder = home() / results / "tiny/synthetic10";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const bool own = entry.path().string().find("/" + method + "/") != std::string::npos;
      if (own && entry.path().filename() == name) return read(entry.path());
    }
    return "none";
  }
};

TEST_F(Statistics, ArePartOfTheTrialAndOfItsBits) {
  for (const std::string threads : {"1", "2"}) {
    const Said said = gapbench("run tiny.yaml -j 1 -o out" + threads + " --threads " + threads);
    ASSERT_EQ(said.code, 0) << said.text;
  }
  EXPECT_EQ(file("out1", "anew", "history.jsonl"), file("out2", "anew", "history.jsonl"));
  EXPECT_NE(file("out1", "anew", "history.jsonl"), file("out1", "moving", "history.jsonl"));
  EXPECT_THAT(file("out1", "anew", "trial.yaml"), HasSubstr("running_statistics: reestimate"));
  EXPECT_THAT(file("out1", "moving", "trial.yaml"), Not(HasSubstr("running_statistics")));
  EXPECT_THAT(gapbench("compare out1/tiny").text, HasSubstr("running_statistics"));
}

}  // namespace
}  // namespace gapbench::testing

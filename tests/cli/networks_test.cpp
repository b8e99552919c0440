// Networks of plugins, from suite to table.
#include <map>

#include "cli/program.h"
#include "paths.h"

namespace gapbench::testing {
namespace {

constexpr const char* suite = R"(name: nets
datasets: [{name: synthetic10, train: 96, test: 32, augment: true}]
networks: [{name: all_cnn_c, width: 4, norm: batch}]
methods:
  sgd:
    optimizer: {name: sgd, learning_rate: 0.05}
    regularizers: [{name: dropout, rate: 0.2}]
    batch: 24
    micro_batch: 8
seeds: [1]
budget: {epochs: 2}
)";

class Networks : public ProgramTest {
 protected:
  Networks() { write("nets.yaml", suite); }
  bool has(const std::string& text, const std::string& part) const {
    return text.find(part) != std::string::npos;
  }
  std::string one(const std::string& results, const std::string& name) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home() / results)) {
      if (entry.path().filename() == name) return read(entry.path());
    }
    return "";
  }
};

TEST_F(Networks, TheSameBitsOnAnyThreads) {
  for (const std::string threads : {"1", "3"}) {
    const Said said = gapbench("run nets.yaml -o " + threads + " --threads " + threads);
    ASSERT_EQ(said.code, 0) << said.text;
  }
  EXPECT_NE(one("1", "history.jsonl"), "");
  EXPECT_EQ(one("1", "history.jsonl"), one("3", "history.jsonl"));
  // The library is part of what the trial was made of, and its revision of what it is.
  EXPECT_TRUE(has(one("1", "environment.json"), "networks_all_cnn_c.so"));
  EXPECT_TRUE(has(one("1", "trial.yaml"), "name: all_cnn_c"));
  const Said verified = gapbench("verify 1");
  EXPECT_EQ(verified.code, 0) << verified.text;
}

TEST_F(Networks, AreListedAndShown) {
  const Said list = gapbench("list");
  EXPECT_TRUE(has(list.text, "network      all_cnn_c")) << list.text;
  const Said info = gapbench("info all_cnn_c");
  EXPECT_EQ(info.code, 0);
  EXPECT_TRUE(has(info.text, "noise sites: input, down1, down2")) << info.text;
  EXPECT_TRUE(has(info.text, "stage1.down: convolution 3x3, 8 outputs, stride 2")) << info.text;
  EXPECT_TRUE(has(info.text, "precision")) << info.text;
}

TEST_F(Networks, OfATakenNameAreRefused) {
  const std::string library = test::planted_plugin_folder() + "/takes_a_name.so";
  const Said checked = gapbench("test-plugin " + library);
  EXPECT_EQ(checked.code, 2) << checked.text;
  EXPECT_TRUE(has(checked.text, "network mlp: has a name of its own: FAILED")) << checked.text;
}

}  // namespace
}  // namespace gapbench::testing

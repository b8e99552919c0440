// gapbench verify, on records of its own and on the same after somebody changed them.
#include <fstream>

#include "cli/program.h"

namespace gapbench::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* suite = R"(name: tiny
datasets: [{name: synthetic10, train: 100, test: 60}]
networks: [{name: mlp}]
methods:
  follower: {optimizer: {name: external_graft, from: small}, batch: 50}
  small: {optimizer: {name: sgd, learning_rate: 0.05}, batch: 50}
  wild: {optimizer: {name: sgd, learning_rate: 1e30}, batch: 50}
  failing: {optimizer: {name: external_graft, from: small}, batch: 50, budget: {steps: 9}}
seeds: [1]
budget: {steps: 6}
evaluate: {every: {steps: 3}}
)";

class Verify : public ProgramTest {
 protected:
  Verify() {
    write("tiny.yaml", suite);
    gapbench("run tiny.yaml -q");
  }
  fs::path record(const std::string& method) const {
    for (const auto& entry :
         fs::directory_iterator(home() / "results/tiny/synthetic10/mlp" / method)) {
      return entry.path();
    }
    return {};
  }
  void change(const fs::path& file, const std::string& from, const std::string& to) const {
    std::string text = read(file);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << text;
    std::ofstream(file, std::ios::binary) << text.replace(at, from.size(), to);
  }
};

bool says(const Said& said, const std::string& part) {
  return said.text.find(part) != std::string::npos;
}

TEST_F(Verify, FindsTheSameBitsAndLeavesTheRecordsAlone) {
  const std::string before = read(record("small") / "summary.json");
  const Said said = gapbench("verify results -j 2 --threads 1");
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_TRUE(says(said, "same bits     synthetic10 mlp follower seed 1\n")) << said.text;
  EXPECT_TRUE(says(said, "same bits     synthetic10 mlp wild seed 1\n")) << said.text;
  EXPECT_TRUE(says(said, "3 trials: same bits 3; left out, failed: 1\n")) << said.text;
  EXPECT_FALSE(says(said, "records in")) << said.text;
  EXPECT_EQ(read(record("small") / "summary.json"), before);
}

TEST_F(Verify, NamesWhatDiffersAndKeepsTheRepetition) {
  change(record("small") / "history.jsonl", "\"step\":3,\"epoch\":1.5",
         "\"step\":3,\"epoch\":1.25");
  const Said said = gapbench("verify results -q -o again");
  EXPECT_EQ(said.code, 2) << said.text;
  EXPECT_TRUE(says(said,
                   "differs       synthetic10 mlp small seed 1: step 3: epoch is 1.5, was "
                   "1.25\n"))
      << said.text;
  EXPECT_TRUE(says(said, "same bits 2, differs 1;")) << said.text;
  EXPECT_TRUE(says(said, "the repetitions: again\n")) << said.text;
  EXPECT_TRUE(says(gapbench("verify results -o again"), "3 finished already, nothing to do"));
}

// The number that tables show stands in the summary.
TEST_F(Verify, SeesASummaryThatWasTouchedUp) {
  const fs::path summary = record("small") / "summary.json";
  const std::string text = read(summary);
  const auto test = text.find("\"test\"");
  const auto loss = text.find("\"loss\": ", test);
  ASSERT_NE(loss, std::string::npos) << text;
  const auto end = text.find_first_of(",\n", loss);
  std::ofstream(summary) << text.substr(0, loss) << "\"loss\": 0.125" << text.substr(end);
  const Said said = gapbench("verify results -q");
  EXPECT_EQ(said.code, 2) << said.text;
  EXPECT_TRUE(says(
      said, "mlp/small/" + record("small").filename().string() + ": summary.json: gaps.loss: is "))
      << said.text;
  EXPECT_TRUE(says(said, " by the numbers beside it\n")) << said.text;
}

TEST_F(Verify, SaysWhyATrialCannotBeRepeated) {
  change(record("wild") / "trial.yaml", "seed: 1", "seed: 2");
  const fs::path follower = record("follower");
  const fs::path elsewhere = home() / "part/tiny/synthetic10/mlp/follower";
  fs::create_directories(elsewhere);
  fs::rename(follower, elsewhere / follower.filename());
  const Said part = gapbench("verify part");
  EXPECT_EQ(part.code, 2) << part.text;
  EXPECT_TRUE(says(part,
                   "not repeated  synthetic10 mlp follower seed 1: it follows small, of which "
                   "there is no record\n"))
      << part.text;
  const Said whole = gapbench("verify results");
  EXPECT_TRUE(says(whole, "wild seed 1: its trial.yaml has the identity ")) << whole.text;
  std::ofstream(record("wild") / "summary.json") << "{";
  std::ofstream(record("small") / "history.jsonl") << "{\n";
  const Said broken = gapbench("verify results -q");
  EXPECT_EQ(broken.code, 2) << broken.text;
  EXPECT_TRUE(says(broken, ": summary.json: is not valid JSON (cut short?)\n")) << broken.text;
  EXPECT_TRUE(says(broken, "history.jsonl: line 1 is not valid JSON\n")) << broken.text;
  EXPECT_TRUE(says(broken, "1 trial: not repeated 1;")) << broken.text;
}

TEST_F(Verify, ASampleIsDrawnAndBringsWhatItFollows) {
  EXPECT_TRUE(says(gapbench("verify results --sample 2"), "\n2 trials: same bits 2;"));
  for (int draw = 1; draw < 50; ++draw) {
    const Said said = gapbench("verify results --sample 1 --draw " + std::to_string(draw));
    EXPECT_TRUE(says(said, "\n1 trial: same bits 1;")) << said.text;
    if (!says(said, "same bits     synthetic10 mlp follower")) continue;
    EXPECT_TRUE(says(said, "2 trials: 2 to run")) << said.text;
    return;
  }
  FAIL() << "the follower is never drawn";
}

// A scratch folder stays where somebody may want to look, and only there.
TEST_F(Verify, KeepsItsScratchFolderWhereSomethingDiffers) {
  const auto scratch = [this] {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(home())) {
      count += entry.path().filename().string().starts_with("gapbench-verify-") ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(gapbench("verify results/tiny/synthetic10/mlp/wild").code, 0);
  EXPECT_EQ(scratch(), 0U);
  change(record("wild") / "history.jsonl", "\"step\":0", "\"step\":1");
  EXPECT_EQ(gapbench("verify results/tiny/synthetic10/mlp/wild").code, 2);
  EXPECT_EQ(scratch(), 1U);
}

// Killed from outside it cannot clean up; who waits for its end does.
TEST_F(Verify, LeavesNoScratchFolderWhenItIsKilled) {
  const std::string folder = home().string();
  const std::string any = "ls -d " + folder + "/gapbench-verify-* >/dev/null 2>&1";
  const Said said =
      shell("cd " + folder + "; env -u GAPBENCH_DATA TMPDIR=" + folder +
            " XDG_DATA_HOME=" + folder + " " + test::program() +
            " verify results > verify.txt 2>&1 & pid=$!; for i in $(seq 600); do " + any +
            " && break; sleep 0.05; done; kill -9 $pid; for i in $(seq 600); do " + any +
            " || exit 0; sleep 0.05; done; exit 1");
  EXPECT_EQ(said.code, 0) << said.text;
}

TEST_F(Verify, NeverOverTheRecordsThemselves) {
  const Said said = gapbench("verify results -o results");
  EXPECT_EQ(said.code, 1);
  EXPECT_EQ(said.text, "gapbench: results: holds the records themselves: give another folder\n");
}

}  // namespace
}  // namespace gapbench::testing

// The commands that read records, on the committed ones and on the same with damage.
#include "cli/program.h"
#include "paths.h"

namespace gapbench::testing {
namespace {

namespace fs = std::filesystem;

class Records : public ProgramTest {
 protected:
  Records() {
    fs::copy(fs::path(test::source_folder()) / "results/cifar-smoke", home() / "tree",
             fs::copy_options::recursive);
  }

  /// One record cut short, one whose history is.
  void damage() const {
    const fs::path trials = home() / "tree/cifar10/cnn3/sgd";
    for (const auto& folder : fs::directory_iterator(trials)) {
      const bool first = folder.path().filename().string().starts_with("seed-1");
      std::ofstream(folder.path() / (first ? "summary.json" : "history.jsonl")) << "{\n";
    }
  }
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// From the top of the tree, as the committed files were made. New words in a table: make them
// again.
TEST_F(ProgramTest, CommittedTablesAreWhatCompareSays) {
  const std::string recovery = " --large-batch large --small-batch small";
  const struct {
    std::string folder;
    std::string file;
    std::string arguments;
  } tables[] = {
      {"averaged-iterates", "table.md", ""},
      {"cifar-smoke", "table.md", ""},
      {"cifar-smoke", "runs.csv", " --format csv"},
      {"disentangling-cpu", "table.md", recovery + " --explain"},
      {"disentangling-cpu", "table-equal-train-loss.md",
       recovery + " --at equal-train-loss --without large-equal-epochs"},
      {"disentangling-cpu", "runs.csv", " --format csv"},
      {"disentangling-pilot", "table.md", ""},
      {"disentangling-pilot", "runs.csv", " --format csv"},
      {"disentangling-validation", "table.md", recovery + " --explain"},
      {"disentangling-validation", "table-best-validation.md", recovery + " --at best-validation"},
      {"disentangling-validation", "runs.csv", " --format csv"},
      {"posteriors-concrete", "table.md", ""},
      {"posteriors-mnist", "table.md", ""},
      {"posteriors-uci", "table.md", ""},
      {"sinusoid-evidence", "table.md", ""},
      {"rescaling", "table.md", ""},
      {"stationary", "table.md", ""},
      {"funnel-paths", "table.md", ""},
      {"backward-error", "table.md", ""},
      {"least-norm", "table.md", ""},
      {"ntk-width", "table.md", ""},
      {"linearized", "table.md", " --rows network.width"},
      {"batch-size-sharpness", "table.md", ""},
      {"grow-or-decay", "table.md", ""},
      {"micro-batch-ablation", "table.md", ""},
      {"posteriors-lenet", "table.md", ""},
      {"posteriors-hmc-mnist", "table.md", " --reference hmc"},
      {"resnet18-bf16", "table.md", ""},
      {"resnet18-bf16", "runs.csv", " --format csv"},
      {"resnet20-precision", "table.md", ""},
      {"resnet20-precision", "runs.csv", " --format csv"},
  };
  const fs::path top = test::source_folder();
  for (const auto& table : tables) {
    const fs::path folder = fs::path("results") / table.folder;
    EXPECT_EQ(shell("cd " + top.string() + " && " + test::program() + " compare " +
                    folder.string() + table.arguments)
                  .text,
              read(top / folder / table.file))
        << folder / table.file;
  }
}

TEST_F(Records, EveryFormatAndPointNamesWhatIsBroken) {
  damage();
  for (const char* arguments :
       {"", " --format latex", " --format json", " --format csv", " --group-by optimizer",
        " --metric loss_gap", " --at equal-train-loss", " --equal seconds", " --over-problems"}) {
    const Said said = gapbench(std::string("compare tree") + arguments);
    EXPECT_EQ(said.code, 0) << arguments << said.text;
    EXPECT_TRUE(says(said.text, "is not valid JSON (cut short?)")) << arguments;
    EXPECT_TRUE(says(said.text, "cifar100")) << arguments;
  }
  const Said at = gapbench("compare tree --equal flops");
  EXPECT_TRUE(says(at.text, "line 1 of history.jsonl")) << at.text;
}

TEST_F(Records, ExportReportAndWatchDoToo) {
  damage();
  const Said exported = gapbench("export tree --sqlite tree.sqlite");
  EXPECT_EQ(exported.code, 0) << exported.text;
  EXPECT_EQ(exported.text, "tree.sqlite: 7 trials, 2 left out (table left_out says why)\n");
  const Said report = gapbench("report tree -o tree.html");
  EXPECT_EQ(report.code, 0) << report.text;
  const std::string page = read(home() / "tree.html");
  EXPECT_TRUE(says(page, "7 finished trials, 0 failed, 2 entries left out."));
  EXPECT_TRUE(says(page, "is not valid JSON (cut short?)"));
  EXPECT_TRUE(says(page, "its history: line 1"));
  for (const char* arguments :
       {"--at equal-train-loss", "--equal samples", "--metric loss_gap", "--group-by optimizer"}) {
    const Said asked = gapbench(std::string("report tree -o tree.html ") + arguments);
    EXPECT_EQ(asked.code, 0) << arguments << asked.text;
  }
  const Said watched = gapbench("watch tree --once");
  EXPECT_EQ(watched.code, 0) << watched.text;
  EXPECT_TRUE(says(watched.text, "cifar-smoke: 7 of 7 done (7 ok)")) << watched.text;
  EXPECT_TRUE(says(watched.text, "  broken  tree/cifar10/cnn3/sgd/seed-1-")) << watched.text;
}

TEST_F(Records, AllBrokenIsExitCode1) {
  for (const auto& entry : fs::recursive_directory_iterator(home() / "tree")) {
    if (entry.path().filename() == "summary.json") std::ofstream(entry.path()) << "{";
  }
  EXPECT_EQ(gapbench("compare tree").code, 1);
  EXPECT_EQ(gapbench("export tree --sqlite t.sqlite").code, 1);
  const Said report = gapbench("report tree -o t.html");
  EXPECT_EQ(report.code, 1);
  EXPECT_TRUE(says(read(home() / "t.html"), "0 finished trials, 0 failed, 8 entries left out."));
  EXPECT_EQ(gapbench("watch tree --once").code, 0);
}

TEST_F(Records, OptionsMayStandBeforeTheFolder) {
  const Said said = gapbench("compare --metric loss_gap,test_loss --group-by method tree");
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_TRUE(says(said.text, "| Train acc % ↑ | Test loss ↓ | Loss gap ↓ | Gradient"));
  const Said one = gapbench("compare --only sgd --without adam tree");
  EXPECT_EQ(one.code, 0) << one.text;
  EXPECT_TRUE(says(one.text, "Only these methods, as asked: sgd. Left out, as asked: adam."));
  EXPECT_FALSE(says(one.text, "\n| adam |"));
}

TEST_F(Records, WrongQuestionsAreRefused) {
  for (const char* arguments :
       {"compare nowhere", "compare tree --baseline sdg", "compare tree --at best",
        "compare tree --at 1", "compare tree --at final --equal flops", "compare tree --metric los",
        "compare tree --group-by lr", "compare tree --at best-validation", "export tree",
        "export tree --sqlite tree/table.md", "report tree", "report tree -o tree/table.md",
        "report tree -o r.html --metric los", "report tree -o r.html --at final --equal flops",
        "watch nowhere --once"}) {
    const Said said = gapbench(arguments);
    EXPECT_EQ(said.code, 1) << arguments << "\n" << said.text;
    EXPECT_FALSE(said.text.empty()) << arguments;
  }
  EXPECT_TRUE(says(read(home() / "tree/table.md"), "# Results: cifar-smoke"));
}

}  // namespace
}  // namespace gapbench::testing

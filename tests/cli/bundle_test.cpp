// One archive that another compare and verify take.
#include "cli/program.h"

namespace gapbench::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* suite =
    "name: tiny\n"
    "datasets: [{name: synthetic10, train: 64, test: 32}]\n"
    "networks: [{name: mlp, width: 4, depth: 1}]\n"
    "methods:\n"
    "  sgd: {optimizer: {name: sgd, learning_rate: 0.1}, batch: 16}\n"
    "seeds: [1, 2]\n"
    "budget: {steps: 2}\n";

class Bundle : public ProgramTest {
 protected:
  void SetUp() override {
    write("tiny.yaml", suite);
    ASSERT_EQ(gapbench("run tiny.yaml -q").code, 0);
  }
  void expect(const std::string& call, int code, const std::string& part) const {
    const Said said = gapbench(call);
    EXPECT_EQ(said.code, code) << call << "\n" << said.text;
    EXPECT_NE(said.text.find(part), std::string::npos) << call << "\n" << said.text;
  }
};

TEST_F(Bundle, IsComparedAndVerifiedWhereNothingElseIs) {
  write("results/tiny/synthetic10/lease", "");
  write("results/tiny/checkpoint.part.7", "");
  const std::string table = gapbench("compare results/tiny --format markdown").text;
  expect("bundle tiny.yaml", 0, "tiny.tar.gz: 2 trials, ");
  fs::remove_all(home() / "results");
  EXPECT_EQ(gapbench("compare tiny.tar.gz --format markdown").text, table);
  expect("verify tiny.tar.gz -q", 0, "2 trials: same bits 2");
  expect("export tiny.tar.gz --sqlite t.sqlite", 0, "2 trials");
  expect("report tiny.tar.gz -o r.html", 0, "r.html");

  ASSERT_EQ(shell("tar -C " + home().string() + " -xzf " + (home() / "tiny.tar.gz").string()).code,
            0);
  EXPECT_EQ(read(home() / "tiny/suite.yaml"), suite);
  EXPECT_EQ(read(home() / "tiny/table.md"), table);
  EXPECT_NE(read(home() / "tiny/versions.txt").find("2 trials: gapbench "), std::string::npos);
  EXPECT_FALSE(fs::exists(home() / "tiny/synthetic10/lease"));
  EXPECT_FALSE(fs::exists(home() / "tiny/checkpoint.part.7"));
  EXPECT_FALSE(fs::is_empty(home() / "tiny/synthetic10"));
}

TEST_F(Bundle, HasTheSameBytesForTheSameRecords) {
  expect("bundle results/tiny -o a.tar.gz", 0, "a.tar.gz: 2 trials");
  expect("bundle results/tiny/ -o b.tar.gz", 0, "b.tar.gz: 2 trials");
  EXPECT_EQ(read(home() / "a.tar.gz"), read(home() / "b.tar.gz"));
}

TEST_F(Bundle, RefusesInWords) {
  expect("bundle results/nowhere", 1, "results/nowhere");
  expect("bundle results/tiny -o t.zip", 1, "must end with .tar.gz");
  write("there.tar.gz", "something");
  expect("bundle results/tiny -o there.tar.gz", 1, "is there already");
  EXPECT_EQ(read(home() / "there.tar.gz"), "something");
  expect("compare there.tar.gz", 1, "there.tar.gz");
}

}  // namespace
}  // namespace gapbench::testing

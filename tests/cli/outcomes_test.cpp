// What trials keep beside their numbers, from suite to verify, compare and export.
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include "cli/program.h"
#include "records/outcomes.h"

namespace gapbench::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Kept : public ProgramTest {
 protected:
  void write_suite(const std::string& record) const {
    write("tiny.yaml",
          "name: tiny\n"
          "datasets: [{name: synthetic10, train: 100, test: 60}]\n"
          "networks: [{name: mlp, width: 16}]\n"
          "methods:\n"
          "  sgd: {optimizer: {name: sgd, learning_rate: 0.05}, batch: 50}\n"
          "seeds: [1]\n"
          "budget: {steps: 6}\n" +
              record);
  }
  /// The folder of the only trial, run with these arguments.
  fs::path run(const std::string& folder, const std::string& arguments = "") const {
    const Said said = gapbench("run tiny.yaml -q -o " + folder + " " + arguments);
    EXPECT_EQ(said.code, 0) << said.text;
    for (const auto& file : fs::recursive_directory_iterator(home() / folder)) {
      if (file.path().filename() == "summary.json") return file.path().parent_path();
    }
    return {};
  }
};

TEST_F(Kept, OutcomesAreThoseOfTheSummaryOnAnyThreads) {
  write_suite("");
  const records::Record record = records::read_record(run("one", "--threads 1"));
  const records::Outcomes outcomes = records::read_outcomes(record);
  ASSERT_EQ(outcomes.size(), 60U);
  double loss = 0;
  double right = 0;
  for (const auto& o : outcomes) {
    loss -= std::log(double{o.probability}) / 60;
    right += o.label == o.predicted ? 1 : 0;
  }
  EXPECT_EQ(record.outcome.final->test->accuracy, right / 60);
  EXPECT_NEAR(record.outcome.final->test->loss, loss, 1e-6 * loss);  // probabilities are f32
  EXPECT_EQ(read(run("two", "--threads 2") / "outcomes.bin"), read(record.folder / "outcomes.bin"));
}

TEST_F(Kept, VerifyHoldsThemToTheSummaryAndToTheRepetition) {
  write_suite("record: {parameters: true}\n");
  const fs::path folder = run("results");
  EXPECT_EQ(gapbench("verify results -q").code, 0);
  std::string bytes = read(folder / "outcomes.bin");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  std::ofstream(folder / "outcomes.bin", std::ios::binary) << bytes;
  const Said said = gapbench("verify results -q");
  EXPECT_EQ(said.code, 2);
  EXPECT_THAT(said.text,
              HasSubstr("outcomes.bin is not the one that summary.json was written with"));
}

TEST_F(Kept, WhatIsKeptDoesNotChangeTheTrial) {
  write_suite("");
  const fs::path usual = run("usual");
  write_suite("record: {outcomes: false, parameters: true}\n");
  const fs::path other = run("other");
  EXPECT_EQ(usual.filename(), other.filename());  // the same identity
  EXPECT_EQ(read(usual / "history.jsonl"), read(other / "history.jsonl"));
  EXPECT_TRUE(fs::exists(usual / "outcomes.bin"));
  EXPECT_FALSE(fs::exists(usual / "end.f32"));
  EXPECT_FALSE(fs::exists(other / "outcomes.bin"));
  EXPECT_TRUE(fs::exists(other / "end.f32"));
  const std::string trial = fs::relative(other, home()).string();
  const Said said = gapbench("export --parameters " + trial + " -o sgd.npz");
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_THAT(said.text, HasSubstr("sgd.npz: "));
  EXPECT_EQ(read(home() / "sgd.npz").substr(0, 2), "PK");
  const std::string without = fs::relative(usual, home()).string();
  EXPECT_THAT(gapbench("export --parameters " + without + " -o x.npz").text,
              HasSubstr("a suite with record: {parameters: true} keeps it"));
}

TEST_F(Kept, CompareCountsSomeImages) {
  write_suite("");
  run("results");
  write("list.csv", "# set: synthetic10\ntest,train\n3,1\n5,2\n");
  EXPECT_THAT(gapbench("compare results --subset list.csv").text, HasSubstr("on 2 of 60 test"));
  EXPECT_THAT(gapbench("compare results --without-subset list.csv").text,
              HasSubstr("on 58 of 60 test"));
  EXPECT_EQ(gapbench("compare results --subset list.csv --without-subset list.csv").code, 1);
  EXPECT_THAT(gapbench("compare results --format json --by-image").text, HasSubstr("\"by_image\""));
}

}  // namespace
}  // namespace gapbench::testing

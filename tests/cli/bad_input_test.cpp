// Bad input: one line with the place and what would be right, exit code 1, nothing written.
#include "cli/program.h"

namespace gapbench::testing {
namespace {

constexpr const char* good =
    "name: tiny\n"
    "datasets: [{name: synthetic10, train: 100, test: 20}]\n"
    "networks: [{name: mlp, width: 4}]\n"
    "methods:\n"
    "  sgd:\n"
    "    optimizer: {name: sgd, learning_rate: 0.1}\n"
    "    batch: 10\n"
    "seeds: [1]\n"
    "budget: {steps: 2}\n";

struct Case {
  const char* name;
  const char* from;   // part of the good suite
  const char* to;     // what stands there instead
  const char* place;  // all of these in the message
  const char* right;
};

class BadSuite : public ProgramTest, public ::testing::WithParamInterface<Case> {};

TEST_P(BadSuite, IsRefusedInOneLine) {
  const Case& c = GetParam();
  std::string text = good;
  const auto at = text.find(c.from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string(c.from).size(), c.to);
  write("bad.yaml", text);
  const Said said = gapbench("run bad.yaml");
  EXPECT_EQ(said.code, 1) << said.text;
  EXPECT_NE(said.text.find(c.place), std::string::npos) << said.text;
  EXPECT_NE(said.text.find(c.right), std::string::npos) << said.text;
  EXPECT_EQ(count_of(said.text, "\n"), 1U) << said.text;
  EXPECT_FALSE(std::filesystem::exists(home() / "results"));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BadSuite,
    ::testing::Values(
        Case{"UnknownKey", "batch: 10", "bacth: 10", "bad.yaml:7", "\"batch\""},
        Case{"WrongType", "batch: 10", "batch: ten", "bad.yaml:7", "whole number"},
        Case{"NegativeBatch", "batch: 10", "batch: -3", "bad.yaml:7", "-3"},
        Case{"BatchLargerThanData", "batch: 10", "batch: 101", "101", "100"},
        Case{"UnknownPlugin", "name: sgd", "name: sgdd", "bad.yaml:6", "\"sgd\""},
        Case{"OptionOutOfRange", "learning_rate: 0.1", "learning_rate: -1", "bad.yaml:6", "> 0"},
        Case{"UnknownOption", "learning_rate: 0.1", "learning_rate: 0.1, momentun: 0.9",
             "bad.yaml:6", "\"momentum\""},
        Case{"UnknownNetwork", "name: mlp", "name: mpl", "bad.yaml:3", "\"mlp\""},
        Case{"UnknownData", "synthetic10,", "synthetic11,", "bad.yaml:2", "\"synthetic10\""},
        Case{"MissingData", "{name: synthetic10, train: 100, test: 20}", "cifar10", "cifar10",
             "gapbench data fetch cifar10"},
        Case{"ZeroTrials", "seeds: [1]", "seeds: []", "bad.yaml:8", "seed"},
        Case{"NoBudget", "budget: {steps: 2}", "", "budget", "bad.yaml"}),
    [](const auto& test) { return test.param.name; });

class BadCall : public ProgramTest {};

TEST_F(BadCall, NoSuchSuite) {
  const Said said = gapbench("run nowhere.yaml");
  EXPECT_EQ(said.code, 1);
  EXPECT_NE(said.text.find("nowhere.yaml"), std::string::npos) << said.text;
  EXPECT_EQ(count_of(said.text, "\n"), 1U) << said.text;
}

// One that cannot be had does not keep the next one back, and both ways out are named.
TEST_F(BadCall, FetchGoesOnAfterASetThatCannotBeHad) {
  const Said said =
      gapbench("data fetch cifar10 mnist --url file:///nowhere/at-all --data " + home().string());
  EXPECT_EQ(said.code, 1);
  for (const char* part : {"gapbench: cifar10: ", "gapbench: mnist: ", "2 of 2 not fetched",
                           "--url URL", "--data DIR"}) {
    EXPECT_NE(said.text.find(part), std::string::npos) << said.text;
  }
}

TEST_F(BadCall, ResultsFolderThatIsAFile) {
  write("tiny.yaml", good);
  write("results", "a file");
  const Said said = gapbench("run tiny.yaml");
  EXPECT_NE(said.text.find("-o DIR"), std::string::npos) << said.text;
  EXPECT_EQ(said.code, 1) << said.text;
  EXPECT_NE(said.text.find("results"), std::string::npos) << said.text;
  EXPECT_EQ(count_of(said.text, "\n"), 1U) << said.text;
}

TEST_F(BadCall, NoRecords) {
  std::filesystem::create_directory(home() / "empty");
  const Said said = gapbench("compare empty");
  EXPECT_EQ(said.code, 1) << said.text;
  EXPECT_NE(said.text.find("no records"), std::string::npos) << said.text;
}

TEST_F(BadCall, UnknownOptionAndCommand) {
  EXPECT_EQ(gapbench("run").code, 1);
  EXPECT_EQ(gapbench("rnu x.yaml").code, 1);
  EXPECT_EQ(gapbench("run x.yaml --jbos 3").code, 1);
  EXPECT_EQ(gapbench("run x.yaml -j 0").code, 1);
}

TEST_F(BadCall, HelpSaysHowWithAnExample) {
  for (const std::string command :
       {"", "list", "info", "validate", "run", "compare", "data", "data duplicates", "export",
        "report", "watch", "why", "noise", "verify", "test-plugin", "worker"}) {
    const Said said = gapbench(command + " --help");
    EXPECT_EQ(said.code, 0) << command;
    EXPECT_NE(said.text.find("Example"), std::string::npos) << command << said.text;
  }
}

}  // namespace
}  // namespace gapbench::testing

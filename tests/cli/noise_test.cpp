// Dropout from a suite: trained, refused where the network has no place for it, shown by info.
#include <gmock/gmock.h>

#include "cli/program.h"

namespace gapbench::testing {
namespace {

using ::testing::HasSubstr;

class Noise : public ProgramTest {
 protected:
  void write_suite(const std::string& network, const std::string& regularizer) const {
    write("tiny.yaml",
          "name: tiny\n"
          "datasets: [{name: synthetic10, examples: 60, test_examples: 20}]\n"
          "networks: [" +
              network +
              "]\n"
              "methods:\n"
              "  sgd:\n"
              "    optimizer: {name: sgd, learning_rate: 0.1}\n"
              "    regularizers: [" +
              regularizer +
              "]\n"
              "    batch: 20\n"
              "seeds: [1]\n"
              "budget: {steps: 4}\n");
  }
  /// The evaluations of the only trial, run on this many threads.
  std::string history(const std::string& threads) const {
    const std::string folder = "results" + threads;
    const Said said = gapbench("run tiny.yaml -o " + folder + " --threads " + threads);
    EXPECT_EQ(said.code, 0) << said.text;
    for (const auto& file : std::filesystem::recursive_directory_iterator(home() / folder)) {
      if (file.path().filename() == "history.jsonl") return read(file.path());
    }
    return "no history";
  }
};

TEST_F(Noise, ChangesTrainingTheSameOnAnyThreads) {
  write_suite("{name: mlp, width: 16}", "{name: dropout, rate: 0.5}");
  const std::string one = history("1");
  EXPECT_THAT(one, HasSubstr("\"step\":4"));
  EXPECT_EQ(history("2"), one);
  std::filesystem::remove_all(home() / "results1");
  write_suite("{name: mlp, width: 16}", "{name: dropout, rate: 0.5, sites: hidden2}");
  EXPECT_NE(history("1"), one);
}

TEST_F(Noise, WithoutASiteIsRefusedWithTheNetworksThatHaveSome) {
  write_suite("{name: resnet8, width: 4}", "{name: dropout, rate: 0.5}");
  const Said said = gapbench("run tiny.yaml");
  EXPECT_NE(said.code, 0);
  EXPECT_THAT(said.text, HasSubstr("dropout: resnet8 has no noise sites to act on; networks that "
                                   "have some: cnn3, "));
  write_suite("{name: mlp, width: 4}", "{name: dropout, rate: 0.5, sites: hidden3}");
  EXPECT_THAT(gapbench("run tiny.yaml --dry-run").text,
              HasSubstr("dropout: acts on none of the noise sites of mlp: hidden1, hidden2"));
}

// Data that a regularizer changes: in training alone, and on any threads alike.
TEST_F(Noise, OfTheDataIsTheSameOnAnyThreads) {
  write_suite("{name: resnet8, width: 4}", "{name: cutout, size: 8}");
  const std::string one = history("1");
  EXPECT_THAT(one, HasSubstr("\"step\":4"));
  EXPECT_EQ(history("2"), one);
  std::filesystem::remove_all(home() / "results1");
  write_suite("{name: resnet8, width: 4}", "{name: cutout, size: 9}");
  const std::string other = history("1");
  EXPECT_NE(other, one);
  // Before the first step nothing is different: evaluation sees the images as they are.
  const auto first = [](const std::string& text) { return text.substr(0, text.find('\n')); };
  EXPECT_EQ(first(other), first(one));
}

TEST_F(Noise, OfTheDataIsRefusedWhereThereIsNoImage) {
  write("line.yaml",
        "name: line\n"
        "datasets: [{name: sinusoid}]\n"
        "networks: [mlp]\n"
        "methods: {sgd: {optimizer: {name: sgd, learning_rate: 0.1}, batch: 10,\n"
        "                regularizers: [{name: cutout, size: 8}]}}\n"
        "seeds: [1]\n"
        "budget: {steps: 2}\n");
  EXPECT_THAT(gapbench("run line.yaml --dry-run").text,
              HasSubstr("cutout: hides a part of an image; these inputs are rows of numbers"));
  write("quadratic.yaml",
        "name: quadratic\n"
        "problems: [quadratic]\n"
        "methods: {sgd: {optimizer: {name: sgd, learning_rate: 0.1}, batch: 1,\n"
        "                regularizers: [{name: cutout, size: 8}]}}\n"
        "seeds: [1]\n"
        "budget: {steps: 2}\n");
  EXPECT_THAT(gapbench("run quadratic.yaml --dry-run").text,
              HasSubstr("cutout: quadratic has no inputs that could be changed"));
}

TEST_F(Noise, SitesAreShown) {
  EXPECT_THAT(gapbench("info lenet5").text, HasSubstr("noise sites: hidden1, hidden2\n"));
  EXPECT_THAT(gapbench("info resnet8").text, HasSubstr("noise sites: none\n"));
}

}  // namespace
}  // namespace gapbench::testing

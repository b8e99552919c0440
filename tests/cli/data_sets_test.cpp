// Data sets of plugins and mixed examples, from suite to table.
#include "cli/program.h"
#include "paths.h"
#include "plugins/npy_files.h"

namespace gapbench::testing {
namespace {

/// 24 images of 6 x 5 pixels and 3 channels to train on, brighter in class 1; 6 to test.
class DataSets : public ProgramTest {
 protected:
  DataSets() {
    part("train", 24);
    part("test", 6);
  }

  void part(const std::string& name, std::size_t count) const {
    std::vector<std::uint8_t> x;
    std::vector<std::int32_t> y;
    for (std::size_t i = 0; i < count; ++i) {
      y.push_back(static_cast<std::int32_t>(i % 2));
      for (std::size_t k = 0; k < 90; ++k) {
        x.push_back(static_cast<std::uint8_t>((i % 2) * 100 + (7 * i + 13 * k) % 120));
      }
    }
    const std::string n = std::to_string(count);
    const auto folder = home() / "gapbench/data/npy/shades";
    test::write_npy(folder / ("x_" + name + ".npy"),
                    test::npy("|u1", "(" + n + ", 6, 5, 3)", test::raw(x)));
    test::write_npy(folder / ("y_" + name + ".npy"),
                    test::npy("<i4", "(" + n + ",)", test::raw(y)));
  }

  std::string suite(const std::string& data, const std::string& method = "") const {
    return "name: shades\ndatasets: [{name: npy, set: shades" + data +
           "}]\nnetworks: [{name: mlp, width: 8, depth: 1}]\nmethods:\n"
           "  sgd: {optimizer: {name: sgd, learning_rate: 0.05}, batch: 8, micro_batch: 4" +
           method + "}\nseeds: [1]\nbudget: {epochs: 4}\n";
  }
  std::string one(const std::string& results, const std::string& name) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home() / results)) {
      if (entry.path().filename() == name) return read(entry.path());
    }
    return "";
  }
  bool has(const std::string& text, const std::string& text_part) const {
    return text.find(text_part) != std::string::npos;
  }
};

TEST_F(DataSets, OfPluginsTrainLikeOurs) {
  write("s.yaml", suite(", validation: 4, augment: true"));
  for (const std::string threads : {"1", "3"}) {
    const Said said = gapbench("run s.yaml -o " + threads + " --threads " + threads);
    ASSERT_EQ(said.code, 0) << said.text;
  }
  EXPECT_NE(one("1", "history.jsonl"), "");
  EXPECT_EQ(one("1", "history.jsonl"), one("3", "history.jsonl"));
  EXPECT_TRUE(has(one("1", "environment.json"), "data_npy.so"));
  EXPECT_TRUE(has(one("1", "trial.yaml"), "name: npy"));
  const Said verified = gapbench("verify 1");
  EXPECT_EQ(verified.code, 0) << verified.text;
  // Another pixel, another set: what was planned with the old one is not what would be read.
  part("test", 4);
  const Said changed = gapbench("verify 1");
  EXPECT_NE(changed.code, 0) << changed.text;
  EXPECT_TRUE(has(changed.text, "the data changed since the trial was planned")) << changed.text;
}

TEST_F(DataSets, AreListedShownAndTested) {
  EXPECT_TRUE(has(gapbench("list").text, "npy_regression")) << gapbench("list").text;
  const Said info = gapbench("info npy");
  EXPECT_TRUE(has(info.text, "channels_first")) << info.text;
  EXPECT_TRUE(has(info.text, "label_noise")) << info.text;
  const Said regression = gapbench("info npy_regression");
  EXPECT_TRUE(has(regression.text, "a regression")) << regression.text;
  EXPECT_FALSE(has(regression.text, "label_noise")) << regression.text;
  const std::string library = test::plugin_folder() + "/data_npy.so";
  const Said without = gapbench("test-plugin " + library);
  EXPECT_EQ(without.code, 2) << without.text;
  EXPECT_TRUE(has(without.text, "x_train.npy: is missing")) << without.text;
  EXPECT_TRUE(has(without.text, "--data")) << without.text;
  test::write_npy_examples(home() / "mine");
  const Said with = gapbench("test-plugin " + library + " --data mine");
  EXPECT_EQ(with.code, 0) << with.text;
  EXPECT_TRUE(has(with.text, " 0 failed, 0 notes")) << with.text;
}

TEST_F(DataSets, ThatCannotBeAugmentedAreRefusedBeforeTheTraining) {
  write("s.yaml",
        "name: s\ndatasets: [{name: npy_regression, set: example, augment: true}]\n"
        "networks: [{name: mlp, width: 2, depth: 1}]\nmethods: {sgd: {optimizer: {name: "
        "sgd, learning_rate: 0.1}}}\nseeds: [1]\nbudget: {epochs: 1}\n");
  test::write_npy_examples(home() / "gapbench/data");
  const Said said = gapbench("run s.yaml --dry-run");
  EXPECT_NE(said.code, 0) << said.text;
  EXPECT_TRUE(has(said.text, "augment must be false")) << said.text;
}

TEST_F(DataSets, AreMixedTheSameOnAnyThreads) {
  write("s.yaml", suite("", ", regularizers: [{name: mixup, alpha: 0.5}]"));
  write("plain.yaml", suite(""));
  for (const std::string threads : {"1", "3"}) {
    const Said said = gapbench("run s.yaml -o " + threads + " --threads " + threads);
    ASSERT_EQ(said.code, 0) << said.text;
  }
  ASSERT_EQ(gapbench("run plain.yaml -o plain").code, 0);
  EXPECT_NE(one("1", "history.jsonl"), "");
  EXPECT_EQ(one("1", "history.jsonl"), one("3", "history.jsonl"));
  EXPECT_NE(one("1", "history.jsonl"), one("plain", "history.jsonl"));
  const Said verified = gapbench("verify 1");
  EXPECT_EQ(verified.code, 0) << verified.text;
  write("two.yaml",
        suite("", ", regularizers: [{name: mixup, alpha: 1}, {name: mixup, alpha: 2}]"));
  const Said two = gapbench("run two.yaml --dry-run");
  EXPECT_NE(two.code, 0) << two.text;
}

TEST_F(DataSets, OfARegressionAreNotMixed) {
  write("s.yaml",
        "name: s\ndatasets: [{name: sinusoid}]\nnetworks: [{name: mlp, width: 2, depth: "
        "1}]\nmethods: {sgd: {optimizer: {name: sgd, learning_rate: 0.1}, regularizers: "
        "[{name: mixup, alpha: 1}]}}\nseeds: [1]\nbudget: {epochs: 1}\n");
  const Said said = gapbench("run s.yaml --dry-run");
  EXPECT_NE(said.code, 0) << said.text;
  EXPECT_TRUE(has(said.text, "mixup: mixes the labels of classes")) << said.text;
}

}  // namespace
}  // namespace gapbench::testing

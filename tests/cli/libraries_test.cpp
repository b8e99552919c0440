// Plugin libraries and machines as the commands meet them.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "core/hash.h"
#include "paths.h"

namespace gapbench::testing {
namespace {

namespace fs = std::filesystem;

bool says(const Said& said, const std::string& part) {
  return said.text.find(part) != std::string::npos;
}

class Libraries : public ProgramTest {
 protected:
  Libraries() { fs::create_directory(home() / "mine"); }

  void take(const std::string& library) const {
    fs::copy(fs::path(test::hostile_plugin_folder()) / library, home() / "mine" / library);
  }
  fs::path library(const std::string& name) const {
    return fs::path(test::plugin_folder()) / (name + ".so");
  }
};

TEST_F(Libraries, ABadOneIsNamedAndTheRestWorks) {
  take("exits.so");
  take("throws_early.so");
  take("survives.so");
  const Said list = gapbench("list --plugins mine");
  EXPECT_EQ(list.code, 0);
  EXPECT_TRUE(says(list, "exits.so: cannot be opened: ended the program with code 0")) << list.text;
  EXPECT_TRUE(says(list, "no licence for this host")) << list.text;
  EXPECT_TRUE(says(list, "survives")) << list.text;
  EXPECT_TRUE(says(list, "sgd")) << list.text;
  write("s.yaml",
        "name: s\ndatasets: [synthetic10]\nnetworks: [{name: cnn3, width: 2}]\n"
        "methods: {sgd: {optimizer: {name: sgd, learning_rate: 0.1}}}\nseeds: [1]\n"
        "budget: {steps: 1}\n");
  const Said valid = gapbench("validate s.yaml --plugins mine");
  EXPECT_EQ(valid.code, 0);
  EXPECT_EQ(valid.text, "s.yaml: 1 trial, ok\n");
}

TEST_F(Libraries, InfoKnowsDataSetsByTheirOwnNames) {
  const Said yacht = gapbench("info csv:yacht");
  EXPECT_EQ(yacht.code, 0) << yacht.text;
  EXPECT_TRUE(says(yacht, "data set csv:yacht\n")) << yacht.text;
  EXPECT_TRUE(says(gapbench("info cifar10"), "\n  label_noise "));
  EXPECT_FALSE(says(yacht, "label_noise"));  // a regression set has no labels
}

TEST_F(Libraries, TheContractIsCheckedInWords) {
  const Said said = gapbench("test-plugin " + library("optimizers_sgd").string());
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_TRUE(says(said, "optimizer sgd: repeats bit for bit: ok\n")) << said.text;
  EXPECT_TRUE(says(said, " checks, 0 failed, ")) << said.text;
  const Said refused = gapbench("test-plugin " + test::hostile_plugin_folder() + "/exits.so");
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(says(refused, "exits.so: cannot be opened: ended the program with code 0"));
}

TEST_F(Libraries, TheContractIsCheckedForPrograms) {
  const Said said = gapbench("test-plugin --json " + library("optimizers_sgd").string());
  EXPECT_EQ(said.code, 0) << said.text;
  const auto json = nlohmann::json::parse(said.text);
  EXPECT_EQ(json["library"], "optimizers_sgd.so");
  EXPECT_EQ(json["passed"], true);
  ASSERT_GT(json["checks"].size(), 10U);
  EXPECT_EQ(json["checks"][0]["component"], "optimizer sgd");
  EXPECT_EQ(json["checks"][0]["check"], "is made from its example");
  EXPECT_EQ(json["checks"][0]["verdict"], "ok");
  EXPECT_EQ(json["checks"][0]["reason"], "");
  EXPECT_EQ(json["checks"][0]["remedy"], "");
  const Said failed = gapbench("test-plugin --json " + test::bad_plugin_folder() + "/throws.so");
  EXPECT_EQ(failed.code, 2);
  const auto verdicts = nlohmann::json::parse(failed.text);
  EXPECT_EQ(verdicts["passed"], false);
  EXPECT_EQ(verdicts["checks"][0]["verdict"], "FAILED");
  EXPECT_NE(verdicts["checks"][0]["remedy"], "");
  const Said refused = gapbench("test-plugin --json nowhere.so");
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(nlohmann::json::parse(refused.text)["refused"], "nowhere.so: there is no such file");
}

// A CPU without bf16 products, as oneDNN may be told to see it.
class OtherMachine : public ProgramTest {
 protected:
  Said run(const std::string& suite) const { return call("run " + suite); }
  Said call(const std::string& arguments) const {
    return shell(
        "cd " + home().string() + " && env -u GAPBENCH_DATA XDG_DATA_HOME=" + home().string() +
        " ONEDNN_MAX_CPU_ISA=AVX2 DNNL_MAX_CPU_ISA=AVX2 " + test::program() + " " + arguments);
  }
  void write_suite(const std::string& name, const std::string& networks) const {
    write(name + ".yaml",
          "name: " + name +
              "\ndatasets: [{name: synthetic10, examples: 64, test_examples: 32}]\n"
              "networks: [" +
              networks +
              "]\n"
              "methods: {sgd: {optimizer: {name: sgd, learning_rate: 0.1}, batch: 32}}\n"
              "seeds: [1]\nbudget: {steps: 1}\n");
  }
  std::vector<fs::path> summaries() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(home() / "results")) {
      if (entry.path().filename() == "summary.json") found.push_back(entry.path());
    }
    return found;
  }
};

TEST_F(OtherMachine, LeavesOpenWhatItCannotCompute) {
  write_suite("both", "{name: cnn3, width: 2}, {name: cnn3, width: 2, precision: bf16}");
  const Said said = run("both.yaml");
  EXPECT_EQ(said.code, 2) << said.text;
  EXPECT_TRUE(says(said, "1 trial cannot run on this machine: cnn3: precision bf16 needs a CPU"))
      << said.text;
  EXPECT_TRUE(says(said, "2 trials: 1 ok, 1 not run")) << said.text;
  EXPECT_EQ(summaries().size(), 1U);
  const Said again = run("both.yaml");
  EXPECT_EQ(again.code, 2);
  EXPECT_TRUE(says(again, "2 trials: 1 finished already, nothing to do here")) << again.text;
  const Said why = call("why both.yaml");
  EXPECT_EQ(why.code, 0) << why.text;
  EXPECT_TRUE(says(why, "seed 1: precision bf16 needs a CPU")) << why.text;
  EXPECT_TRUE(says(why, "0 of 2 trials would run")) << why.text;
}

TEST_F(OtherMachine, SettlesAutoBeforeTheIdentity) {
  write_suite("auto", "{name: cnn3, width: 2, precision: auto}");
  const Said said = run("auto.yaml");
  ASSERT_EQ(said.code, 0) << said.text;
  const auto all = summaries();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_NE(read(all[0].parent_path() / "trial.yaml").find("precision: f32"), std::string::npos);
}

}  // namespace
}  // namespace gapbench::testing

// Suites on a real Slurm of two nodes, started for these tests; skipped with the reason where there
// is none.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "paths.h"

namespace gapbench::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Json = nlohmann::json;

/// Tuning, a follower, and trials that are long enough to be cut off.
constexpr const char* suite = R"(name: cluster
datasets: [{name: synthetic10, train: 200, validation: 40, test: 60}]
networks: [{name: mlp, width: 16}]
tune: {seeds: [101]}
methods:
  tuned:
    optimizer: {name: sgd, momentum: 0.9}
    batch: 20
    tune: {optimizer.learning_rate: [0.01, 0.05]}
  follower: {optimizer: {name: external_graft, from: tuned}, batch: 20}
  adam: {optimizer: {name: adam, learning_rate: 0.001}, batch: 40}
seeds: [1, 2]
budget: {epochs: 4}
evaluate: {every: {epochs: 2}}
)";

class OnSlurm : public ProgramTest {
 protected:
  static std::string script() { return test::source_folder() + "/tests/slurm/cluster.sh "; }

  void SetUp() override {
    const std::string missing = shell(script() + "missing").text;
    if (!missing.empty()) GTEST_SKIP() << missing;
    write("suite.yaml", suite);
    const Said started = shell(script() + "start " + cluster());
    ASSERT_EQ(started.code, 0) << started.text;
  }
  void TearDown() override { shell(script() + "stop " + cluster()); }

  std::string cluster() const { return (home() / "c").string(); }

  /// A command with the cluster's own.
  Said there(const std::string& command) const {
    return shell("cd " + home().string() + " && export SLURM_CONF=" + cluster() +
                 "/slurm.conf && " + command);
  }
  Said run(const std::string& arguments) const {
    return there("env -u GAPBENCH_DATA XDG_DATA_HOME=" + home().string() + " " + test::program() +
                 " " + arguments);
  }
  std::map<std::string, int> states() const {
    std::map<std::string, int> counts;
    const Json status = Json::parse(run("status results/cluster --json").text);
    for (const auto& [state, count] : status.at("counts").items()) {
      counts[state] = count.get<int>();
    }
    return counts;
  }
  /// Until the command says something; at most 20 s.
  bool until(const std::string& command) const {
    return there("for i in $(seq 200); do [ -n \"$(" + command +
                 ")\" ] && exit 0; sleep 0.1; done; "
                 "exit 1")
               .code == 0;
  }

  /// By the place of the record and the file: what is the same wherever a trial has run.
  std::map<std::string, std::string> bits(const std::string& results) const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(home() / results)) {
      const std::string name = entry.path().filename();
      if (name != "history.jsonl" && name != "steps.f32" && name != "trial.yaml" &&
          name != "tuning.json" && name != "suite.json") {
        continue;
      }
      found[entry.path().lexically_relative(home() / results).string()] = read(entry.path());
    }
    return found;
  }
  void expect_same_bits(const std::string& there, const std::string& here) const {
    const auto a = bits(there);
    const auto b = bits(here);
    EXPECT_GT(b.size(), 8U);
    EXPECT_EQ(a.size(), b.size());
    for (const auto& [place, text] : b) {
      ASSERT_TRUE(a.contains(place)) << place;
      EXPECT_EQ(a.at(place) == text, true) << place;
    }
  }
};

TEST_F(OnSlurm, ASuiteWithTuningAndAFollowerEndsInTheBitsOfALocalRun) {
  const Said said = run("run suite.yaml --on slurm --wait --checkpoint-every 0.1s");
  EXPECT_EQ(said.code, 0) << said.text << there("cat results/cluster/slurm/1/log/*").text;
  EXPECT_THAT(said.text,
              HasSubstr("8 trials: 0 finished, 0 at work in Slurm, 0 queued, 8 to submit"));
  const std::map<std::string, int> all_ok{{"ok", 8}};
  EXPECT_EQ(states(), all_ok);
  const Said again = run("run suite.yaml --on slurm --wait");
  EXPECT_EQ(again.code, 0) << again.text;
  EXPECT_THAT(again.text, HasSubstr("8 trials: 8 finished"));
  EXPECT_FALSE(fs::exists(home() / "results/cluster/slurm/2"));
  ASSERT_EQ(gapbench("run suite.yaml -o here").code, 0);
  expect_same_bits("results", "here");
}

/// Four trials of some seconds, two on each node.
constexpr const char* longer = R"(name: cluster
datasets: [{name: synthetic10, train: 200, test: 60}]
networks: [{name: mlp, width: 16}]
methods:
  sgd: {optimizer: {name: sgd, learning_rate: 0.01, momentum: 0.9}, batch: 20}
  adam: {optimizer: {name: adam, learning_rate: 0.001}, batch: 20}
seeds: [1, 2]
budget: {epochs: 1500}
evaluate: {every: {epochs: 500}}
)";

TEST_F(OnSlurm, TrialsOutliveANodeAPreemptionAndATimeLimit) {
  write("suite.yaml", longer);
  Said said = run("run suite.yaml --on slurm --checkpoint-every 0.1s");
  ASSERT_EQ(said.code, 0) << said.text;
  EXPECT_THAT(said.text, HasSubstr("submitted as job 1;"));
  ASSERT_TRUE(until("find results -name checkpoint | sed -n 4p"));
  const std::map<std::string, int> running{{"running", 4}};
  EXPECT_EQ(states(), running);

  // What is on the way is not submitted again.
  said = run("run suite.yaml --on slurm");
  EXPECT_THAT(said.text,
              HasSubstr("4 trials: 0 finished, 4 at work in Slurm, 0 queued, 0 to submit"));

  const Said on_n1 = there("squeue -h --array -w n1 -o %F_%K | sort");
  const std::string first = on_n1.text.substr(0, on_n1.text.find('\n'));
  const std::string second = on_n1.text.substr(first.size() + 1, first.size());
  EXPECT_EQ(there(script() + "cut " + cluster() + " n2").code, 0);
  EXPECT_EQ(there("scontrol requeue " + first).code, 0);
  EXPECT_EQ(there("scancel --batch --signal=USR1 " + second).code, 0);  // as before a time limit
  ASSERT_TRUE(until("squeue -h --array -t PENDING -o %K")) << there("squeue -a").text;
  const auto now = states();
  EXPECT_GE(now.at("queued"), 1) << run("status results/cluster --trials").text;
  EXPECT_FALSE(now.contains("ok") || now.contains("open") || now.contains("no_record"));

  said = run("run suite.yaml --on slurm --wait");
  EXPECT_EQ(said.code, 0) << said.text << there("cat results/cluster/slurm/1/log/*").text;
  EXPECT_FALSE(fs::exists(home() / "results/cluster/slurm/2"));
  const std::map<std::string, int> all_ok{{"ok", 4}};
  EXPECT_EQ(states(), all_ok);
  EXPECT_EQ(there("grep -l '\"continued\"' -r results --include=environment.json | wc -l").text,
            "4\n");
  ASSERT_EQ(gapbench("run suite.yaml -o here -j 2").code, 0);
  expect_same_bits("results", "here");
}

TEST_F(OnSlurm, WhatIsCancelledIsLeftAloneUntilItIsAskedForAgain) {
  write("suite.yaml", longer);
  ASSERT_EQ(run("run suite.yaml --on slurm --checkpoint-every 0.1s --at-once 2").code, 0);
  ASSERT_TRUE(until("find results -name checkpoint | sed -n 2p"));
  const Said said = run("cancel results/cluster");
  EXPECT_EQ(said.code, 0);
  EXPECT_EQ(said.text, "cancelled: job 1, 2 at work (they write a checkpoint), 2 queued\n");
  ASSERT_TRUE(until("[ -n \"$(squeue -h)\" ] || echo none"));
  const std::map<std::string, int> left{{"interrupted", 2}, {"open", 2}};
  EXPECT_EQ(states(), left) << run("status results/cluster --trials").text
                            << there("cat results/cluster/slurm/1/log/* c/*.log").text;
  EXPECT_EQ(run("cancel results/cluster").text, "Slurm has nothing of results/cluster\n");
  EXPECT_THAT(run("run suite.yaml --on slurm --dry-run").text, HasSubstr("4 to submit"));
}

}  // namespace
}  // namespace gapbench::testing

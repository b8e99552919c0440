// Posteriors through the program: what an optimizer keeps and what is fitted after training, from the
// suite to the table, across threads, kills and verify.
#include <map>
#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace gapbench::testing {
namespace {

using Json = nlohmann::json;

constexpr const char* suite = R"(name: draws
datasets: [{name: synthetic10, train: 200, validation: 40, test: 60}]
networks: [{name: mlp, width: 8, depth: 1}]
methods:
  map: {optimizer: {name: sgd, learning_rate: 0.05}, batch: 50}
  sgld:
    extends: map
    optimizer: {name: sgld, learning_rate: 0.05, prior_variance: 1, burn_in: 4}
  swag:
    extends: map
    optimizer: {name: swag, inner: {name: sgd, learning_rate: 0.05}, burn_in: 4, every: 1}
    posterior: {name: own, draws: 5}
  dropout:
    extends: map
    regularizers: [{name: dropout, rate: 0.5}]
    posterior: {name: mc_dropout, draws: 6, train_examples: 50, every: {steps: 6}}
seeds: [1]
budget: {steps: 12}
evaluate: {predictive: true}
baseline: map
)";

class Posteriors : public ProgramTest {
 protected:
  Posteriors() { write("draws.yaml", suite); }

  std::string refusal(const std::string& command, const std::string& from,
                      const std::string& to) const {
    std::string text = suite;
    write("bad.yaml", text.replace(text.find(from), from.size(), to));
    const Said said = gapbench(command);
    EXPECT_EQ(said.code, 1) << said.text;
    return said.text;
  }
  /// By method.
  std::map<std::string, std::string> all(const std::string& results,
                                         const std::string& name) const {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home() / results)) {
      if (entry.path().filename() != name) continue;
      found[entry.path().parent_path().parent_path().filename()] = read(entry.path());
    }
    return found;
  }
};

TEST_F(Posteriors, FromSuiteToTable) {
  const Said ran = gapbench("run draws.yaml -q");
  ASSERT_EQ(ran.code, 0) << ran.text;
  std::map<std::string, Json> final;
  for (const auto& [method, text] : all("results", "summary.json")) {
    final[method] = Json::parse(text)["final"];
  }
  ASSERT_EQ(final.size(), 4U);
  for (const auto& [method, json] : final) {
    const Json& test = json["predictive"]["test"];
    for (const char* score : {"nll", "accuracy", "brier", "ece", "entropy", "gibbs_loss"}) {
      EXPECT_TRUE(test.contains(score)) << method << " " << score;
    }
    EXPECT_LE(test["nll"].get<double>(), test["gibbs_loss"].get<double>() + 1e-12) << "Jensen";
    EXPECT_EQ(test["examples"], 60);
    EXPECT_EQ(json["predictive"]["validation"]["examples"], 40);
  }
  EXPECT_FALSE(final["map"].contains("posterior"));
  EXPECT_EQ(final["map"]["predictive"]["test"]["draws"], 1);
  // The point's likelihood is its loss, summed up in another order.
  EXPECT_NEAR(final["map"]["predictive"]["test"]["nll"].get<double>(),
              final["map"]["test"]["loss"].get<double>(), 1e-12);
  EXPECT_EQ(final["sgld"]["posterior"]["draws"], 8) << "steps 5 to 12";
  EXPECT_EQ(final["sgld"]["posterior"]["values"][2]["metric"], "ess_min");
  EXPECT_EQ(final["swag"]["posterior"]["draws"], 5);
  EXPECT_EQ(final["dropout"]["posterior"]["name"], "mc_dropout");
  EXPECT_EQ(final["dropout"]["posterior"]["prediction"], "noisy");
  EXPECT_EQ(final["dropout"]["posterior"]["draws"], 6);
  EXPECT_EQ(final["dropout"]["posterior"]["prediction_passes"]["forward_samples"],
            6 * (50 + 40 + 60));
  EXPECT_GT(final["dropout"]["predictive"]["test"]["mutual_information"], 0);
  EXPECT_EQ(count_of(all("results", "history.jsonl")["dropout"], "predictive"), 2U);

  const Said table = gapbench("compare results");
  EXPECT_EQ(table.code, 0) << table.text;
  for (const char* part : {"| Averaged test acc % ↑ |", "| Test NLL ↓ |", "| ECE % ↓ |",
                           "| Brier ↓ |", "| Draws |", "| Least ESS ↑ |", "| R-hat ↓ |"}) {
    EXPECT_EQ(count_of(table.text, part), 1U) << part << table.text;
  }
  EXPECT_EQ(count_of(table.text, "(point) |"), 6U) << table.text;
  EXPECT_EQ(gapbench("compare results --metric ece").code, 0);
  EXPECT_EQ(gapbench("report results -o page.html").code, 0);
}

TEST_F(Posteriors, TheSameBitsOnAnyThreadsAndAgain) {
  for (const std::string threads : {"1", "2", "3"}) {
    const Said said = gapbench("run draws.yaml -q -o t" + threads + " --threads " + threads);
    ASSERT_EQ(said.code, 0) << said.text;
  }
  EXPECT_EQ(all("t2", "history.jsonl"), all("t1", "history.jsonl"));
  EXPECT_EQ(all("t3", "history.jsonl"), all("t1", "history.jsonl"));
  const Said verified = gapbench("verify t1 --threads 2");
  EXPECT_EQ(verified.code, 0) << verified.text;
  EXPECT_NE(verified.text.find("4 trials: same bits 4"), std::string::npos) << verified.text;
}

// Those that ask for more than gradients, too.
TEST_F(Posteriors, EverySamplerOnAnyThreads) {
  write("samplers.yaml", R"(name: samplers
datasets: [{name: synthetic10, train: 200, test: 60}]
networks: [{name: mlp, width: 8, depth: 1}]
methods:
  psgld:
    optimizer: {name: psgld, learning_rate: 0.01, damping: 0.1, prior_variance: 1, burn_in: 4}
    batch: 50
    micro_batch: 10
  sghmc:
    extends: psgld
    optimizer: {name: sghmc, learning_rate: 0.01, prior_variance: 1, burn_in: 4}
  sgfs:
    extends: psgld
    optimizer: {name: sgfs, alpha: 20, prior_variance: 1, burn_in: 4}
  constant:
    extends: psgld
    optimizer: {name: constant_sgd, learning_rate: 0.05, prior_variance: 1, burn_in: 4}
  hmc:
    extends: psgld
    optimizer: {name: hmc, step_size: 0.002, trajectory: 0.02, prior_variance: 1, burn_in: 4}
    batch: all
  variational:
    extends: psgld
    optimizer: {name: variational, inner: {name: adam}, prior_variance: 1, draws: 2}
  noisy-adam:
    extends: psgld
    optimizer: {name: noisy_adam, prior_variance: 1}
  local:
    extends: psgld
    optimizer: {name: variational, estimate: local, inner: {name: adam}, prior_variance: 1}
  noisy-kfac:
    extends: psgld
    optimizer: {name: noisy_kfac, learning_rate: 0.01, prior_variance: 1, basis_every: 7}
  pac-bayes:
    extends: psgld
    optimizer: {name: pac_bayes, inner: {name: adam}}
probes:
  - {name: pac_bayes, draws: 3}
seeds: [1]
budget: {steps: 14}
evaluate: {predictive: true}
)");
  for (const std::string threads : {"1", "3"}) {
    const Said said = gapbench("run samplers.yaml -q -o t" + threads + " --threads " + threads);
    ASSERT_EQ(said.code, 0) << said.text;
  }
  const auto histories = all("t1", "history.jsonl");
  EXPECT_EQ(histories.size(), 10U);
  EXPECT_EQ(all("t3", "history.jsonl"), histories);
  for (const auto& [method, text] : all("t1", "summary.json")) {
    const Json posterior = Json::parse(text)["final"]["posterior"];
    const bool is_gaussian = method == "variational" || method == "noisy-adam" ||
                             method == "local" || method == "noisy-kfac" || method == "pac-bayes";
    EXPECT_EQ(posterior["draws"], is_gaussian ? 30 : 10) << method;
    // noisy_kfac leaves out the first layer, whose 3,073 inputs are more than its largest.
    const bool has_divergence = is_gaussian && method != "noisy-kfac";
    EXPECT_EQ(posterior.contains("kl_nats"), has_divergence) << method;
    EXPECT_EQ(text.find("\"bound\"") != text.npos, has_divergence) << method;
  }
  EXPECT_NE(gapbench("compare t1").text.find("| KL bits |"), std::string::npos);
}

// Chain and moments come back from the checkpoint.
TEST_F(Posteriors, GoOnAfterAKillInTheSameBits) {
  write("long.yaml", R"(name: long
datasets: [{name: synthetic10, train: 200, test: 40}]
networks: [{name: resnet8, width: 4}]
methods:
  sgld:
    optimizer: {name: sgld, learning_rate: 0.02, prior_variance: 1, burn_in: 20, capacity: 8}
    batch: 20
  swag:
    optimizer:
      name: swag
      inner: {name: sgd, learning_rate: 0.02, momentum: 0.9}
      burn_in: 20
      every: 10
      rank: 3
    batch: 20
    posterior: {name: own, draws: 3, train_examples: 40}
seeds: [1]
budget: {steps: 120}
evaluate: {predictive: true}
)");
  for (const std::string method : {"sgld", "swag"}) {
    const std::string only = "run long.yaml -o cut --only methods=" + method;
    const Said killed =
        shell("cd " + home().string() + " && { setsid " + test::program() + " " + only +
              " --checkpoint-every 0.01s & for k in $(seq 1500); do"
              " ls cut/long/*/*/" +
              method +
              "/seed-*/checkpoint 2>/dev/null && break; sleep 0.02; done; "
              "sleep 0.1; kill -9 -$!; wait; }");
    ASSERT_EQ(all("cut", "summary.json").count(method), 0U) << killed.text;
    const Said rest = gapbench(only);
    ASSERT_EQ(rest.code, 0) << rest.text;
    EXPECT_NE(rest.text.find("its checkpoint is of step "), std::string::npos) << rest.text;
  }
  ASSERT_EQ(gapbench("run long.yaml -o whole").code, 0);
  EXPECT_EQ(all("cut", "history.jsonl"), all("whole", "history.jsonl"));
}

TEST_F(Posteriors, WhatCannotBeIsRefusedBeforeTraining) {
  EXPECT_NE(refusal("validate bad.yaml", "batch: 50}", "batch: 50, posterior: own}")
                .find("bad.yaml:5: optimizer \"sgd\" keeps no posterior"),
            std::string::npos);
  const std::string silent =
      refusal("run bad.yaml --dry-run", "    regularizers: [{name: dropout, rate: 0.5}]\n", "");
  EXPECT_NE(silent.find("mc_dropout: averages over the noise of the method, which has none"),
            std::string::npos)
      << silent;
  const std::string late = refusal("run bad.yaml --dry-run", "burn_in: 4}", "burn_in: 12}");
  EXPECT_NE(late.find("sgld: has draws after 13 steps, and the trial makes 12"), std::string::npos)
      << late;
  const std::string unlikely =
      refusal("run bad.yaml --dry-run",
              "datasets: [{name: synthetic10, train: 200, validation: 40, test: 60}]\n"
              "networks: [{name: mlp, width: 8, depth: 1}]\n",
              "problems: [linear_teacher]\n");
  EXPECT_NE(unlikely.find("this problem's loss is none"), std::string::npos) << unlikely;
}

// Regression: root mean squared error and likelihood in the targets' own units.
TEST_F(Posteriors, OfARegressionInItsOwnUnits) {
  std::filesystem::create_directories(home() / "data/csv/line");
  std::string rows;
  std::string train;
  for (int i = 0; i < 20; ++i) {
    rows += std::to_string(i) + " " + std::to_string(100 * i) + "\n";
    train += std::to_string(i) + "\n";
  }
  rows += "4.5 450\n";
  write("data/csv/line/data.txt", rows);
  write("data/csv/line/index_features.txt", "0\n");
  write("data/csv/line/index_target.txt", "1\n");
  write("data/csv/line/index_train_0.txt", train);
  write("data/csv/line/index_test_0.txt", "20\n");
  write("line.yaml", R"(name: line
datasets: [{name: "csv:line", deviation: 0.25}]
networks: [{name: mlp, depth: 0}]
methods:
  gd: {optimizer: {name: gd, learning_rate: 0.03, clip: 0}, batch: all}
seeds: [1]
budget: {steps: 400}
evaluate: {predictive: true}
)");
  const Said ran = gapbench("run line.yaml -q --data data");
  ASSERT_EQ(ran.code, 0) << ran.text;
  const Json test =
      Json::parse(all("results", "summary.json")["gd"])["final"]["predictive"]["test"];
  // Fitted exactly: what is left is the density at its mean, deviation 0.25 * 100 * sqrt(133 / 4).
  EXPECT_NEAR(test["rmse"].get<double>(), 0, 0.1);
  EXPECT_NEAR(test["nll"].get<double>(), std::log(25 * std::sqrt(33.25) * std::sqrt(2 * M_PI)),
              1e-4);
  EXPECT_FALSE(test.contains("ece"));
  EXPECT_NE(gapbench("compare results").text.find("Test RMSE"), std::string::npos);
}

// Parts drawn by each seed: the seeds differ, each comes again to the bit.
TEST_F(Posteriors, EachSeedMayDrawItsOwnSplit) {
  std::filesystem::create_directories(home() / "data/csv/square");
  std::string rows;
  for (int i = 0; i < 30; ++i) rows += std::to_string(i) + " " + std::to_string(i * i) + "\n";
  write("data/csv/square/data.txt", rows);
  write("data/csv/square/index_features.txt", "0\n");
  write("data/csv/square/index_target.txt", "1\n");
  write("square.yaml", R"(name: square
datasets: [{name: "csv:square", split: seed, deviation: 0.25}]
networks: [{name: mlp, width: 4, depth: 1}]
methods:
  gd: {optimizer: {name: gd, learning_rate: 0.03, clip: 0}, batch: all}
  sgd: {optimizer: {name: sgd, learning_rate: 0.01}, batch: 9}
seeds: [1, 2, 3]
budget: {steps: 30}
evaluate: {predictive: true}
baseline: gd
claims: [{method: sgd, on: "csv:square", metric: rmse}]
)");
  const Said ran = gapbench("run square.yaml -q --data data");
  ASSERT_EQ(ran.code, 0) << ran.text;
  const Said table = gapbench("compare results");
  EXPECT_NE(table.text.find("over draws of the training and the test set"), std::string::npos)
      << table.text;
  EXPECT_EQ(table.text.find("given one draw"), std::string::npos);
  EXPECT_NE(table.text.find("data.test_fraction 0.1"), std::string::npos) << table.text;
  const Said again = gapbench("verify results -q --data data");
  EXPECT_EQ(again.code, 0) << again.text;
  EXPECT_NE(gapbench("run square.yaml --data data").text.find("6 finished already"),
            std::string::npos);
}

// Classes that were kept out: their entropy beside that of the test part.
TEST_F(Posteriors, OfUnseenClasses) {
  std::string text = suite;
  text.replace(text.find("test: 60"), 8, "test: 40, label_noise: 0, unseen: [0, 9]");
  write("unseen.yaml", text);
  const Said ran = gapbench("run unseen.yaml -q -j 2");
  ASSERT_EQ(ran.code, 0) << ran.text;
  for (const auto& [method, summary] : all("results", "summary.json")) {
    const Json predictive = Json::parse(summary)["final"]["predictive"];
    ASSERT_TRUE(predictive.contains("unseen")) << method;
    EXPECT_GT(predictive["unseen"]["entropy"].get<double>(), 0);
    EXPECT_FALSE(predictive["unseen"].contains("accuracy"));
    EXPECT_EQ(predictive["test"]["examples"], 40);
  }
  EXPECT_NE(gapbench("compare results").text.find("Entropy, unseen"), std::string::npos);
  EXPECT_EQ(gapbench("verify results -q").code, 0);
}

// Probabilities that are kept, and held against those of one method.
TEST_F(Posteriors, AgainstAReference) {
  write("near.yaml", std::string(suite) + "record: {predictions: true}\n");
  const Said ran = gapbench("run near.yaml -q -j 2");
  ASSERT_EQ(ran.code, 0) << ran.text;
  EXPECT_EQ(all("results", "predictions.f32").size(), all("results", "summary.json").size());
  const Said table = gapbench("compare results --reference sgld");
  EXPECT_EQ(table.code, 0) << table.text;
  EXPECT_NE(table.text.find("reference.agreement"), std::string::npos) << table.text;
  EXPECT_EQ(gapbench("verify results -q").code, 0);
}

// Corrupted test images: scores at the end, under every kind that is asked for, the same bits again.
TEST_F(Posteriors, UnderShift) {
  std::string text = suite;
  text.replace(text.find("{predictive: true}"), 18, "{predictive: true, shift: [contrast, blur]}");
  write("shift.yaml", text);
  const Said ran = gapbench("run shift.yaml -q -j 2");
  ASSERT_EQ(ran.code, 0) << ran.text;
  for (const auto& [method, summary] : all("results", "summary.json")) {
    const Json predictive = Json::parse(summary)["final"]["predictive"];
    ASSERT_EQ(predictive["shifted"].size(), 10U) << method;
    EXPECT_EQ(predictive["shifted"]["blur-3"]["examples"], 60);
    EXPECT_FALSE(predictive["shifted"]["blur-3"].contains("bins"));
    EXPECT_TRUE(predictive["test"].contains("bins"));
    EXPECT_NE(predictive["shifted"]["contrast-5"]["nll"], predictive["test"]["nll"]);
  }
  EXPECT_NE(gapbench("compare results").text.find("under shift"), std::string::npos);
  const Said again = gapbench("verify results -q");
  EXPECT_EQ(again.code, 0) << again.text;
}

}  // namespace
}  // namespace gapbench::testing

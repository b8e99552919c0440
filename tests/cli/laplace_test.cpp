// Laplace approximations through the program: several of one point that is trained once.
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace gapbench::testing {
namespace {

using Json = nlohmann::json;

constexpr const char* suite = R"(name: around
datasets: [{name: synthetic10, train: 80, validation: 40, test: 60}]
networks: [lenet5]
methods:
  map:
    optimizer: {name: sgd, learning_rate: 0.05}
    regularizers: [{name: l2, convention: half, lambda: 0.05}]
    batch: 40
  kronecker:
    extends: map
    start: map
    budget: {steps: 0}
    posterior: {name: laplace_kronecker, prior_variance: 0.1, draws: 4}
  network:
    extends: kronecker
    posterior: {name: laplace_kronecker, prior_variance: 0.1, prediction: network, draws: 4}
  diagonal:
    extends: kronecker
    posterior: {name: laplace_diagonal, fisher: sampled, prior: evidence, draws: 4}
  last:
    extends: kronecker
    posterior: {name: laplace_last_layer, prior_variance: 0.1, structure: full, draws: 4}
seeds: [1]
budget: {steps: 12}
evaluate: {predictive: true}
baseline: map
)";

class LaplaceTrials : public ProgramTest {
 protected:
  LaplaceTrials() { write("around.yaml", suite); }

  std::map<std::string, Json> finals(const std::string& results) const {
    std::map<std::string, Json> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home() / results)) {
      if (entry.path().filename() != "summary.json") continue;
      const auto method = entry.path().parent_path().parent_path().filename();
      found[method] = Json::parse(read(entry.path()))["final"];
    }
    return found;
  }
};

TEST_F(LaplaceTrials, OfOnePointInTheSameBitsOnAnyThreads) {
  for (const std::string threads : {"1", "3"}) {
    const Said said = gapbench("run around.yaml -q -o t" + threads + " --threads " + threads);
    ASSERT_EQ(said.code, 0) << said.text;
  }
  auto final = finals("t1");
  ASSERT_EQ(final.size(), 5U);
  EXPECT_EQ(finals("t3"), final);
  for (const char* method : {"kronecker", "network", "diagonal", "last"}) {
    EXPECT_EQ(final[method]["test"]["loss"], final["map"]["test"]["loss"]) << "the same point";
    const Json& posterior = final[method]["posterior"];
    EXPECT_EQ(posterior["draws"], 4);
    EXPECT_LT(posterior["log_evidence_nats"], 0) << method;
    const double nll = final[method]["predictive"]["test"]["nll"];
    EXPECT_TRUE(std::isfinite(nll)) << method;
    EXPECT_NE(nll, final["map"]["predictive"]["test"]["nll"]) << method;
  }
  const Json& kronecker = final["kronecker"]["posterior"];
  EXPECT_EQ(kronecker["prediction"], "linearized");
  EXPECT_EQ(kronecker["prediction_passes"]["forward_samples"], 4 * (80 + 40 + 60));
  EXPECT_EQ(kronecker["prediction_passes"]["tangent_forward_samples"], 4 * (80 + 40 + 60));
  // Five layers, ten columns of the Fisher's root, and the loss once.
  EXPECT_EQ(kronecker["fit_passes"]["backward_samples"], 5 * 10 * 80);
  EXPECT_EQ(kronecker["fit_passes"]["forward_samples"], 6 * 80);
  EXPECT_EQ(final["network"]["posterior"]["prediction"], "network");
  EXPECT_EQ(final["network"]["posterior"]["log_evidence_nats"], kronecker["log_evidence_nats"]);
  EXPECT_TRUE(kronecker.contains("kl_nats"));
  EXPECT_FALSE(final["diagonal"]["posterior"].contains("kl_nats"));
  EXPECT_FALSE(final["last"]["posterior"].contains("kl_nats"));

  const Said verified = gapbench("verify t1");
  EXPECT_NE(verified.text.find("5 trials: same bits 5"), std::string::npos) << verified.text;
  EXPECT_EQ(gapbench("compare t1").code, 0);
}

TEST_F(LaplaceTrials, TooManyParametersAreRefusedBeforeTraining) {
  std::string text = suite;
  const std::string from = "laplace_last_layer, prior_variance: 0.1, structure: full";
  text.replace(text.find(from), from.size(), "laplace_full");
  write("bad.yaml", text);
  const Said said = gapbench("run bad.yaml --dry-run");
  EXPECT_EQ(said.code, 1);
  EXPECT_NE(said.text.find("laplace_full.largest: is 3000, and there are 62006 parameters"),
            std::string::npos)
      << said.text;
}

}  // namespace
}  // namespace gapbench::testing

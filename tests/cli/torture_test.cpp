// Honest and hostile trials side by side while workers and runs are killed at random: honest records
// end in the bits of an undisturbed run, hostile ones with their outcome, and nothing is half-written.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <vector>

#include "cli/program.h"
#include "paths.h"

namespace gapbench::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* honest = R"(name: torture
datasets: [{name: synthetic10, train: 200, validation: 40, test: 60, augment: true}]
networks: [{name: mlp, width: 16}]
methods:
  momentum:
    optimizer: {name: sgd, learning_rate: 0.05, momentum: 0.9}
    regularizers: [{name: l2, lambda: 1e-4}]
    batch: 20
  follower: {optimizer: {name: external_graft, from: momentum}, batch: 20}
  sgd:
    optimizer: {name: sgd, learning_rate: [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07]}
    regularizers: [{name: dropout, rate: 0.1}]
    batch: 20
  adam:
    optimizer: {name: adam, learning_rate: [0.001, 0.002, 0.003, 0.004, 0.005, 0.006]}
    batch: 40
seeds: [1, 2]
budget: {epochs: 60}
evaluate: {every: {epochs: 10}}
)";

constexpr const char* hostile = R"(
  crash: {optimizer: {name: hostile, deed: crash}, batch: 20}
  hang: {optimizer: {name: hostile, deed: hang}, batch: 20}
  hog: {optimizer: {name: hostile, deed: hog}, batch: 20}
  nan: {optimizer: {name: hostile, deed: nan}, batch: 20}
  exit: {optimizer: {name: hostile, deed: exit}, batch: 20}
)";

class Torture : public ProgramTest {
 protected:
  Torture() {
    write("honest.yaml", honest);
    std::string both = honest;
    both.insert(both.find("seeds:"), std::string(hostile).substr(1));
    write("both.yaml", both);
  }

  /// By the place of the record and the file: what must be the same, however often it was cut off.
  std::map<std::string, std::string> deterministic(const std::string& results) const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(home() / results)) {
      const std::string name = entry.path().filename();
      if (name != "history.jsonl" && name != "steps.f32" && name != "trial.yaml") continue;
      const std::string place = entry.path().lexically_relative(home() / results).string();
      if (place.find("attempt-") != std::string::npos) continue;
      const std::string method = entry.path().parent_path().parent_path().filename();
      const std::string base = method.substr(0, method.find('@'));
      if (base == "momentum" || base == "follower" || base == "sgd" || base == "adam") {
        found[place] = read(entry.path());
      }
    }
    return found;
  }

  static std::string command() {
    return test::program() + " run both.yaml -o cut -j 2 --threads 1 --checkpoint-every 0.05s" +
           " --timeout 10s --memory 1G --retry crashed --plugins " +
           test::misbehaving_plugin_folder();
  }
};

TEST_F(Torture, HonestRecordsAreWholeAndHostileOnesCostTheirRows) {
  if (!limits_hold) GTEST_SKIP() << "no memory limit under a sanitizer";
  ASSERT_EQ(gapbench("run honest.yaml -o whole -j 2 --threads 1").code, 0);
  const char* asked = std::getenv("GAPBENCH_KILLS");
  const int kills = asked != nullptr ? std::atoi(asked) : 10;
  for (int k = 0; k < kills; ++k) {
    // Run and workers are one session; a worker is killed alone, a run with a signal of its own.
    const std::string victim = k % 2 == 0 ? "kill -9 $run" : "pkill -9 -o -P $run";
    const std::string pause = "0." + std::to_string(2 + k * 7 % 8);
    shell("cd " + home().string() + " && { " + command() + " > cut.log 2>&1 & run=$!; sleep " +
          pause + "; " + victim + "; sleep 0.1; kill -TERM $run; wait $run; }");
  }
  const Said rest = shell("cd " + home().string() + " && " + command());
  EXPECT_EQ(rest.code, 2) << rest.text;
  EXPECT_NE(rest.text.find("40 trials: 30 ok, 2 diverged, 2 timeout, 2 out_of_memory, 2 crashed, "
                           "2 error in "),
            std::string::npos)
      << rest.text;
  const auto whole = deterministic("whole");
  const auto cut = deterministic("cut");
  EXPECT_EQ(whole.size(), 30U * 2 + 2);
  EXPECT_EQ(cut.size(), whole.size());
  for (const auto& [place, text] : whole) EXPECT_EQ(cut.at(place) == text, true) << place;
  for (const auto& entry : fs::recursive_directory_iterator(home() / "cut")) {
    const std::string name = entry.path().filename();
    EXPECT_EQ(name.find(".part"), std::string::npos) << entry.path();
    EXPECT_NE(name, "lease") << entry.path();
  }
  EXPECT_EQ(gapbench("verify cut --sample 3").code, 0);
}

}  // namespace
}  // namespace gapbench::testing

// The whole path: a suite in, trained networks, records, a table out.
#include <map>
#include <vector>

#include "cli/program.h"
#include "paths.h"

namespace gapbench::testing {
namespace {

constexpr const char* suite = R"(name: tiny
datasets: [{name: synthetic10, train: 200, validation: 40, test: 60, augment: true}]
networks: [{name: cnn3, width: 4, hidden: 8}]
methods:
  sgd:
    optimizer: {name: sgd, learning_rate: 0.05, momentum: 0.9}
    regularizers: [{name: l2, lambda: 1e-4}]
    batch: 48
    micro_batch: 16
  adam:
    extends: sgd
    optimizer: {name: adam, learning_rate: 0.002}
seeds: [1, 2]
budget: {epochs: 2}
evaluate: {every: {epochs: 1}}
schedule: {kind: cosine, warmup: {steps: 2}}
probes: [{name: gradient_norm, micro_batch: 20, count: 4}]
baseline: sgd
)";

class EndToEnd : public ProgramTest {
 protected:
  EndToEnd() { write("tiny.yaml", suite); }

  // Path under the results folder -> contents, for every file of one name.
  std::map<std::string, std::string> files(const std::string& results,
                                           const std::string& name) const {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home() / results)) {
      if (entry.path().filename() != name) continue;
      found[std::filesystem::relative(entry.path(), home() / results).string()] =
          read(entry.path());
    }
    return found;
  }
};

TEST_F(EndToEnd, TrainsSkipsAndRepeats) {
  const Said first = gapbench("run tiny.yaml");
  ASSERT_EQ(first.code, 0) << first.text;
  EXPECT_EQ(files("results", "summary.json").size(), 4U);
  EXPECT_EQ(files("results", "trial.yaml").size(), 4U);
  EXPECT_EQ(files("results", "environment.json").size(), 4U);

  const Said again = gapbench("run tiny.yaml");
  EXPECT_EQ(again.code, 0) << again.text;
  EXPECT_NE(again.text.find("nothing to do"), std::string::npos) << again.text;

  const auto before = files("results", "history.jsonl");
  const auto victim = files("results", "summary.json").begin()->first;
  std::filesystem::remove_all((home() / "results" / victim).parent_path());
  const Said repeated = gapbench("run tiny.yaml");
  EXPECT_EQ(repeated.code, 0) << repeated.text;
  EXPECT_EQ(count_of(repeated.text, "train "), 1U) << repeated.text;  // one line, one trial
  EXPECT_EQ(files("results", "history.jsonl"), before);

  const Said table = gapbench("compare results");
  EXPECT_EQ(table.code, 0) << table.text;
  EXPECT_NE(table.text.find("| sgd"), std::string::npos) << table.text;
  EXPECT_NE(table.text.find("| adam"), std::string::npos) << table.text;
  EXPECT_NE(table.text.find("±"), std::string::npos) << table.text;
}

TEST_F(EndToEnd, TheSameBitsOnAnyThreadsAndJobs) {
  for (const std::string how : {"-j 1 --threads 1", "-j 2 --threads 1", "-j 1 --threads 2"}) {
    const Said said = gapbench("run tiny.yaml -o '" + how + "' " + how);
    ASSERT_EQ(said.code, 0) << said.text;
  }
  const auto one = files("-j 1 --threads 1", "history.jsonl");
  ASSERT_EQ(one.size(), 4U);
  for (const auto& [path, text] : one) EXPECT_EQ(count_of(text, "\n"), 3U) << path << text;
  EXPECT_EQ(files("-j 2 --threads 1", "history.jsonl"), one);
  EXPECT_EQ(files("-j 1 --threads 2", "history.jsonl"), one);
}

// Killed, not asked: the record on disk is all that is left.
TEST_F(EndToEnd, GoesOnAfterAKillInTheSameBits) {
  write("long.yaml", R"(name: long
datasets: [{name: synthetic10, train: 200, test: 40, augment: true}]
networks: [{name: resnet8, width: 4}]
methods:
  momentum: {optimizer: {name: sgd, learning_rate: 0.02, momentum: 0.9}, batch: 20}
  follower: {optimizer: {name: external_graft, from: momentum}, batch: 20, budget: {steps: 20}}
seeds: [1]
budget: {steps: 160}
evaluate: {every: {steps: 80}}
)");
  const Said killed =
      shell("cd " + home().string() + " && { setsid " + test::program() +
            " run long.yaml -o cut --checkpoint-every 0.01s & "
            "for k in $(seq 1500); do"
            " ls cut/long/*/*/momentum/seed-*/checkpoint 2>/dev/null && break; sleep 0.02; done; "
            "sleep 0.1; kill -9 -$!; wait; }");
  ASSERT_EQ(files("cut", "summary.json").size(), 0U) << killed.text;
  const Said rest = gapbench("run long.yaml -o cut");
  ASSERT_EQ(rest.code, 0) << rest.text;
  EXPECT_NE(rest.text.find("its checkpoint is of step "), std::string::npos) << rest.text;
  EXPECT_EQ(files("cut", "checkpoint").size(), 0U);
  EXPECT_NE(files("cut", "environment.json").rbegin()->second.find("continued"), std::string::npos);
  ASSERT_EQ(gapbench("run long.yaml -o whole").code, 0);
  EXPECT_EQ(files("cut", "history.jsonl"), files("whole", "history.jsonl"));
  EXPECT_EQ(files("cut", "steps.f32"), files("whole", "steps.f32"));
  EXPECT_EQ(count_of(files("cut", "log.txt").rbegin()->second, "goes on from step "), 1U);
}

// Grafted on itself and following itself, plain SGD comes out again.
TEST_F(EndToEnd, GraftsAndFollowsAcrossResumes) {
  write("graft.yaml", R"(name: graft
datasets: [{name: synthetic10, train: 200, test: 60}]
networks: [{name: cnn3, width: 4, hidden: 8}]
methods:
  follower: {optimizer: {name: external_graft, from: small}, batch: 50}
  small: {optimizer: {name: sgd, learning_rate: 0.05}, batch: 50}
  grafted:
    optimizer:
      name: graft
      magnitude: {name: sgd, learning_rate: 0.05}
      direction: {name: sgd, learning_rate: 0.05}
    batch: 50
  full: {optimizer: {name: gd, learning_rate: 0.05, clip: 0}, batch: all}
seeds: [1]
budget: {steps: 6}
)");
  const Said first = gapbench("run graft.yaml -j 2 --threads 1");
  ASSERT_EQ(first.code, 0) << first.text;
  auto histories = files("results", "history.jsonl");
  ASSERT_EQ(histories.size(), 4U);
  std::map<std::string, std::string> of;
  for (const auto& [path, text] : histories) {
    of[std::filesystem::path(path).parent_path().parent_path().filename()] = text;
  }
  EXPECT_EQ(of["grafted"], of["small"]);  // bit for bit
  EXPECT_EQ(files("results", "steps.f32").size(), 1U);
  EXPECT_EQ(files("results", "steps.f32").begin()->second.size(), 6 * sizeof(float));

  // Cut off before the follower: the recorded lengths are found again.
  const auto records = files("results", "summary.json");
  for (const auto& [path, text] : records) {
    if (path.find("follower") != std::string::npos) {
      std::filesystem::remove_all((home() / "results" / path).parent_path());
    }
  }
  const Said again = gapbench("run graft.yaml");
  ASSERT_EQ(again.code, 0) << again.text;
  EXPECT_NE(again.text.find("3 finished already, 1 to run"), std::string::npos) << again.text;
  EXPECT_EQ(files("results", "history.jsonl"), histories);
  const Said too_long = gapbench("run graft.yaml --set 'methods.follower.budget={steps: 9}'");
  EXPECT_EQ(too_long.code, 2) << too_long.text;
  EXPECT_NE(too_long.text.find("method \"small\" made 6 steps, this trial makes 9"),
            std::string::npos)
      << too_long.text;
}

TEST_F(EndToEnd, TunesThenRunsAndResumesBoth) {
  write("tune.yaml", R"(name: tuned
datasets: [{name: synthetic10, train: 200, validation: 50, test: 60}]
networks: [{name: cnn3, width: 4, hidden: 8}]
methods:
  small:
    optimizer: {name: sgd, learning_rate: 0.05}
    batch: 50
    tune: {optimizer.learning_rate: [0.1, 1e30]}
  follower:
    optimizer: {name: external_graft, from: small}
    batch: 50
seeds: [1]
tune: {seeds: [101], refit: true}
budget: {epochs: 2}
)");
  const Said plan = gapbench("run tune.yaml --dry-run");
  EXPECT_NE(plan.text.find("small (best of 2)"), std::string::npos) << plan.text;
  EXPECT_NE(plan.text.find("4 trials (2 of them tuning)"), std::string::npos) << plan.text;

  const Said first = gapbench("run tune.yaml");
  ASSERT_EQ(first.code, 0) << first.text;  // one configuration diverged, no trial that counts did
  EXPECT_NE(first.text.find("synthetic10 cnn3 small: small[learning_rate=0.1], the best of 2"),
            std::string::npos)
      << first.text;
  const auto histories = files("results", "history.jsonl");
  EXPECT_EQ(histories.size(), 4U);
  for (const auto& [path, text] : histories) {
    const bool tuning = path.find("/tuning/") != std::string::npos;
    EXPECT_EQ(text.find("\"test\"") == std::string::npos, tuning) << path;
    EXPECT_EQ(text.find("\"examples\":250") == std::string::npos, tuning) << path;  // refit
  }
  const Said table = gapbench("compare results");
  EXPECT_EQ(table.text.find("1e+30"), std::string::npos) << table.text;
  const Said progress = gapbench("watch results --once");
  EXPECT_NE(progress.text.find("2 of 2 done"), std::string::npos) << progress.text;

  // A resume repeats what is missing of either phase and chooses the same.
  for (const auto& [path, text] : histories) {
    const bool kept =
        path.find("1e+30") != std::string::npos || path.find("small/seed-1") != std::string::npos;
    if (kept) continue;
    std::filesystem::remove_all((home() / "results" / path).parent_path());
  }
  EXPECT_EQ(gapbench("run tune.yaml").code, 0);
  EXPECT_EQ(files("results", "history.jsonl"), histories);
}

TEST_F(EndToEnd, ADivergingTrialIsARow) {
  const Said said =
      gapbench("run tiny.yaml --set methods.sgd.optimizer.learning_rate=1e30 --set seeds=[1]");
  EXPECT_EQ(said.code, 2) << said.text;
  EXPECT_NE(said.text.find("1 diverged"), std::string::npos) << said.text;
  const Said table = gapbench("compare results");
  EXPECT_NE(table.text.find("1/1 diverged"), std::string::npos) << table.text;
}

TEST_F(EndToEnd, ADryRunShowsTheTrialsAndLeavesNothing) {
  const Said said = gapbench("run tiny.yaml --dry-run");
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_NE(said.text.find("4 trials"), std::string::npos) << said.text;
  EXPECT_FALSE(std::filesystem::exists(home() / "results"));
}

TEST_F(EndToEnd, ADryRunForeseesForTheSelectedTrialsOnly) {
  write("few.yaml",
        "name: few\ndatasets: [{name: synthetic10, train: 20, test: 20}]\n"
        "networks: [{name: resnet8, width: 4}]\n"
        "methods:\n"
        "  sgd: {optimizer: {name: sgd, learning_rate: 0.1}, batch: 16}\n"
        "  adam: {optimizer: {name: adam, learning_rate: 0.1}, batch: 20}\n"
        "seeds: [1, 2]\nbudget: {steps: 1}\n");
  const Said few = gapbench("run few.yaml --dry-run --only 'methods=sgd;seeds=1'");
  EXPECT_EQ(few.code, 0) << few.text;
  EXPECT_NE(few.text.find("note: 20 training examples in batches of 16"), std::string::npos)
      << few.text;
  EXPECT_NE(few.text.find("1 trial"), std::string::npos) << few.text;
  const Said enough = gapbench("run few.yaml --dry-run --only methods=adam");
  EXPECT_EQ(enough.code, 0) << enough.text;
  EXPECT_EQ(enough.text.find("in batches of"), std::string::npos) << enough.text;
  EXPECT_NE(enough.text.find("2 trials"), std::string::npos) << enough.text;
}

TEST_F(EndToEnd, ProblemPluginsTrainToo) {
  write("line.yaml",
        "name: line\nproblems: [{name: linear_teacher}]\n"
        "methods: {gd: {optimizer: {name: sgd, learning_rate: 0.001}, batch: 8}}\n"
        "seeds: [1]\nbudget: {steps: 20}\n");
  const Said said = gapbench("run line.yaml");
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_EQ(gapbench("compare results").code, 0);
}

}  // namespace
}  // namespace gapbench::testing

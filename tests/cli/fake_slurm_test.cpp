// What Slurm is asked for, by programs in its place that write down what they were told.
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "paths.h"

namespace gapbench::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr const char* suite = R"(name: cluster
datasets: [{name: synthetic10, train: 200, validation: 40, test: 60}]
networks: [{name: mlp, width: 8}]
slurm: {partition: long, time: 2h, memory: 1G, at_once: 3, sbatch: [--account=theory]}
tune: {seeds: [101]}
methods:
  tuned:
    optimizer: sgd
    batch: 20
    tune: {optimizer.learning_rate: [0.01, 0.05]}
  follower: {optimizer: {name: external_graft, from: tuned}, batch: 20}
  adam: {optimizer: {name: adam, learning_rate: 0.001}, batch: 40}
seeds: [1, 2]
budget: {epochs: 1}
)";

class FakeSlurm : public ProgramTest {
 protected:
  FakeSlurm() {
    write("suite.yaml", suite);
    fs::create_directory(home() / "bin");
    // Job numbers 101, 102, ...; all arguments in one line of `asked`.
    program("sbatch",
            "echo \"sbatch $*\" >> asked\n"
            "[ ! -e refuse ] || [ \"$(grep -c sbatch asked)\" -le \"$(cat refuse)\" ] ||\n"
            "  { echo 'sbatch: error: QOSMaxSubmitJobPerUserLimit' >&2; exit 1; }\n"
            "echo $((100 + $(grep -c sbatch asked)))");
    program("squeue", "echo \"squeue $*\" >> asked\ncat queue 2>/dev/null; exit 0");
    program("scancel", "echo \"scancel $*\" >> asked");
    program("scontrol", "echo 'MaxArraySize            = 1001'");
  }

  void program(const std::string& name, const std::string& text) const {
    write("bin/" + name, "#!/bin/sh\ncd " + home().string() + "\n" + text + "\n");
    fs::permissions(home() / "bin" / name, fs::perms::owner_all);
  }
  Said run(const std::string& arguments, const std::string& path = "bin:$PATH") const {
    return shell("cd " + home().string() +
                 " && env -u GAPBENCH_DATA XDG_DATA_HOME=" + home().string() +
                 " PATH=" + (path.starts_with("bin") ? home().string() + "/" : "") + path + " " +
                 test::program() + " " + arguments);
  }
  /// The lines of one program, with the test's folder as HOME and random names as TOKEN.
  std::string asked(const std::string& name) const {
    return shell("cd " + home().string() + " && grep '^" + name + "' asked | sed -e 's:" +
                 home().string() + ":HOME:g' -e 's/\\.[0-9a-f]\\{8\\}/.TOKEN/g'")
        .text;
  }
  /// The name of array k of a submission.
  std::string name(const std::string& submission, std::size_t k) const {
    const Json jobs =
        Json::parse(read(home() / "results/cluster/slurm" / submission / "jobs.json"));
    return jobs.at("arrays").at(k).at("name").get<std::string>();
  }
};

TEST_F(FakeSlurm, IsGivenAnArrayForEachStageAndLevel) {
  const Said said = run("run suite.yaml --on slurm --time 30m --sbatch=--qos=low --threads 2");
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_THAT(said.text,
              HasSubstr("8 trials: 0 finished, 0 at work in Slurm, 0 queued, 8 to submit"));
  EXPECT_THAT(said.text, HasSubstr("submitted as jobs 101, 102, 103, 104; script and logs in "));
  const std::string head = "sbatch --parsable --job-name=cluster.1.";
  const std::string where = " --chdir=HOME/results/cluster/slurm/1 --output=log/%A_%a.txt";
  const std::string script = " HOME/results/cluster/slurm/1/batch.sh ";
  EXPECT_EQ(asked("sbatch"),
            head + "0.TOKEN --array=0-1%3" + where + script + "0\n" +      // tuning
                head + "1.TOKEN --array=0-1%3" + where + script + "1\n" +  // adam
                head + "2.TOKEN --array=0-1%3" + where +                   // tuned
                " --dependency=afterany:101" + script + "2\n" + head +     // its follower
                "3.TOKEN --array=0-1%3" + where + " --dependency=afterany:101:103" + script +
                "3\n");
  EXPECT_EQ(read(home() / "results/cluster/slurm/1/array-0"), "0\n1\n");
  EXPECT_EQ(read(home() / "results/cluster/slurm/1/array-2"), "2\n3\n");
  EXPECT_EQ(read(home() / "results/cluster/slurm/1/suite.yaml"), suite);
  const std::string batch = read(home() / "results/cluster/slurm/1/batch.sh");
  for (const char* line :
       {"--cpus-per-task=2\n", "--requeue\n", "--signal=B:USR1@60\n", "--partition=long\n",
        "--time=0:30:00\n", "--mem=1280M\n", "--account=theory\n#SBATCH --qos=low\n"}) {
    EXPECT_THAT(batch, HasSubstr(std::string("#SBATCH ") + line));
  }
  EXPECT_THAT(batch, HasSubstr("--threads 2 "));
  EXPECT_THAT(batch, HasSubstr("--memory 1073741824 "));
}

TEST_F(FakeSlurm, IsNotGivenAgainWhatItHasOrWhatHasEnded) {
  ASSERT_EQ(run("run suite.yaml --on slurm").code, 0);
  ASSERT_EQ(run("run suite.yaml --trial 0 -q").code, 0);
  ASSERT_EQ(run("run suite.yaml --trial 6 -q").code, 0);  // adam, seed 1
  write("queue", "101|1|RUNNING|" + name("1", 0) + "|None\n103|0|PENDING|" + name("1", 2) +
                     "|Dependency\n101|0|RUNNING|another|None\n");
  const Said said = run("run suite.yaml --on slurm");
  EXPECT_THAT(said.text,
              HasSubstr("8 trials: 2 finished, 1 at work in Slurm, 1 queued, 4 to submit"));
  const std::string again = "results/cluster/slurm/2/";
  EXPECT_EQ(read(home() / (again + "array-0")), "7\n");  // adam, seed 2: waits for nothing
  EXPECT_EQ(read(home() / (again + "array-1")), "3\n");  // tuned, seed 2
  EXPECT_EQ(read(home() / (again + "array-2")), "4\n");  // follower of a queued one
  EXPECT_EQ(read(home() / (again + "array-3")), "5\n");  // follower of one of these
  const std::string sbatch = asked("sbatch");
  EXPECT_THAT(sbatch, HasSubstr("log/%A_%a.txt HOME/" + again + "batch.sh 0\n"));
  EXPECT_THAT(sbatch, HasSubstr("--dependency=afterany:101 HOME/" + again + "batch.sh 1\n"));
  EXPECT_THAT(sbatch, HasSubstr("--dependency=afterany:101:103 HOME/" + again + "batch.sh 2\n"));
  EXPECT_THAT(sbatch, HasSubstr("--dependency=afterany:101:106 HOME/" + again + "batch.sh 3\n"));

  const Json status = Json::parse(run("status results/cluster --json").text);
  EXPECT_EQ(status.at("counts").dump(), R"({"ok":2,"open":4,"queued":1,"starting":1})");
  EXPECT_EQ(status.at("trials").size(), 8U);
  EXPECT_THAT(run("status results/cluster --trials").text,
              HasSubstr("queued         synthetic10/mlp/tuned/seed-1  job 103_0  Dependency\n"));
  EXPECT_EQ(run("cancel results/cluster").text,
            "cancelled: jobs 101, 103, 1 at work (they write a checkpoint), 1 queued\n");
  EXPECT_EQ(asked("scancel"), "scancel 101 103\n");
}

TEST_F(FakeSlurm, SaysWhatItRefusesAndKeepsWhatItTook) {
  write("refuse", "2");
  Said said = run("run suite.yaml --on slurm");
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.text, HasSubstr("sbatch: error: QOSMaxSubmitJobPerUserLimit; 2 of 4 arrays were "
                                   "submitted, the same command submits the rest\n"));
  fs::remove(home() / "refuse");
  write("queue", "101|0|PENDING|" + name("1", 0) + "|None\n101|1|PENDING|" + name("1", 0) +
                     "|None\n102|0|RUNNING|" + name("1", 1) + "|None\n102|1|RUNNING|" +
                     name("1", 1) + "|None\n");
  said = run("run suite.yaml --on slurm");
  EXPECT_THAT(said.text, HasSubstr("2 at work in Slurm, 2 queued, 4 to submit"));
}

TEST_F(FakeSlurm, IsNamedWhereItIsNotThere) {
  const Said said = run("run suite.yaml --on slurm", "/nowhere");
  EXPECT_EQ(said.code, 1);
  EXPECT_EQ(said.text,
            "gapbench: slurm: scontrol is not in PATH: run this on a machine from which Slurm is "
            "used\n");
  EXPECT_FALSE(fs::exists(home() / "results/cluster/slurm/1"));
}

TEST_F(FakeSlurm, ADryRunShowsTheScriptAndSubmitsNothing) {
  const Said said = run("run suite.yaml --on slurm --dry-run --retry crashed");
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.text, HasSubstr("#SBATCH --time=2:00:00\n"));
  EXPECT_THAT(said.text, HasSubstr("|| set -- --retry crashed\n"));
  EXPECT_THAT(said.text,
              HasSubstr("# 8 trials: 0 finished, 0 at work in Slurm, 0 queued, 8 to submit\n"));
  EXPECT_FALSE(fs::exists(home() / "asked"));
  EXPECT_FALSE(fs::exists(home() / "results"));
}

TEST_F(FakeSlurm, FlagsThatCannotBeMeantAreRefused) {
  for (const auto& [flags, words] : std::map<std::string, std::string>{
           {"--at-once 3", "--at-once: has a meaning with --on slurm only"},
           {"--on slurm -j 2", "--jobs: is of one machine"},
           {"--on slurm --time 1m", "--time: must be 3m at least"},
           {"--on slurm --partition 'a b'", "--partition: must be the name of a partition"},
           {"--on slurm --sbatch=--array=1", "--sbatch: --array is set by gapbench itself"},
           {"--trial 8", "--trial: must be less than the 8 trials of the suite, got 8"}}) {
    const Said said = run("run suite.yaml " + flags);
    EXPECT_EQ(said.code, 1) << flags;
    EXPECT_THAT(said.text, HasSubstr("gapbench: " + words));
  }
  EXPECT_THAT(run("cancel nowhere").text, HasSubstr("nothing of it was submitted to Slurm"));
  EXPECT_THAT(run("status nowhere").text, HasSubstr("has no suite.json"));
}

TEST_F(FakeSlurm, IsGivenOneLookAfterTheOther) {
  write("looks.yaml", R"(name: looks
datasets: [{name: synthetic10, examples: 200, test_examples: 60, noise: 1}]
networks: [{name: mlp, width: 8}]
methods:
  slow: {optimizer: {name: sgd, learning_rate: 0.01}, batch: 20}
  fast: {optimizer: {name: sgd, learning_rate: 0.011}, batch: 20}
baseline: slow
seeds: {first: 4, looks: [3, 4]}
budget: {epochs: 1}
claims: [{method: fast, on: synthetic10}]
)");
  Said said = run("run looks.yaml --on slurm");
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_THAT(said.text, HasSubstr("6 to submit"));
  EXPECT_THAT(said.text,
              HasSubstr("look 1 of 2 is taken when its trials have ended: run again then"));
  ASSERT_EQ(run("run looks.yaml --only 'seeds=4-6' -q -j 2").code, 0);
  said = run("run looks.yaml --on slurm");
  EXPECT_THAT(said.text, HasSubstr("look 1 of 2: 1 of 1 problems go on to 4 seeds"));
  EXPECT_THAT(said.text,
              HasSubstr("8 trials: 6 finished, 0 at work in Slurm, 0 queued, 2 to submit"));
}

}  // namespace
}  // namespace gapbench::testing

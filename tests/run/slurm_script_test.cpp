// What a task does with signals and exit codes, by its script with small programs in the place of
// gapbench and Slurm.
#include "run/slurm/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/file.h"
#include "core/temporary_folder.h"

namespace gapbench::run::slurm {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class BatchScript : public ::testing::Test {
 protected:
  void executable(const std::string& name, const std::string& text) const {
    fs::permissions(folder_.write(name, "#!/bin/sh\n" + text + "\n"), fs::perms::owner_all);
  }

  /// Runs task 1 of array 0 with this in the place of gapbench; its script's exit code.
  int run(const std::string& gapbench, const std::string& before = "", int restarts = 0) const {
    executable("gapbench", "cd '" + folder_.path().string() + "'\necho \"$*\" > told\n" + gapbench);
    executable("scontrol",
               "case $1 in\n"  // of the array's own number Slurm tells all tasks
               "--oneliner) echo 'JobId=7 Requeue=1 Restarts=1 BatchFlag=2'\n"
               "  [ \"$4\" = 7_1 ] || echo 'JobId=8 Requeue=1 Restarts=0 BatchFlag=2' ;;\n"
               "requeue) echo \"$2\" > '" +
                   (folder_ / "requeued").string() + "' ;;\nesac");
    folder_.write("array-0", "4\n11\n");
    Order order;
    order.program = folder_ / "gapbench";
    order.flags = {"--set", "description=it's"};
    order.first_flags = {"--retry", "crashed"};
    folder_.write("batch.sh", batch_script(order, "demo", folder_.path()));
    const std::string command = "cd '" + folder_.path().string() + "' && " + before +
                                " PATH=\"$PWD:$PATH\" SLURM_JOB_ID=7 SLURM_ARRAY_JOB_ID=7 "
                                "SLURM_ARRAY_TASK_ID=1 "
                                "SLURM_RESTART_COUNT=" +
                                std::to_string(restarts) + " sh batch.sh 0";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  bool is_requeued() const { return fs::exists(folder_ / "requeued"); }

  test::TemporaryFolder folder_;
};

// The script is the parent of gapbench: the signal goes there, as Slurm sends it.
constexpr const char* goes_on_until_told =
    "trap 'echo $1 >> heard; exit 130' @ \nkill -s @ $PPID\nwhile :; do sleep 0.02; done";

std::string told(const std::string& signal) {
  std::string text = goes_on_until_told;
  for (std::size_t at; (at = text.find('@')) != std::string::npos;) text.replace(at, 1, signal);
  return text;
}

TEST_F(BatchScript, RunsTheTrialOfItsTask) {
  EXPECT_EQ(run("exit 0"), 0);
  EXPECT_EQ(read_file(folder_ / "told"),
            "run " + (folder_ / "suite.yaml").string() +
                " --set description=it's --trial 11 --retry crashed\n");
  EXPECT_EQ(run("exit 0", "", 1), 0);  // started again it goes on
  EXPECT_THAT(read_file(folder_ / "told"), Not(HasSubstr("--retry")));
}

TEST_F(BatchScript, ATrialThatIsNotOkHasARecordThatSaysSo) {
  EXPECT_EQ(run("exit 2"), 0);
  EXPECT_EQ(run("exit 1"), 1);
  EXPECT_EQ(run("exit 7"), 7);
  EXPECT_FALSE(is_requeued());
}

TEST_F(BatchScript, IsPutBackBeforeItsTimeLimit) {
  EXPECT_EQ(run(told("USR1"), "", 1), 130);
  EXPECT_EQ(read_file(folder_ / "requeued"), "7_1\n");
}

TEST_F(BatchScript, IsLeftToSlurmThatEndsIt) {
  EXPECT_EQ(run(told("TERM"), "", 1), 130);
  EXPECT_FALSE(is_requeued());
}

TEST_F(BatchScript, OfAnEarlierStartLeavesTheLaterOneAlone) {
  EXPECT_EQ(run(told("USR1"), "", 0), 130);
  EXPECT_FALSE(is_requeued());
}

TEST_F(BatchScript, SaysWhatItCannotFind) {
  EXPECT_EQ(run("exit 0", "rm array-0;"), 1);
  EXPECT_FALSE(fs::exists(folder_ / "told"));
}

}  // namespace
}  // namespace gapbench::run::slurm

#include "run/signals.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "core/isolated.h"
#include "run/runner_fixture.h"

namespace gapbench::run {
namespace {

class StopSignal : public RunnerTest, public ::testing::WithParamInterface<int> {};

TEST_P(StopSignal, IsARequestThatWorkersHearAsOneToEnd) {
  if (is_ignored(GetParam())) GTEST_SKIP() << "ignored, as by nohup";
  add("aaaaaaa1", Status::interrupted);
  add("aaaaaaa2");
  options_.grace_seconds = 60;
  const std::string name = signal_name(GetParam()).substr(3);
  EXPECT_EQ(run(std::string("trap '") + "cp \"$3/result\" \"$3/summary.json\"; exit 130" +
                "' TERM\nkill -" + name + " $PPID\nwhile :; do sleep 0.05; done"),
            exit_interrupted);
  EXPECT_EQ(outcome(0).status, Status::interrupted);
  EXPECT_EQ(starts(), 1U);
  EXPECT_THAT(output_, HasSubstr("stopped by " + signal_name(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(All, StopSignal, ::testing::ValuesIn(stop_signals),
                         [](const auto& test) { return signal_name(test.param); });

// Slurm, timeout(1) and batch scripts signal a whole group, and so more than once: that is one request.
TEST_F(RunnerTest, SignalsTogetherAreOneRequest) {
  add("aaaaaaa1", Status::interrupted);
  options_.grace_seconds = 60;
  EXPECT_EQ(
      run(std::string("trap 'sleep 0.3; ") + "cp \"$3/result\" \"$3/summary.json\"; exit 130" +
          "' TERM\nkill -INT $PPID; kill -TERM $PPID; kill -HUP $PPID\n" +
          "while :; do sleep 0.05; done"),
      exit_interrupted);
  EXPECT_EQ(outcome(0).reason, "as planned");  // it had time to write its own end
}

TEST_F(RunnerTest, ASecondRequestASecondLaterKills) {
  add("aaaaaaa1");
  options_.grace_seconds = 600;
  EXPECT_EQ(run("trap '' TERM\nkill -INT $PPID; sleep 1.2; kill -TERM $PPID\n"
                "while :; do sleep 0.05; done"),
            exit_interrupted);
  EXPECT_EQ(outcome(0).status, Status::interrupted);
  EXPECT_EQ(outcome(0).reason, "the run was stopped");
}

// A worker by hand: no coordinator tells it what a signal means.
TEST_P(StopSignal, IsHeardByAWorkerToo) {
  const pid_t child = fork();
  if (child == 0) {
    WorkerOptions options;
    options.folder = folder_.path();  // no trial.yaml: it ends at once, its handlers stay
    try {
      run_worker(options);
    } catch (const std::exception&) {
    }
    raise(GetParam());
    _exit(7);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "killed by " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST_F(RunnerTest, AReaderThatHasGoneDoesNotEndTheRun) {
  for (const char* head : {"aaaaaaa1", "aaaaaaa2", "aaaaaaa3"}) add(head);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    options_.worker_command = {"/bin/sh", folder_.write("worker.sh", good).string()};
    _exit(run_suite(suite_, options_));
  }
  close(ends[0]);
  close(ends[1]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "killed by " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  for (const std::size_t trial : {0U, 1U, 2U}) EXPECT_EQ(outcome(trial).status, Status::ok);
}

}  // namespace
}  // namespace gapbench::run

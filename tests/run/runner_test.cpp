#include "run/runner_fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "gapbench/error.h"
#include "paths.h"
#include "plugin/registry.h"
#include "run/process.h"

namespace gapbench::run {
namespace {

TEST_F(RunnerTest, RunsAllThenNothingThenOnlyWhatIsMissing) {
  for (const char* head : {"aaaaaaa1", "aaaaaaa2", "aaaaaaa3"}) add(head);
  EXPECT_EQ(run(good), 0);
  EXPECT_EQ(starts(), 3U);
  EXPECT_THAT(output_, HasSubstr("3 trials: 3 to run, 1 at a time"));
  EXPECT_THAT(
      output_,
      HasSubstr(
          "[1/3] ok cifar10 cnn3 sgd seed 1  train 75.0 % test 50.0 % gap 25.0  in 2.0 s  ETA "));
  EXPECT_THAT(output_, HasSubstr("3 trials: 3 ok in "));
  EXPECT_THAT(output_, HasSubstr("records in " + (options_.results / "demo").string()));
  EXPECT_THAT(output_, HasSubstr("next: gapbench compare "));

  EXPECT_EQ(run(good), 0);
  EXPECT_EQ(starts(), 3U);
  EXPECT_EQ(output_, "3 trials: 3 finished already, nothing to do\n");

  fs::remove(record(1) / "summary.json");
  EXPECT_EQ(run(good), 0);
  EXPECT_EQ(starts(), 4U);
  EXPECT_THAT(output_, HasSubstr("3 trials: 2 finished already, 1 to run"));
  EXPECT_THAT(output_, HasSubstr("again: cifar10 cnn3 sgd seed 2: it was cut off"));
  EXPECT_THAT(output_, HasSubstr("3 trials: 3 ok in "));

  options_.force = true;
  EXPECT_EQ(run(good), 0);
  EXPECT_EQ(starts(), 7U);
}

TEST_F(RunnerTest, SaysWhichTrialsAreOfAnotherBuildAndRedoesThem) {
  const auto plugins = plugin::Registry::load({test::plugin_folder()});
  options_.plugins = &plugins;
  for (const char* head : {"aaaaaaa1", "aaaaaaa2"}) add(head);  // of a library of hash 111...
  // The second trial's record comes to be of the library that is there.
  records::Record fresh = test::some_record("sgd", 2, "aaaaaaa2");
  fresh.plugins["optimizer sgd"] = plugins.find(ComponentKind::optimizer, "sgd").library_sha256;
  records::write_summary(record(1), fresh);
  fs::rename(record(1) / "summary.json", record(1) / "result");
  EXPECT_EQ(run(good), 0);
  EXPECT_EQ(run(good), 0);
  EXPECT_EQ(starts(), 2U);
  EXPECT_EQ(output_,
            "1 finished trial was made by another build of optimizer sgd; --redo changed runs it "
            "again\n2 trials: 2 finished already, nothing to do\n");

  options_.redo_changed = true;
  EXPECT_EQ(run(good), 0);
  EXPECT_EQ(starts(), 3U);
  EXPECT_THAT(output_, HasSubstr("2 trials: 1 finished already, 1 to run"));
  EXPECT_THAT(output_, HasSubstr("again: cifar10 cnn3 sgd seed 1: made by another build of "
                                 "optimizer sgd"));
}

TEST_F(RunnerTest, TellsTheWorkerWhichLibrariesToOpen) {
  const auto plugins = plugin::Registry::load({test::plugin_folder()});
  options_.plugins = &plugins;
  add("aaaaaaa1");
  run(std::string("printf '%s' \"$GAPBENCH_LIBRARIES\"\n") + good);
  EXPECT_EQ(read_file(record(0) / "log.txt"),
            (fs::path(test::plugin_folder()) / "optimizers_sgd.so").string() + "\n");
}

TEST_F(RunnerTest, WritesTrialAndSuiteForCompare) {
  add("aaaaaaa1");
  run(good);
  EXPECT_THAT(read_file(record(0) / "trial.yaml"), HasSubstr("method: sgd"));
  const records::Records records = records::read_records({options_.results});
  ASSERT_EQ(records.suites.size(), 1U);
  EXPECT_EQ(records.suites[0].baseline, "sgd");
}

TEST_F(RunnerTest, TellsTheWorkerAllItNeeds) {
  add("aaaaaaa1");
  options_.plugin_folders = {"p1", "p 2"};
  options_.threads = 3;
  run(std::string("printf '%s|' \"$@\"; echo OMP=$OMP_NUM_THREADS\n") + good);
  EXPECT_EQ(read_file(record(0) / "log.txt"),
            "worker|--record|" + record(0).string() +
                "|--data|data|--plugins|p1|--plugins|p 2|--threads|3|OMP=1\n");
}

TEST_F(RunnerTest, ACrashCostsOneRow) {
  for (const char* head : {"aaaaaaa1", "aaaaaaa2", "aaaaaaa3"}) add(head);
  const std::string script =
      "case $3 in *seed-2*) echo '7 40' >&3; echo last words; kill -SEGV $$;; esac\n";
  EXPECT_EQ(run(script + good), 2);
  EXPECT_EQ(outcome(0).status, Status::ok);
  EXPECT_EQ(outcome(2).status, Status::ok);
  const train::Outcome o = outcome(1);
  EXPECT_EQ(o.status, Status::crashed);
  EXPECT_EQ(o.reason, "SIGSEGV: last words");
  EXPECT_EQ(o.step, 7U);
  EXPECT_EQ(o.steps, 40U);
  EXPECT_GT(o.cost.total.wall_seconds, 0);
  EXPECT_EQ(o.cost.total.wall_seconds, o.cost.other.wall_seconds);
  EXPECT_GT(o.cost.peak_memory_bytes, 0U);
  EXPECT_THAT(output_, HasSubstr("3 trials: 2 ok, 1 crashed in "));
  EXPECT_THAT(output_, HasSubstr("cifar10 cnn3 sgd seed 2: crashed at step 7 of 40: SIGSEGV"));
  EXPECT_THAT(output_, HasSubstr("repeat: /bin/sh"));
  EXPECT_THAT(output_, HasSubstr("worker --record " + record(1).string() + " --data data"));
  EXPECT_EQ(run(good), 2);  // a row that stays until it is forced
  EXPECT_THAT(output_, HasSubstr("1 of them crashed; --retry crashed runs it again"));
  EXPECT_EQ(starts(), 3U);
}

TEST_F(RunnerTest, ARetryRunsWhatEndedSoAndKeepsTheOldAttempt) {
  for (const char* head : {"aaaaaaa1", "aaaaaaa2", "aaaaaaa3"}) add(head);
  const std::string script =
      "case $3 in *seed-2*) echo first try; echo '{}' > \"$3/history.jsonl\"; kill -SEGV $$;;\n"
      "*seed-3*) exit 1;; esac\n";
  EXPECT_EQ(run(script + good), 2);
  options_.retry = {Status::crashed, Status::timeout};
  EXPECT_EQ(run(good), 2);  // the third stays
  EXPECT_THAT(output_, HasSubstr("again: cifar10 cnn3 sgd seed 2: crashed; --retry"));
  EXPECT_EQ(starts(), 4U);
  EXPECT_EQ(outcome(1).status, Status::ok);
  EXPECT_EQ(outcome(2).status, Status::error);
  const fs::path kept = record(1) / "attempt-1";
  EXPECT_EQ(read_file(kept / "log.txt"), "first try\n");
  EXPECT_EQ(read_file(kept / "history.jsonl"), "{}\n");
  EXPECT_THAT(read_file(kept / "summary.json"), HasSubstr("SIGSEGV: first try"));
  EXPECT_EQ(records::read_records({options_.results}).good.size(), 3U);  // no trial of its own
  EXPECT_FALSE(fs::exists(record(2) / "attempt-1"));
  run(good);
  EXPECT_EQ(starts(), 4U);
}

// What had too little time or was killed goes on from there; what crashed by itself would again.
TEST_F(RunnerTest, ACheckpointSurvivesWhatIsNotTheTrialsFault) {
  for (const char* head : {"aaaaaaa1", "aaaaaaa2", "aaaaaaa3"}) add(head);
  options_.timeout_seconds = 1;
  run("touch \"$3/checkpoint\" \"$3/checkpoint.part.7\"\n"
      "case $3 in *seed-1*) kill -KILL $$;; *seed-2*) kill -SEGV $$;; esac; sleep 600");
  EXPECT_EQ(outcome(2).status, Status::timeout);
  EXPECT_TRUE(fs::exists(record(0) / "checkpoint"));
  EXPECT_FALSE(fs::exists(record(1) / "checkpoint"));
  EXPECT_TRUE(fs::exists(record(2) / "checkpoint"));
  EXPECT_FALSE(fs::exists(record(0) / "checkpoint.part.7"));  // of a writer that died
  options_.retry = {Status::crashed, Status::timeout};
  run("test -e \"$3/checkpoint\" && touch \"$3/seen\"\n" + std::string(good));
  EXPECT_TRUE(fs::exists(record(0) / "seen"));
  EXPECT_FALSE(fs::exists(record(1) / "seen"));
  EXPECT_TRUE(fs::exists(record(2) / "seen"));
}

TEST_F(RunnerTest, SaysHowAWorkerFailed) {
  add("aaaaaaa1");
  EXPECT_EQ(run("echo first; echo gone wrong >&2; exit 3"), 2);
  EXPECT_EQ(outcome(0).status, Status::error);
  EXPECT_EQ(outcome(0).reason, "worker ended with code 3: gone wrong");
  options_.force = true;
  run("exit 0");
  EXPECT_EQ(outcome(0).reason, "worker ended without a summary: its log is empty");
  run("kill -KILL $$");
  EXPECT_EQ(outcome(0).status, Status::crashed);
  EXPECT_THAT(outcome(0).reason,
              HasSubstr("SIGKILL (killed from outside, not for want of memory)"));
  run("echo '{' > \"$3/summary.json\"");
  EXPECT_THAT(outcome(0).reason, HasSubstr("worker ended without a summary"));
}

TEST_F(RunnerTest, ACommandThatCannotStartIsAnErrorRow) {
  add("aaaaaaa1");
  run(good);
  options_.force = true;
  options_.worker_command = {"/no/such/program"};
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(run_suite(suite_, options_), 2);
  ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(outcome(0).reason, HasSubstr("cannot be started: No such file or directory"));
}

TEST_F(RunnerTest, TheWorkersOwnVerdictStands) {
  add("aaaaaaa1", Status::diverged);
  EXPECT_EQ(run(std::string(good) + "exit 2"), 2);
  EXPECT_EQ(outcome(0).status, Status::diverged);
  EXPECT_EQ(outcome(0).reason, "as planned");
  EXPECT_THAT(output_, HasSubstr("1 trial: 1 diverged in "));
  options_.force = true;
  run(std::string(good) + "kill -ABRT $$");
  EXPECT_THAT(outcome(0).notes,
              ::testing::ElementsAre("the worker crashed after its result: SIGABRT"));
}

TEST_F(RunnerTest, TheSummaryOfAnotherTrialIsNotItsOwn) {
  add("aaaaaaa1").identity.back() = 'f';  // the worker will write one that ends in 0
  EXPECT_EQ(run(good), 2);
  EXPECT_EQ(outcome(0).status, Status::error);
  EXPECT_THAT(outcome(0).reason, HasSubstr("worker ended without a summary"));
}

TEST_F(RunnerTest, AHangingWorkerTimesOut) {
  add("aaaaaaa1");
  options_.timeout_seconds = 0.2;
  EXPECT_EQ(run("echo '5 10' >&3; sleep 600"), 2);
  EXPECT_EQ(outcome(0).status, Status::timeout);
  EXPECT_EQ(outcome(0).reason, "over 0.2 s");
  EXPECT_EQ(outcome(0).step, 5U);
}

TEST_F(RunnerTest, AWorkerThatIgnoresTheRequestIsKilled) {
  add("aaaaaaa1");
  options_.timeout_seconds = 0.2;
  EXPECT_EQ(run("trap '' TERM; while :; do sleep 0.05; done"), 2);
  EXPECT_EQ(outcome(0).status, Status::timeout);
}

TEST_F(RunnerTest, AWorkerThatEndsInTimeAfterTheRequestKeepsItsNumbers) {
  add("aaaaaaa1", Status::interrupted);
  options_.timeout_seconds = 0.2;
  options_.grace_seconds = 60;
  EXPECT_EQ(run(std::string("trap '") + "cp \"$3/result\" \"$3/summary.json\"; exit 130" +
                "' TERM\nwhile :; do sleep 0.05; done"),
            2);
  EXPECT_EQ(outcome(0).status, Status::timeout);
  EXPECT_EQ(outcome(0).cost.train.wall_seconds, 2);
}

TEST_F(RunnerTest, InterruptedStopsAllAndGoesOnLater) {
  for (const char* head : {"aaaaaaa1", "aaaaaaa2", "aaaaaaa3"}) add(head);
  EXPECT_EQ(run(std::string("case $3 in *seed-2*) kill -INT $PPID; sleep 600;; esac\n") + good),
            130);
  EXPECT_EQ(starts(), 2U);
  EXPECT_EQ(outcome(0).status, Status::ok);
  EXPECT_EQ(outcome(1).status, Status::interrupted);
  EXPECT_THAT(output_, HasSubstr("3 trials: 1 ok, 1 interrupted, 1 not run in "));
  EXPECT_THAT(output_, HasSubstr("stopped by SIGINT"));
  EXPECT_EQ(run(good), 0);
  EXPECT_EQ(starts(), 4U);
  EXPECT_THAT(output_, HasSubstr("again: cifar10 cnn3 sgd seed 2: interrupted at step 0"));
}

TEST_F(RunnerTest, AStoppedWorkerMayStillWriteItsOwnSummary) {
  add("aaaaaaa1", Status::interrupted);
  options_.grace_seconds = 60;
  EXPECT_EQ(run(std::string("trap '") + "cp \"$3/result\" \"$3/summary.json\"; exit 130" +
                "' TERM\nkill -INT $PPID\nwhile :; do sleep 0.05; done"),
            130);
  EXPECT_EQ(outcome(0).status, Status::interrupted);
  EXPECT_EQ(outcome(0).reason, "as planned");
}

TEST_F(RunnerTest, TrialsSideBySideHaveCoresOfTheirOwn) {
  if (allowed_cores().size() < 2) GTEST_SKIP() << "one core only";
  add("aaaaaaa1");
  add("aaaaaaa2");
  options_.jobs = 2;
  options_.threads = 1;
  // Each waits for the other to have started: they do run at the same time.
  const std::string script =
      "grep Cpus_allowed_list /proc/self/status > \"$3/cores\"; echo \"$@\" > \"$3/arguments\"\n"
      "while [ $(wc -l < '" +
      (folder_ / "started").string() + "') -lt 2 ]; do sleep 0.01; done\n";
  EXPECT_EQ(run(script + good), 0);
  const std::string first = read_file(record(0) / "cores");
  const std::string second = read_file(record(1) / "cores");
  EXPECT_NE(first, second);
  EXPECT_THAT(first, Not(HasSubstr("-")));  // one core, not a range
  EXPECT_THAT(read_file(record(0) / "arguments"), HasSubstr("--threads 1 --shared"));
}

TEST_F(RunnerTest, RefusesBeforeAnythingStarts) {
  EXPECT_THROW(run(good), Error);  // no trials
  ::testing::internal::GetCapturedStdout();
  add("aaaaaaa1");
  options_.jobs = 0;
  EXPECT_THROW(run(good), Error);
  ::testing::internal::GetCapturedStdout();
  options_.jobs = 1;
  options_.timeout_seconds = -1;
  EXPECT_THROW(run(good), Error);
  ::testing::internal::GetCapturedStdout();
  options_.timeout_seconds.reset();
  folder_.write("file", "");
  options_.results = folder_ / "file";
  EXPECT_THROW(run(good), Error);
  ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(starts(), 0U);
}

TEST_F(RunnerTest, AFolderThatCannotBeWrittenCostsItsOwnTrial) {
  add("aaaaaaa1");
  add("aaaaaaa2");
  fs::remove_all(record(0));
  test::TemporaryFolder().write("x", "");
  std::ofstream(record(0)) << "a file in the way";
  EXPECT_EQ(run(good), 2);
  EXPECT_EQ(outcome(1).status, Status::ok);
  EXPECT_THAT(output_, HasSubstr("2 trials: 1 ok, 1 error in "));
}

TEST_F(RunnerTest, QuietPrintsTheClosingLineOnly) {
  add("aaaaaaa1");
  options_.quiet = true;
  run(good);
  EXPECT_EQ(output_.find("1 trial: 1 ok in "), 0U);
}

TEST_F(RunnerTest, LongListsOfFailuresAreCut) {
  for (int i = 0; i < 12; ++i) add("aaaaaa" + std::to_string(10 + i));
  EXPECT_EQ(run("exit 1"), 2);
  EXPECT_THAT(output_, HasSubstr("12 trials: 12 error in "));
  EXPECT_THAT(output_, HasSubstr("and 2 more that are not ok"));
}

TEST_F(RunnerTest, WorkersDieWithTheRun) {
  add("aaaaaaa1");
  const pid_t run_process = fork();
  if (run_process == 0) {
    run("echo $$ > \"$3/pid.part\"; mv \"$3/pid.part\" \"$3/pid\"; exec sleep 600");
    _exit(0);
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto in_time = [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return std::chrono::steady_clock::now() < deadline;
  };
  while (!fs::exists(record(0) / "pid") && in_time()) {
  }
  const pid_t worker = std::stoi(read_file(record(0) / "pid"));
  EXPECT_EQ(kill(worker, 0), 0);
  kill(run_process, SIGKILL);
  waitpid(run_process, nullptr, 0);
  const auto is_alive = [worker] {  // a zombie that nobody reaps is dead
    std::ifstream in("/proc/" + std::to_string(worker) + "/stat");
    std::string pid, name, state;
    in >> pid >> name >> state;
    return in && state != "Z";
  };
  while (is_alive() && in_time()) {
  }
  EXPECT_FALSE(is_alive());
}

}  // namespace
}  // namespace gapbench::run

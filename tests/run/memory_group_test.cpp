#include "run/memory_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>

#include "core/file.h"
#include "run/runner_fixture.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;
using train::Status;

constexpr std::uint64_t megabyte = 1ULL << 20U;

class MemoryGroupTest : public testing::Test {
 protected:
  void write(const char* file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    root_.write(file, text);
  }
  fs::path mine(const char* parent) const {
    return root_ / parent / ("gapbench-" + std::to_string(getpid()) + "-0");
  }

  TemporaryFolder root_;
};

TEST_F(MemoryGroupTest, NothingWithoutAController) {
  EXPECT_FALSE(MemoryGroup::make(megabyte, root_.path()));
  write("proc/self/cgroup", "0::/user/session\n");
  write("sys/fs/cgroup/user/session/cgroup.subtree_control", "cpu pids\n");
  EXPECT_FALSE(MemoryGroup::make(megabyte, root_.path()));
  EXPECT_FALSE(fs::exists(mine("sys/fs/cgroup/user/session")));
}

TEST_F(MemoryGroupTest, Version2BesideOurOwnWhichHandsNothingDown) {
  write("proc/self/cgroup", "0::/app/run\n");
  write("sys/fs/cgroup/app/run/cgroup.subtree_control", "\n");
  write("sys/fs/cgroup/app/cgroup.subtree_control", "cpu memory\n");
  const auto group = MemoryGroup::make(5 * megabyte, root_.path());
  ASSERT_TRUE(group);
  const fs::path folder = mine("sys/fs/cgroup/app");
  EXPECT_EQ(group->members(), folder / "cgroup.procs");
  EXPECT_EQ(read_file(folder / "memory.max"), "5242880");
  EXPECT_EQ(read_file(folder / "memory.swap.max"), "0");
  EXPECT_FALSE(group->had_oom_kill());
  std::ofstream(folder / "memory.events") << "oom 1\noom_kill 1\n";
  EXPECT_TRUE(group->had_oom_kill());
}

TEST_F(MemoryGroupTest, Version1BelowOurOwn) {
  write("proc/self/cgroup", "4:memory:/box\n");
  fs::create_directories(root_ / "sys/fs/cgroup/memory/box");
  const auto group = MemoryGroup::make(5 * megabyte, root_.path());
  ASSERT_TRUE(group);
  EXPECT_EQ(read_file(mine("sys/fs/cgroup/memory/box") / "memory.limit_in_bytes"), "5242880");
}

TEST_F(MemoryGroupTest, WhatADeadCoordinatorLeftIsTakenAway) {
  write("proc/self/cgroup", "4:memory:/\n");
  const fs::path left = root_ / "sys/fs/cgroup/memory/gapbench-2147483647-3";
  const fs::path others = root_ / "sys/fs/cgroup/memory/gapbench-1-0";
  fs::create_directories(left);
  fs::create_directories(others);
  ASSERT_TRUE(MemoryGroup::make(megabyte, root_.path()));
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(others));
}

/// One that has ended may wait for its parent: it has no command line any more.
bool is_alive(int process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/cmdline");
  return in.get() != std::ifstream::traits_type::eof();
}

TEST(WithProgram, IsAQuarterMoreAndNotTooLittle) {
  EXPECT_EQ(with_program(100 * megabyte), 228 * megabyte);
  EXPECT_EQ(with_program(4096 * megabyte), 5120 * megabyte);
}

// Memory that no limit of a process counts: a file in memory.
TEST_F(RunnerTest, MemoryBesideTheWorkersOwnCountsWhereTheSystemGrantsAGroup) {
  if (!MemoryGroup::make(megabyte)) GTEST_SKIP() << "no control group can be made here";
  const fs::path file = fs::path("/dev/shm") / ("gapbench-test-" + std::to_string(getpid()));
  add("aaaaaaa1");
  options_.memory_bytes = 16 * megabyte;  // 144 MB with all
  run("echo last words; dd if=/dev/zero of='" + file.string() +
      "' bs=1M count=400 2>/dev/null || exit 5");
  fs::remove(file);
  EXPECT_EQ(outcome(0).status, Status::out_of_memory);
  EXPECT_THAT(outcome(0).reason, StartsWith("a process that it started was killed by the system"));
  EXPECT_THAT(outcome(0).reason, HasSubstr("last words"));
}

// A process that left the worker's group of processes goes with the trial.
TEST_F(RunnerTest, WhatAWorkerLeavesBehindGoesWithItsControlGroup) {
  if (!MemoryGroup::make(megabyte)) GTEST_SKIP() << "no control group can be made here";
  add("aaaaaaa1");
  options_.memory_bytes = 64 * megabyte;
  run("setsid sh -c 'echo $$ > \"" + (folder_ / "stray").string() +
      "\"; exec sleep 600' & while [ ! -s '" + (folder_ / "stray").string() + "' ]; do :; done\n" +
      std::string(good));
  EXPECT_EQ(outcome(0).status, Status::ok);
  EXPECT_FALSE(is_alive(std::stoi(read_file(folder_ / "stray"))));
}

}  // namespace
}  // namespace gapbench::run

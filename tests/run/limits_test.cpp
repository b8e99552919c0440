#include "run/limits.h"

#include "gapbench/error.h"
#include "run/runner_fixture.h"

namespace gapbench::run {
namespace {

class LimitsTest : public ::testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    root_.write(path, text);
  }

  TemporaryFolder root_;
};

TEST_F(LimitsTest, NoQuotaIsNone) {
  EXPECT_FALSE(cpu_quota(root_.path()));
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_FALSE(cpu_quota(root_.path()));
  write("proc/self/cgroup", "3:cpu,cpuacct:/a\n");
  write("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
  EXPECT_FALSE(cpu_quota(root_.path()));
}

TEST_F(LimitsTest, TheSmallestQuotaOfAllLevelsCounts) {
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/cpu.max", "300000 100000\n");
  EXPECT_EQ(cpu_quota(root_.path()), 3);
  write("sys/fs/cgroup/a/cpu.max", "75000 50000\n");
  EXPECT_EQ(cpu_quota(root_.path()), 1.5);
}

TEST_F(LimitsTest, Version1AndAContainerThatSeesItselfAsTheRoot) {
  write("proc/self/cgroup", "5:memory:/x\n3:cpu:/docker/0a1b\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cpu_quota(root_.path()), 2);
}

TEST_F(LimitsTest, KillsForWantOfMemoryAreCountedWhereTheyCanBeSeen) {
  EXPECT_EQ(oom_kills(root_.path()), 0U);
  write("proc/vmstat", "nr_free_pages 12\noom_kill 7\n");
  EXPECT_EQ(oom_kills(root_.path()), 7U);
  write("proc/self/cgroup", "4:memory:/a\n");
  write("sys/fs/cgroup/memory/a/memory.oom_control",
        "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
  EXPECT_EQ(oom_kills(root_.path()), 3U);
  write("proc/self/cgroup", "0::/a\n");
  write("sys/fs/cgroup/a/memory.events", "low 0\noom 2\noom_kill 1\n");
  EXPECT_EQ(oom_kills(root_.path()), 1U);
}

TEST(Bytes, AreReadWithTheirUnit) {
  EXPECT_EQ(bytes_of("--memory", "4096"), 4096U);
  EXPECT_EQ(bytes_of("--memory", "1K"), 1024U);
  EXPECT_EQ(bytes_of("--memory", "1.5M"), 1572864U);
  EXPECT_EQ(bytes_of("--memory", "4G"), 4294967296U);
  EXPECT_EQ(bytes_of("--memory", "2T"), 2199023255552U);
  for (const char* bad : {"", "G", "-1G", "0", "4GB", "4g", "nan", "inf", "1e30"}) {
    EXPECT_THROW(bytes_of("--memory", bad), Error) << bad;
  }
}

// The kernel's count rises, or it does not: all else is the same.
TEST_F(RunnerTest, AKillForWantOfMemoryIsToldFromOthers) {
  add("aaaaaaa1");
  add("aaaaaaa2");
  fs::create_directories(folder_ / "proc");
  folder_.write("proc/vmstat", "oom_kill 7\n");
  options_.system = folder_.path();
  run("case $3 in *seed-1*) echo 'oom_kill 8' > '" + (folder_ / "proc/vmstat").string() +
      "';; esac\necho last words; kill -KILL $$");
  EXPECT_EQ(outcome(0).status, Status::out_of_memory);
  EXPECT_THAT(outcome(0).reason, HasSubstr("killed by the system for want of memory; it held "));
  EXPECT_THAT(outcome(0).reason, HasSubstr(" MB at most: last words"));
  EXPECT_EQ(outcome(1).status, Status::crashed);
  EXPECT_EQ(outcome(1).reason, "SIGKILL (killed from outside, not for want of memory): last words");
}

TEST_F(RunnerTest, AnExceptionThatNobodyCaughtIsToldFromOtherAborts) {
  add("aaaaaaa1");
  run("echo \"  what():  std::bad_alloc\"; kill -ABRT $$");
  EXPECT_EQ(outcome(0).status, Status::out_of_memory);
}

TEST_F(RunnerTest, TheMemoryLimitIsTheWorkers) {
  add("aaaaaaa1");
  options_.memory_bytes = std::uint64_t{64} << 20U;
  run("ulimit -d > \"$3/limit\"\n" + std::string(good));
  EXPECT_EQ(read_file(record(0) / "limit"), "65536\n");  // in units of 1024 bytes
  options_.memory_bytes.reset();
  options_.force = true;
  run("ulimit -d > \"$3/limit\"\n" + std::string(good));
  EXPECT_NE(read_file(record(0) / "limit"), "65536\n");
}

TEST_F(RunnerTest, AQuotaOfProcessorTimeCountsAsCores) {
  add("aaaaaaa1");
  fs::create_directories(folder_ / "proc/self");
  fs::create_directories(folder_ / "sys/fs/cgroup");
  folder_.write("proc/self/cgroup", "0::/\n");
  folder_.write("sys/fs/cgroup/cpu.max", "100000 100000\n");
  options_.system = folder_.path();
  run(good);
  EXPECT_THAT(output_, HasSubstr("1 at a time, 1 thread each"));
}

}  // namespace
}  // namespace gapbench::run

#include "run/lease.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "gapbench/error.h"
#include "run/runner_fixture.h"

namespace gapbench::run {
namespace {

constexpr double dead_after = 60;

class LeaseTest : public ::testing::Test {
 protected:
  std::optional<Lease> take() const { return Lease::take(folder_.path(), dead_after); }
  bool is_held() const { return is_leased(folder_.path(), dead_after); }
  fs::path file() const { return folder_ / lease_file; }

  /// A lease of another machine, renewed so many seconds ago by the clock of the file system.
  void foreign(double age) const {
    folder_.write(lease_file, "00ff 1234567890abcdef\n");
    const auto renewed = fs::last_write_time(file());
    fs::last_write_time(file(), renewed - std::chrono::milliseconds(static_cast<long>(1000 * age)));
  }

  TemporaryFolder folder_;
};

TEST_F(LeaseTest, OneHolderAtATime) {
  EXPECT_FALSE(is_held());
  {
    auto first = take();
    ASSERT_TRUE(first);
    EXPECT_TRUE(is_held());
    EXPECT_FALSE(take());
    EXPECT_TRUE(first->renew());
    EXPECT_TRUE(has_lease(folder_.path(), first->token()));
    const Lease moved = std::move(*first);
    EXPECT_TRUE(moved.is_ours());
  }
  EXPECT_FALSE(fs::exists(file()));
  EXPECT_TRUE(take());
}

TEST_F(LeaseTest, AHolderThatDiedHereHasLostItAtOnce) {
  const pid_t child = fork();
  if (child == 0) {
    const auto lease = take();
    _exit(lease ? 0 : 1);  // without its destructor, as by a kill
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  ASSERT_TRUE(fs::exists(file()));
  EXPECT_FALSE(is_held());
  EXPECT_TRUE(take());
}

TEST_F(LeaseTest, AnotherMachineLosesItByItsSilence) {
  foreign(30);
  EXPECT_TRUE(is_held());
  EXPECT_FALSE(take());
  foreign(61);
  EXPECT_FALSE(is_held());
  const auto lease = take();
  ASSERT_TRUE(lease);
  EXPECT_TRUE(lease->is_ours());
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder_.path())) ++files;
  EXPECT_EQ(files, 1U);  // nothing is left of the dead one
}

TEST_F(LeaseTest, WhoLostItNoticesAndLeavesTheNewOneAlone) {
  {
    auto slow = take();
    foreign(0);  // another one took it
    EXPECT_FALSE(slow->is_ours());
    EXPECT_FALSE(slow->renew());
  }
  EXPECT_EQ(read_file(file()), "00ff 1234567890abcdef\n");
}

TEST_F(LeaseTest, AFileThatSaysNothingIsHeldUntilItIsOld) {
  folder_.write(lease_file, "");
  EXPECT_FALSE(take());
  fs::last_write_time(file(), fs::last_write_time(file()) - std::chrono::seconds(61));
  EXPECT_TRUE(take());
}

TEST_F(LeaseTest, NamesNoMachineAndSaysWhyThereIsNone) {
  const auto lease = take();
  EXPECT_EQ(read_file(file()).size(), 32U + 1 + 16 + 1);
  EXPECT_THROW(Lease::take(folder_ / "absent", dead_after), Error);
}

TEST_F(RunnerTest, ATrialThatAnotherRunIsAtIsLeftToItAndWaitedFor) {
  for (const char* head : {"aaaaaaa1", "aaaaaaa2"}) add(head);
  const fs::path first = record(0);
  fs::create_directories(first);
  write_file_atomically(first / lease_file, "00ff 1234567890abcdef\n");  // of another machine
  // That one ends while this one works: as seen from here, its summary comes and its lease goes.
  EXPECT_EQ(run("cp '" + (first / "result").string() + "' '" + (first / "summary.json").string() +
                "'; rm '" + (first / lease_file).string() + "'\n" + good),
            0);
  EXPECT_EQ(starts(), 1U);
  EXPECT_THAT(output_, HasSubstr("2 trials: 2 ok in "));
  EXPECT_FALSE(fs::exists(record(1) / lease_file));
}

TEST_F(RunnerTest, WhatADeadMachineWasAtIsTakenOver) {
  add("aaaaaaa1");
  options_.lease_seconds = 0.3;
  write_file_atomically(record(0) / lease_file, "00ff 1234567890abcdef\n");
  EXPECT_EQ(run(good), 0);
  EXPECT_EQ(starts(), 1U);
}

TEST_F(RunnerTest, TheLeaseThatAKilledRunLeftInAFinishedTrialGoes) {
  add("aaaaaaa1");
  EXPECT_EQ(run(good), 0);
  const fs::path left = record(0) / lease_file;
  write_file_atomically(left, "00ff 1234567890abcdef\n");
  fs::last_write_time(left, fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_EQ(run(good), 0);
  EXPECT_EQ(starts(), 1U);
  EXPECT_FALSE(fs::exists(record(0) / lease_file));
}

TEST_F(RunnerTest, AWorkerWhoseTrialWasTakenOverWritesNothing) {
  add("aaaaaaa1");
  EXPECT_EQ(run("printf '00ff 1234567890abcdef\\n' > \"$3/lease\"; exit 75"), 2);
  EXPECT_FALSE(fs::exists(record(0) / "summary.json"));
  EXPECT_THAT(output_, HasSubstr("another run has taken it over"));
}

}  // namespace
}  // namespace gapbench::run

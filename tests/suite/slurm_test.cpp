// What a suite may ask of Slurm, and what it is refused with.
#include "suite/language/slurm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "fake_catalog.h"

namespace gapbench::suite::test {
namespace {

std::string with(const std::string& block) { return std::string(tiny) + "slurm: " + block + "\n"; }

SlurmSettings slurm(const std::string& block) { return read(with(block)).slurm; }

TEST(Slurm, IsReadAndIsInNoIdentity) {
  const SlurmSettings s = slurm(
      "{partition: \"long,gpu_2\", time: 4h, memory: 4G, at_once: 50, sbatch: [--account=theory, "
      "-w node1]}");
  EXPECT_EQ(s.partition, "long,gpu_2");
  EXPECT_EQ(s.seconds, 4 * 3600.0);
  EXPECT_EQ(s.memory_bytes, std::uint64_t{4} << 30);
  EXPECT_EQ(s.at_once, 50U);
  EXPECT_THAT(s.sbatch, ::testing::ElementsAre("--account=theory", "-w node1"));
  EXPECT_EQ(read(tiny).slurm, SlurmSettings());
  EXPECT_EQ(slurm("{}"), SlurmSettings());

  const Checksum sum = [](const train::DataSettings&) { return std::string("sum"); };
  Suite asked = read(with("{time: 4h}"));
  Suite plain = read(tiny);
  seal(asked, sum);
  seal(plain, sum);
  EXPECT_EQ(asked.trials[0].identity, plain.trials[0].identity);
}

TEST(Slurm, Quantities) {
  EXPECT_EQ(slurm("{time: 180}").seconds, 180);
  EXPECT_EQ(slurm("{time: 3m}").seconds, 180);
  EXPECT_EQ(slurm("{time: 1.5h}").seconds, 5400);
  EXPECT_EQ(slurm("{memory: 512M}").memory_bytes, std::uint64_t{512} << 20);
  EXPECT_EQ(slurm("{memory: 1000}").memory_bytes, 1000U);
  EXPECT_EQ(slurm("{memory: 0.5K}").memory_bytes, 512U);
  EXPECT_EQ(slurm("{memory: 2T}").memory_bytes, std::uint64_t{2} << 40);
  EXPECT_EQ(slurm("{at_once: 1}").at_once, 1U);
  EXPECT_EQ(slurm("{at_once: 1000000}").at_once, 1000000U);
}

struct Case {
  const char* name;
  const char* block;
  const char* refusal;  ///< behind "s.yaml:10: "
};

class SlurmMistake : public ::testing::TestWithParam<Case> {};

TEST_P(SlurmMistake, IsNamedWithItsPlace) {
  EXPECT_EQ(refusal(with(GetParam().block)), std::string("s.yaml:10: ") + GetParam().refusal);
}

INSTANTIATE_TEST_SUITE_P(
    All, SlurmMistake,
    ::testing::Values(
        Case{"UnknownKey", "{partitoin: long}",
             "unknown key \"partitoin\"; did you mean \"partition\"?"},
        Case{"NoBlock", "long", "slurm must be a block, as in {time: 1h}, got \"long\""},
        Case{"NoValue", "{time: }", "\"time\" has no value"},
        Case{"TimeTooShort", "{time: 179s}",
             "slurm.time must be a time above 0 such as 90s, 10m or 2h, 3m at least, got \"179s\""},
        Case{"TimeOfSlurm", "{time: 1-00:00:00}",
             "slurm.time must be a time above 0 such as 90s, 10m or 2h, 3m at least, got "
             "\"1-00:00:00\""},
        Case{"TimeWithoutEnd", "{time: inf}",
             "slurm.time must be a time above 0 such as 90s, 10m or 2h, 3m at least, got \"inf\""},
        Case{"TimeList", "{time: [4h]}",
             "slurm.time must be a time above 0 such as 90s, 10m or 2h, 3m at least, got a list"},
        Case{"MemoryUnit", "{memory: 4GB}",
             "slurm.memory must be a size such as 512M or 4G, got \"4GB\""},
        Case{"MemoryNone", "{memory: 0}", "slurm.memory must be a size such as 512M or 4G, got 0"},
        Case{"MemoryMuch", "{memory: 9999999T}",
             "slurm.memory must be a size such as 512M or 4G, got \"9999999T\""},
        Case{"AtOnceNone", "{at_once: 0}",
             "slurm.at_once must be a whole number in [1, 1000000], got 0"},
        Case{"Partition", "{partition: \"a b\"}",
             "slurm.partition: must be the name of a partition, or several joined by commas, got "
             "\"a b\""},
        Case{"PartitionOfTheShell", "{partition: \"a;reboot\"}",
             "slurm.partition: must be the name of a partition, or several joined by commas, got "
             "\"a;reboot\""},
        Case{"PartitionEmpty", "{partition: \"\"}",
             "slurm.partition: must be the name of a partition, or several joined by commas, got "
             "\"\""},
        Case{"SbatchNoList", "{sbatch: --account=x}",
             "slurm.sbatch must be a list of options of sbatch, as in [--account=theory], got "
             "\"--account=x\""},
        Case{"SbatchNoOption", "{sbatch: [account=x]}",
             "slurm.sbatch: must be an option of sbatch, as in --account=theory, got "
             "\"account=x\""},
        Case{"SbatchTwoLines", "{sbatch: [\"--account=x\\nrm -rf /\"]}",
             "slurm.sbatch: must be an option of sbatch, as in --account=theory, got "
             "\"--account=x\""},
        Case{"SbatchOurs", "{sbatch: [--array=0-9]}",
             "slurm.sbatch: --array is set by gapbench itself"},
        Case{"SbatchOursShort", "{sbatch: [\"-J name\"]}",
             "slurm.sbatch: -J is set by gapbench itself"},
        Case{"SbatchNoText", "{sbatch: [[--account=x]]}", "slurm.sbatch: must be text"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Slurm, EveryMistakeIsToldAtOnce) {
  const std::string said = refusal(with("{time: 1s, memory: x, sbatch: [a, b]}"));
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 4);  // below "4 mistakes"
}

}  // namespace
}  // namespace gapbench::suite::test

#include "records/cpu.h"

#include <gtest/gtest.h>

#include "core/temporary_folder.h"

namespace gapbench::records {
namespace {

std::string cpu_in(const std::string& text) {
  const test::TemporaryFolder folder;
  folder.write("environment.json", text);
  return cpu_of(folder.path());
}

TEST(Cpu, IsThatOfTheMachineAndOfNothingElse) {
  EXPECT_EQ(cpu_in(R"({"cpu": "a", "machine": {"cores": 2, "cpu": "b"}, "cpus": "c"})"), "b");
  EXPECT_EQ(cpu_in(R"({"continued": [{"machine": {"cpu": "a"}}], "machine": {"cpu": "b"}})"), "b");
  EXPECT_EQ(cpu_in(R"({"machine": {"inner": {"cpu": "a"}, "cpu": "b"}})"), "b");
}

TEST(Cpu, IsUnknownWhereItIsNotNamed) {
  EXPECT_EQ(cpu_in(R"({"machine": {"cpu": ["a"]}})"), "");
  EXPECT_EQ(cpu_in(R"({"machine": {"cpu": 7, "core": "a"}})"), "");
  EXPECT_EQ(cpu_in(R"({"machine": "cpu"})"), "");
  EXPECT_EQ(cpu_in(R"({"machine": {"cp)"), "");
  EXPECT_EQ(cpu_in(""), "");
  EXPECT_EQ(cpu_of("no/such/folder"), "");
}

}  // namespace
}  // namespace gapbench::records

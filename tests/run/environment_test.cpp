#include "run/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/plan.h"
#include "run/process.h"

namespace gapbench::run {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CommandLine, IsReadBackByAShell) {
  EXPECT_EQ(shell_quoted("plain-1.0/x=y"), "plain-1.0/x=y");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("two words"), "'two words'");
  EXPECT_EQ(shell_quoted("it's; rm *"), "'it'\\''s; rm *'");
}

TEST(CommandLine, HidesAbsolutePaths) {
  EXPECT_EQ(anonymous_command_line({"/usr/bin/gapbench", "run", "suites/a b.yaml", "--data",
                                    "/home/x/data/", "--plugins=/opt/p", "-j", "2"}),
            "gapbench run 'suites/a b.yaml' --data data --plugins=p -j 2");
}

TEST(CommandLine, IsOurOwn) {
  EXPECT_THAT(own_arguments().at(0), ::testing::HasSubstr("test_run"));
}

TEST(ShareCores, AreDisjointAsLongAsThereAreEnough) {
  EXPECT_THAT(share_cores({4, 5, 6, 7}, 2, 2), ElementsAre(ElementsAre(4, 5), ElementsAre(6, 7)));
  EXPECT_THAT(share_cores({4, 5, 6}, 3, 1),
              ElementsAre(ElementsAre(4), ElementsAre(5), ElementsAre(6)));
  EXPECT_THAT(share_cores({4, 5}, 3, 1),
              ElementsAre(ElementsAre(4), ElementsAre(5), ElementsAre(4)));
  EXPECT_THAT(share_cores({4, 5}, 1, 8), ElementsAre(ElementsAre(4, 5)));
  EXPECT_THAT(share_cores({}, 1, 2), ElementsAre(IsEmpty()));
}

}  // namespace
}  // namespace gapbench::run

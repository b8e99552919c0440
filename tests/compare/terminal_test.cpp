// Pages as a terminal shows them.
#include <gtest/gtest.h>

#include "compare/pages/page.h"

namespace gapbench::compare {
namespace {

Page table() {
  Table t("caption");
  t.add("Method", {"sgd", "adam [batch=64]"});
  Cell best("77.17 ± 0.59");
  best.best = true;
  t.add("Test accuracy % ↑", {best, "7"});
  t.add("n", {"2", "10"});
  return {t};
}

TEST(Terminal, TablesAreAlignedAndHeadingsWrapped) {
  EXPECT_EQ(to_terminal(table(), {.width = 80}),
            "                 Test accuracy\n"
            "Method                     % ↑   n\n"
            "----------------------------------\n"
            "sgd              77.17 ± 0.59*   2\n"
            "adam [batch=64]              7  10\n");
}

TEST(Terminal, TheBestIsBoldWhereItCanBe) {
  const std::string text = to_terminal(table(), {.width = 80, .bold = true});
  EXPECT_NE(text.find("  \x1b[1m77.17 ± 0.59\x1b[0m   2\n"), std::string::npos) << text;
  EXPECT_EQ(text.find('*'), std::string::npos);
}

TEST(Terminal, AWideTableIsCutIntoSeveralThatBeginAlike) {
  EXPECT_EQ(to_terminal(table(), {.width = 30}),
            "                 Test accuracy\n"
            "Method                     % ↑\n"
            "------------------------------\n"
            "sgd              77.17 ± 0.59*\n"
            "adam [batch=64]              7\n"
            "\n"
            "Method            n\n"
            "-------------------\n"
            "sgd               2\n"
            "adam [batch=64]  10\n");
}

TEST(Terminal, ACellWiderThanTheTerminalIsWrapped) {
  Table t("c");
  t.add("Method", {"sgd", "adam"});
  t.add("Settings", {"one two three four five six", "7"});
  EXPECT_EQ(to_terminal({t}, {.width = 28}),
            "Method            Settings\n"
            "--------------------------\n"
            "sgd     one two three four\n"
            "                  five six\n"
            "adam                     7\n");
}

TEST(Terminal, TextIsWrappedAndBulletsIndented) {
  const Page page{Heading{1, "Results: é"}, Text("one two three"),
                  Bullets{{Text("four five six"), Text("seven")}}};
  EXPECT_EQ(to_terminal(page, {.width = 10}),
            "Results: é\n"
            "==========\n"
            "\n"
            "one two\n"
            "three\n"
            "\n"
            "- four\n"
            "  five six\n"
            "- seven\n");
}

TEST(Terminal, ATableOfOneColumnAndOneOfNoRows) {
  Table one("c");
  one.add("Method", {"sgd"});
  EXPECT_EQ(to_terminal({one}, {.width = 5}), "Method\n------\nsgd\n");
  Table none("c");
  none.add("Method", {});
  none.add("n", {});
  EXPECT_EQ(to_terminal({none}, {.width = 20}), "Method  n\n---------\n");
}

}  // namespace
}  // namespace gapbench::compare

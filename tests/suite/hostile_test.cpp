// Files made to hurt: refused with an Error, in bounded time and memory, never a crash.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/temporary_folder.h"
#include "fake_catalog.h"
#include "gapbench/random.h"
#include "suite/yaml/parse.h"

namespace gapbench::suite::test {
namespace {

using ::testing::HasSubstr;

std::string repeat(const std::string& text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(Hostile, NothingToRead) {
  EXPECT_EQ(refusal(""), "s.yaml:1: holds nothing; a suite is a block");
  EXPECT_EQ(refusal("\n\n# only a comment\n"), "s.yaml:1: holds nothing; a suite is a block");
  EXPECT_EQ(refusal("~"), "s.yaml:1: holds nothing; a suite is a block");
  EXPECT_EQ(refusal("[1, 2]"), "s.yaml:1: a suite is a block of keys, got a list");
  EXPECT_EQ(refusal("hello"), "s.yaml:1: a suite is a block of keys, got \"hello\"");
}

TEST(Hostile, Tabs) {
  EXPECT_THAT(refusal("name: x\nmethods:\n\tsgd: 1\n"), HasSubstr("not with tabs"));
}

TEST(Hostile, DeepNesting) {
  const std::size_t depth = 100'000;
  EXPECT_THAT(refusal("name: " + repeat("[", depth)), HasSubstr("nested deeper than 64 levels"));
  EXPECT_THAT(refusal("name: " + repeat("{a: ", depth)), HasSubstr("nested deeper than 64 levels"));
  EXPECT_THAT(refusal(repeat("- ", depth)), HasSubstr("nested deeper than 64 levels"));
  EXPECT_NE(refusal(repeat("? ", depth)), "");
  EXPECT_THAT(refusal(tiny, {repeat("a.", depth) + "b=1"}),
              HasSubstr("a path of more than 64 parts"));
}

TEST(Hostile, DeepNestingByAliases) {
  std::string text = "a0: &a0 [1]\n";
  for (int i = 1; i < 100; ++i) text += fmt::format("a{}: &a{} [*a{}]\n", i, i, i - 1);
  EXPECT_THAT(refusal(text), HasSubstr("nested deeper than 64 levels"));
}

TEST(Hostile, AliasBombs) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    text +=
        fmt::format("a{}: &a{} [{}*a{}]\n", i, i, repeat(fmt::format("*a{}, ", i - 1), 9), i - 1);
  }
  EXPECT_THAT(refusal(text), HasSubstr("more than 200000 values, aliases counted"));
  const std::string long_text = "a: &a " + std::string(500'000, 'x') + "\n";
  EXPECT_THAT(refusal(long_text + "b: [" + repeat("*a, ", 50'000) + "*a]\n"),
              HasSubstr("more than 200000 values, aliases counted"));
}

TEST(Hostile, Size) {
  EXPECT_EQ(refusal(std::string(largest_text + 1, '#')),
            "s.yaml:1: 1048577 bytes; at most 1048576 are read");
  std::string keys;
  for (int i = 0; i < 2000; ++i) keys += fmt::format("k{}: 1\n", i);
  EXPECT_THAT(refusal(keys), HasSubstr("s.yaml:1001: a block of more than 1000 keys"));
}

TEST(Hostile, TooManyTrials) {
  EXPECT_EQ(refusal(tiny_with("[1]", "{count: 100000}")), "");
  EXPECT_EQ(refusal(tiny_with("[1]", "{count: 100000}") + "problems: [linear_teacher]\n"),
            "s.yaml:1: 1 methods x 100000 seeds x 2 problems; a suite may have at most 100000 "
            "trials");
  std::string grid = "grid:\n";
  std::string values = "[1";
  for (int i = 2; i <= 400; ++i) values += fmt::format(", {}", i);
  for (const char* path : {"batch", "budget.epochs", "optimizer.learning_rate"}) {
    grid += fmt::format("  {}: {}]\n", path, values);
  }
  EXPECT_THAT(refusal(tiny + grid), HasSubstr("the grid has more than 100000 combinations"));
  EXPECT_THAT(refusal(tiny_with("[cifar10]", "[{name: cifar10, train: " + values +
                                                 "], split_seed: " + values + "]}]")),
              HasSubstr("the grid has more than 100000 combinations"));
}

TEST(Hostile, BinaryGarbage) {
  EXPECT_THAT(refusal(std::string("a: \0b", 5)), HasSubstr("holds zero bytes"));
  Random random(7);
  for (int i = 0; i < 300; ++i) {
    std::string text(random.below(400), ' ');
    for (char& c : text) c = static_cast<char>(random.below(255) + 1);
    const std::string said = refusal(text);
    EXPECT_NE(said, "");
    for (const char c : said) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  }
}

// Every suite that differs from a good one in a few bytes is accepted or refused with an Error.
TEST(Hostile, DamagedSuites) {
  const std::string good = std::string(tiny) +
                           "schedule: {kind: step, milestones: [0.5], warmup: {epochs: 1}}\n"
                           "probes: [{name: gradient_norm, every: {epochs: 5}}]\n"
                           "grid: {optimizer.learning_rate: [1, 2], datasets.train: [64, 80]}\n"
                           "baseline: &x sgd[learning_rate=1]\n";
  ASSERT_EQ(refusal(good), "");
  const std::string bytes = ":,[]{}#&*!|>'\"%@`-?~<= \n\t.019aeE\\\xff\x01";
  Random random(11);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    const std::size_t changes = 1 + random.below(3);
    for (std::size_t k = 0; k < changes; ++k) {
      const std::size_t at = random.below(text.size());
      const char byte = bytes[random.below(bytes.size())];
      if (random.below(2) == 0)
        text[at] = byte;
      else
        text.insert(at, 1, byte);
    }
    refused += refusal(text).empty() ? 0 : 1;
  }
  EXPECT_GT(refused, 1500);
}

}  // namespace
}  // namespace gapbench::suite::test

// Scalars, the parser and the writer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gapbench/error.h"
#include "suite/yaml/emit.h"
#include "suite/yaml/parse.h"

namespace gapbench::suite {
namespace {

Node parse(const std::string& text) {
  Mistakes mistakes({"f.yaml", {}});
  Node root = parse_yaml(text, 0, mistakes);
  mistakes.raise();
  return root;
}

std::string refusal(const std::string& text) {
  try {
    parse(text);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(Scalars, PlainTextThatReadsAsANumberIsOne) {
  const auto value = [](const char* text) { return value_of(parse(text)); };
  EXPECT_EQ(value("1"), OptionValue(std::int64_t{1}));
  EXPECT_EQ(value("-7"), OptionValue(std::int64_t{-7}));
  EXPECT_EQ(value("+7"), OptionValue(std::int64_t{7}));
  EXPECT_EQ(value("010"), OptionValue(std::int64_t{10}));
  EXPECT_EQ(value("1e-3"), OptionValue(1e-3));
  EXPECT_EQ(value("5e-4"), OptionValue(5e-4));
  EXPECT_EQ(value("5E4"), OptionValue(5e4));
  EXPECT_EQ(value(".5"), OptionValue(0.5));
  EXPECT_EQ(value("-.5"), OptionValue(-0.5));
  EXPECT_EQ(value("1."), OptionValue(1.0));
  EXPECT_EQ(value("1.0"), OptionValue(1.0));
  EXPECT_EQ(value("99999999999999999999"), OptionValue(1e20));
  EXPECT_EQ(value("true"), OptionValue(true));
  EXPECT_EQ(value("false"), OptionValue(false));
}

TEST(Scalars, EverythingElseIsText) {
  for (const char* text :
       {"yes", "no",  "on",    "off",  "y",    "True", "1e",  "1e-",       "1_000", "0x10", "1 2",
        "+-1", "--1", "1e999", ".inf", ".nan", "inf",  "nan", "12monkeys", "-",     "."}) {
    const Node node = scalar_node(text, false);
    EXPECT_EQ(value_of(node), OptionValue(std::string(text))) << text;
  }
  EXPECT_EQ(value_of(parse("'1'")), OptionValue(std::string("1")));
  EXPECT_EQ(value_of(parse("\"true\"")), OptionValue(std::string("true")));
  EXPECT_EQ(value_of(parse("!!str 5")), OptionValue(std::string("5")));
}

TEST(Scalars, SeedsMayFill64Bits) {
  EXPECT_EQ(unsigned_of(parse("18446744073709551615")), 18446744073709551615ULL);
  EXPECT_EQ(unsigned_of(parse("18446744073709551616")), std::nullopt);
  EXPECT_EQ(unsigned_of(parse("-1")), std::nullopt);
  EXPECT_EQ(unsigned_of(parse("'1'")), std::nullopt);
  EXPECT_EQ(unsigned_of(parse("1.0")), std::nullopt);
}

TEST(Parser, KnowsTheLineOfKeysAndValues) {
  const Node root = parse("a: 1\nb:\n  c: 2\n  d:\n    - x\n    - y\n");
  EXPECT_EQ(root.entries[1].place.line, 2U);
  EXPECT_EQ(root.find("b")->entries[1].place.line, 4U);
  EXPECT_EQ(root.find("b")->find("c")->place.line, 3U);
  EXPECT_EQ(root.find("b")->find("d")->items[1].place.line, 6U);
}

TEST(Parser, AliasesStandForTheirAnchors) {
  const Node root = parse("a: &x {k: [1, 2]}\nb: *x\n");
  EXPECT_EQ(root.find("b")->find("k")->items[1].text, "2");
}

TEST(Parser, RefusesWithTheLine) {
  EXPECT_EQ(refusal("a: 1\nb: 2\na: 3\n"), "f.yaml:3: key \"a\" given twice, first on line 1");
  EXPECT_EQ(refusal("a: {b: 1, b: 2}\n"), "f.yaml:1: key \"b\" given twice, first on line 1");
  EXPECT_EQ(refusal("a: 1\n[x]: 2\n"), "f.yaml:2: a key must be a word, got a list");
  EXPECT_EQ(refusal("null: 1\n"),
            "f.yaml:1: a key must be a word, got nothing, which null and ~ mean as well; quote "
            "them: \"null\"");
  EXPECT_EQ(refusal("a: 1\nb: !!binary x\n"),
            "f.yaml:2: tag \"tag:yaml.org,2002:binary\" is not supported; quote text, leave "
            "numbers plain");
  EXPECT_EQ(refusal("a: 1\n---\nb: 2\n"), "f.yaml:1: several YAML documents; give one");
  EXPECT_EQ(refusal("a: &x [*x]\n"), "f.yaml:1: an alias inside its own anchor");
  EXPECT_THAT(refusal("a: 1\nb: [1, 2\n"), ::testing::StartsWith("f.yaml:3: not valid YAML: "));
  EXPECT_THAT(refusal("a: *nowhere\n"), ::testing::StartsWith("f.yaml:1: not valid YAML: "));
}

TEST(Parser, SaysThatATabIsTheTrouble) {
  EXPECT_THAT(refusal("a:\n  b: 1\n\tc: 2\n"),
              ::testing::EndsWith("; indent with spaces, not with tabs"));
}

TEST(Writer, GivesTextThatReadsBack) {
  for (const char* text : {"a: 1\n", "a:\n  b: [1, 2, 3]\n  c: {}\n  d: []\n",
                           "a:\n  - name: x\n    options:\n      k: true\n  - name: y\n",
                           "a: \"yes\"\nb: \"1\"\nc: \"\"\nd: \"a: b # c\"\n"}) {
    EXPECT_EQ(emit_yaml(parse(text)), text);
  }
}

// Readers of YAML 1.1 want a point in every real number, and take many words for truth values.
TEST(Writer, ThePortableDialectReadsTheSameInYaml11) {
  Node block = block_node();
  for (const auto& [key, value] : {std::pair<const char*, OptionValue>{"a", 1e-5},
                                   {"b", -5e-324},
                                   {"c", 1e20},
                                   {"d", 1.5e-7},
                                   {"e", 0.1},
                                   {"f", std::int64_t{7}},
                                   {"g", true},
                                   {"h", std::string("Yes")},
                                   {"i", std::string("NO")},
                                   {"Off", std::string("sgd")},
                                   {"k", std::string("1e-05")}}) {
    block.at(key, {}) = value_node(value);
  }
  EXPECT_EQ(emit_yaml(block, Dialect::portable),
            "a: 1.0e-05\nb: -5.0e-324\nc: 1.0e+20\nd: 1.5e-07\ne: 0.1\nf: 7\ng: true\n"
            "h: \"Yes\"\ni: \"NO\"\n\"Off\": sgd\nk: \"1e-05\"\n");
  EXPECT_EQ(emit_yaml(block),
            "a: 1e-05\nb: -5e-324\nc: 1e+20\nd: 1.5e-07\ne: 0.1\nf: 7\ng: true\n"
            "h: Yes\ni: NO\nOff: sgd\nk: \"1e-05\"\n");
  const Node back = parse(emit_yaml(block, Dialect::portable));
  for (const Entry& entry : block.entries) {
    EXPECT_EQ(value_of(*back.find(entry.key)), value_of(entry.value)) << entry.key;
  }
}

TEST(Writer, QuotesWhateverWouldReadAsSomethingElse) {
  for (const std::string text : {"",     "1",           "1e-3",
                                 "true", "null",        "~",
                                 "no",   "a b",         " a",
                                 "a: b", "-",           "[x]",
                                 "{",    "#",           "\"",
                                 "\\",   "a\nb",        "\t",
                                 "\x01", "\x7f",        "&a",
                                 "*a",   "!a",          "@",
                                 "%",    "caf\xc3\xa9", "sgd[learning_rate=0.1,batch=64]",
                                 "?",    "'",           "|",
                                 ">"}) {
    Node block = block_node();
    block.at("key", {}) = text_node(text);
    const Node back = parse(emit_yaml(block));
    EXPECT_EQ(value_of(*back.find("key")), OptionValue(text)) << emit_yaml(block);
  }
}

}  // namespace
}  // namespace gapbench::suite

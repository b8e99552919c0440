// Options written on one line.
#include "plugin/example.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gapbench/error.h"

namespace gapbench::plugin {
namespace {

using ::testing::HasSubstr;

constexpr OptionSpec specs[] = {
    option::real("learning_rate", "step length").above(0),
    option::integer("count", "how many").at_least(1),
    option::flag("nesterov", "look ahead"),
    option::choice("epsilon", "inside|outside", "where"),
};

std::string refusal(std::string_view text) {
  try {
    parse_example("sgd", specs, text);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(Example, ReadsEveryKind) {
  const auto map =
      parse_example("sgd", specs, " learning_rate=1e-3\tcount=-7  nesterov=true epsilon=outside ");
  const OptionMap expected{{"learning_rate", 1e-3},
                           {"count", std::int64_t{-7}},
                           {"nesterov", true},
                           {"epsilon", std::string("outside")}};
  EXPECT_EQ(map, expected);
}

TEST(Example, EmptyIsEmpty) {
  EXPECT_TRUE(parse_example("sgd", specs, "").empty());
  EXPECT_TRUE(parse_example("sgd", {}, "  \t ").empty());
}

TEST(Example, AWholeNumberIsARealNumberButNotTheOtherWayRound) {
  EXPECT_EQ(parse_example("sgd", specs, "learning_rate=2").at("learning_rate"), OptionValue(2.0));
  EXPECT_THAT(refusal("count=2.0"), HasSubstr("count: must be a whole number >= 1, required, got"));
}

TEST(Example, ValuesAreReadInWhole) {
  for (const char* text : {"learning_rate=0.1x", "learning_rate=", "learning_rate=0.1,0.2",
                           "learning_rate=+0.1", "count=1e3", "nesterov=1", "nesterov=True"}) {
    EXPECT_THAT(refusal(text), HasSubstr(", got \"")) << text;
  }
}

TEST(Example, MistakesAreNamedTogether) {
  const std::string message = refusal("lerning_rate=0.1 count count=1 count=2");
  EXPECT_THAT(message, HasSubstr("sgd: lerning_rate: unknown option; did you mean "
                                 "\"learning_rate\"?"));
  EXPECT_THAT(message, HasSubstr("\"count\" is not of the form name=value"));
  EXPECT_THAT(message, HasSubstr("count: given twice"));
}

}  // namespace
}  // namespace gapbench::plugin

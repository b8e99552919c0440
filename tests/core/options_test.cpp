// Options: every kind, every message.
#include "gapbench/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "gapbench/error.h"
#include "gapbench/optimizer.h"

namespace gapbench {
namespace {

using ::testing::HasSubstr;

constexpr OptionSpec specs[] = {
    option::real("learning_rate", "step length").above(0).in_unit("per step"),
    option::real("momentum", "decay").at_least(0).below(1).by_default(0.5),
    option::integer("count", "how many").at_least(1).at_most(9).by_default(3.0),
    option::flag("nesterov", "look ahead").by_default(0.0),
    option::choice("mode", "fast|slow|off", "how").by_default("slow"),
};

std::string refusal(const OptionMap& given) {
  try {
    Options::resolve("sgd", specs, given);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

std::string refusal(const std::string& name, const OptionValue& value) {
  OptionMap given{{"learning_rate", 0.1}};
  given[name] = value;
  return refusal(given);
}

TEST(Options, FillsInTheDefaults) {
  const auto o = Options::resolve("sgd", specs, {{"learning_rate", 0.25}});
  EXPECT_EQ(o.real("learning_rate"), 0.25);
  EXPECT_EQ(o.real("momentum"), 0.5);
  EXPECT_EQ(o.integer("count"), 3);
  EXPECT_EQ(o.count("count"), 3U);
  EXPECT_FALSE(o.flag("nesterov"));
  EXPECT_EQ(o.choice("mode"), "slow");
  EXPECT_EQ(o.values().size(), 5U);
  EXPECT_EQ(o.owner(), "sgd");
}

TEST(Options, TakesWhatIsGiven) {
  const auto o = Options::resolve("sgd", specs,
                                  {{"learning_rate", std::int64_t{2}},
                                   {"count", std::int64_t{9}},
                                   {"nesterov", true},
                                   {"mode", std::string("off")}});
  EXPECT_EQ(o.real("learning_rate"), 2.0);  // a whole number where a real one is asked for
  EXPECT_EQ(o.values().at("learning_rate"), OptionValue(2.0));
  EXPECT_EQ(o.integer("count"), 9);
  EXPECT_TRUE(o.flag("nesterov"));
  EXPECT_EQ(o.choice("mode"), "off");
}

constexpr OptionSpec handed_specs[] = {option::optimizer("inner", "the one inside"),
                                       option::trajectory("from", "the one before")};

TEST(Options, OptimizersAndTrajectoriesAreHandedOver) {
  const OptionMap given{{"inner", "sgd"}, {"inner.learning_rate", 0.5}, {"from", "small"}};
  const auto lengths = std::make_shared<const std::vector<float>>(2, 0.25F);
  std::size_t asked = 0;
  Handed handed;
  handed.optimizers["inner"] = [&](std::span<const TensorInfo> tensors) {
    asked += tensors.size();
    return std::unique_ptr<Optimizer>();
  };
  handed.trajectories["from"] = lengths;
  const auto o = Options::resolve("graft", handed_specs, given, handed);
  EXPECT_EQ(o.values(), given);
  const std::vector<TensorInfo> tensors(3);
  EXPECT_EQ(o.optimizer("inner", tensors), nullptr);
  EXPECT_EQ(asked, 3U);
  EXPECT_EQ(o.trajectory("from").data(), lengths->data());

  const auto empty_handed = Options::resolve("graft", handed_specs, given);
  EXPECT_THROW(empty_handed.optimizer("inner", tensors), Error);
  EXPECT_THROW(empty_handed.trajectory("from"), Error);
  EXPECT_THROW(o.optimizer("from", tensors), Error);  // never handed over as one
  EXPECT_THROW(Options::resolve("graft", handed_specs, {{"inner", ""}, {"from", "a"}}), Error);
  EXPECT_THROW(Options::resolve("graft", handed_specs, {{"inner", 1.0}, {"from", "a"}}), Error);
}

constexpr OptionSpec with_parameters[] = {option::parameters("from", "where it ended")};

TEST(Options, ParametersAreHandedOver) {
  const auto end = std::make_shared<const std::vector<float>>(3, 0.5F);
  Handed handed;
  handed.parameters["from"] = end;
  const auto o = Options::resolve("distance", with_parameters, {{"from", "sgd"}}, handed);
  EXPECT_EQ(o.parameters("from").data(), end->data());
  EXPECT_THROW(o.trajectory("from"), Error);
  const auto empty_handed = Options::resolve("distance", with_parameters, {{"from", "sgd"}});
  EXPECT_THROW(empty_handed.parameters("from"), Error);
}

// A literal 0 is a number, not a null text.
TEST(Options, DefaultsOfWholeNumbersAndFlags) {
  EXPECT_EQ(option::real("a", "b").by_default(0).default_number, 0);
  EXPECT_EQ(option::integer("a", "b").by_default(7).default_number, 7);
  EXPECT_EQ(option::flag("a", "b").by_default(true).default_number, 1);
  EXPECT_FALSE(option::flag("a", "b").by_default(false).required);
  EXPECT_STREQ(option::text("a", "b").by_default("c").default_choice, "c");
}

TEST(Options, ListsAreJoinedInOrder) {
  constexpr auto all = option::joined(std::array{option::flag("a", "x"), option::flag("b", "y")},
                                      std::array{option::flag("c", "z")});
  static_assert(all.size() == 3);
  EXPECT_STREQ(all[0].name, "a");
  EXPECT_STREQ(all[2].name, "c");
}

TEST(Options, RangesAreOpenOrClosedAsDeclared) {
  EXPECT_THAT(refusal("learning_rate", 0.0),
              HasSubstr("learning_rate: must be a real number > 0, got 0.0"));
  EXPECT_EQ(refusal("learning_rate", 1e-300), "accepted");
  EXPECT_EQ(refusal("momentum", 0.0), "accepted");
  EXPECT_THAT(refusal("momentum", 1.0),
              HasSubstr("momentum: must be a real number in [0, 1), got 1.0"));
  EXPECT_THAT(refusal("momentum", -1e-9), HasSubstr("got -1e-09"));
  EXPECT_EQ(refusal("count", std::int64_t{1}), "accepted");
  EXPECT_EQ(refusal("count", std::int64_t{9}), "accepted");
  EXPECT_THAT(refusal("count", std::int64_t{0}),
              HasSubstr("count: must be a whole number in [1, 9], got 0"));
  EXPECT_THAT(refusal("count", std::int64_t{10}), HasSubstr("got 10"));
}

TEST(Options, NotANumberAndInfinityAreOutOfEveryRange) {
  EXPECT_THAT(refusal("learning_rate", std::nan("")), HasSubstr("> 0, got nan"));
  EXPECT_THAT(refusal("learning_rate", INFINITY), HasSubstr("> 0, got inf"));
}

TEST(Options, NothingElseIsConverted) {
  EXPECT_THAT(refusal("learning_rate", true), HasSubstr("must be a real number > 0, got true"));
  EXPECT_THAT(refusal("learning_rate", std::string("0.1")), HasSubstr("> 0, got \"0.1\""));
  EXPECT_THAT(refusal("count", 2.0), HasSubstr("must be a whole number in [1, 9], got 2.0"));
  EXPECT_THAT(refusal("nesterov", std::int64_t{1}), HasSubstr("must be true or false, got 1"));
  EXPECT_THAT(refusal("nesterov", std::string("true")), HasSubstr("got \"true\""));
  EXPECT_THAT(refusal("mode", std::string("fas")),
              HasSubstr("mode: must be fast or slow or off, got \"fas\""));
  EXPECT_THAT(refusal("mode", std::string("")), HasSubstr("got \"\""));
  EXPECT_THAT(refusal("mode", std::string("fast|slow")), HasSubstr("got \"fast|slow\""));
  EXPECT_THAT(refusal("mode", true), HasSubstr("got true"));
}

TEST(Options, AllMistakesAreNamedTogether) {
  const std::string message =
      refusal(OptionMap{{"momentun", 0.9}, {"count", 2.0}, {"zzzzzzzzzz", 1.0}});
  EXPECT_THAT(message, HasSubstr("sgd: "));
  EXPECT_THAT(message, HasSubstr("momentun: unknown option; did you mean \"momentum\"?"));
  EXPECT_THAT(message, HasSubstr("zzzzzzzzzz: unknown option; valid: learning_rate, momentum"));
  EXPECT_THAT(message, HasSubstr("count: must be a whole number"));
  EXPECT_THAT(message, HasSubstr("learning_rate: missing; a real number > 0 (per step), required"));
}

TEST(Options, WithoutDeclarationsEveryNameIsUnknown) {
  EXPECT_TRUE(Options::resolve("plain", {}, {}).values().empty());
  try {
    Options::resolve("plain", {}, {{"a", 1.0}});
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "plain: a: unknown option");
  }
}

TEST(Options, ReadingWhatWasNeverDeclaredIsAnError) {
  const auto o = Options::resolve("sgd", specs, {{"learning_rate", 0.25}});
  try {
    o.real("beta");
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "sgd.beta: read by the component but never declared");
  }
  EXPECT_THROW(o.integer("learning_rate"), Error);
  EXPECT_THROW(o.real("count"), Error);
  EXPECT_THROW(o.flag("mode"), Error);
  EXPECT_THROW(o.choice("nesterov"), Error);
}

TEST(Options, ACountIsNeverNegative) {
  constexpr OptionSpec any[] = {option::integer("n", "any whole number")};
  const auto o = Options::resolve("x", any, {{"n", std::int64_t{-1}}});
  EXPECT_EQ(o.integer("n"), -1);
  EXPECT_THROW(o.count("n"), Error);
}

TEST(OptionText, DescribesEveryKind) {
  EXPECT_EQ(describe(specs[0]), "a real number > 0 (per step), required");
  EXPECT_EQ(describe(specs[1]), "a real number in [0, 1), default 0.5");
  EXPECT_EQ(describe(specs[2]), "a whole number in [1, 9], default 3");
  EXPECT_EQ(describe(specs[3]), "true or false, default false");
  EXPECT_EQ(describe(specs[4]), "fast or slow or off, default slow");
  EXPECT_EQ(describe(option::real("x", "").at_most(2)), "a real number <= 2, required");
  EXPECT_EQ(describe(option::real("x", "").below(2)), "a real number < 2, required");
  EXPECT_EQ(describe(option::real("x", "").at_least(2)), "a real number >= 2, required");
  EXPECT_EQ(describe(option::real("x", "").above(0).at_most(1)),
            "a real number in (0, 1], required");
  EXPECT_EQ(describe(option::real("x", "")), "a real number, required");
}

TEST(OptionText, ReadsBackToTheSameValue) {
  EXPECT_EQ(to_text(true), "true");
  EXPECT_EQ(to_text(std::int64_t{-3}), "-3");
  EXPECT_EQ(to_text(0.1), "0.1");
  EXPECT_EQ(to_text(2.0), "2.0");  // a real number stays one
  EXPECT_EQ(to_text(1e-8), "1e-08");
  EXPECT_EQ(to_text(1e22), "1e+22");
  EXPECT_EQ(to_text(std::string("outside")), "outside");
  for (const double x : {1.0 / 3, 0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0.0}) {
    EXPECT_EQ(std::strtod(to_text(x).c_str(), nullptr), x);
  }
}

TEST(OptionText, MismatchIsNothingForAFit) {
  EXPECT_EQ(mismatch(specs[1], 0.5), std::nullopt);
  EXPECT_EQ(mismatch(specs[1], std::int64_t{0}), std::nullopt);
  EXPECT_EQ(mismatch(specs[4], std::string("off")), std::nullopt);
}

}  // namespace
}  // namespace gapbench

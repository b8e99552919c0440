// What a component's constant data must be.
#include "plugin/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gapbench::plugin {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr OptionSpec one_option[] = {option::real("lambda", "strength").at_least(0)};

class Nothing final : public Regularizer {
 public:
  explicit Nothing(const Options&) {}
  double penalize_parameters(const Parameters&, std::span<float>) const override { return 0; }
};

constexpr Component valid = regularizer<Nothing>(
    {.name = "nothing", .summary = "adds nothing; nobody 1900", .example = "lambda=1"}, one_option);

std::vector<std::string> with_option(const OptionSpec& spec) {
  Component c = valid;
  c.options = &spec;
  c.about.example = "";
  return mistakes_in(c);
}

TEST(SnakeCase, IsLettersDigitsAndSingleUnderscores) {
  for (const char* good : {"a", "sgd", "l2", "heavy_ball", "a_1_b"}) {
    EXPECT_TRUE(is_lower_snake_case(good)) << good;
  }
  for (const char* bad : {"", "_a", "a_", "a__b", "2a", "Sgd", "a-b", "a b", "\xC3\xA9"}) {
    EXPECT_FALSE(is_lower_snake_case(bad)) << bad;
  }
}

TEST(Validate, AcceptsAValidOne) { EXPECT_THAT(mistakes_in(valid), IsEmpty()); }

TEST(Validate, Texts) {
  Component c = valid;
  c.about.name = nullptr;
  EXPECT_THAT(mistakes_in(c), Contains("its name is not lower_snake_case"));
  c = valid;
  c.about.summary = nullptr;
  EXPECT_THAT(mistakes_in(c), Contains("has no summary"));
  c.about.summary = "two\nlines";
  EXPECT_THAT(mistakes_in(c), Contains("its summary has more than one line"));
  c = valid;
  c.about.example = nullptr;
  EXPECT_THAT(mistakes_in(c), Contains("has no example"));
  c = valid;
  c.about.revision = 0;
  EXPECT_THAT(mistakes_in(c), Contains("its revision is 0; the first is 1"));
}

TEST(Validate, ExactlyTheFactoryOfItsKind) {
  Component c = valid;
  c.make_probe = [](const Options&) -> std::unique_ptr<Probe> { return nullptr; };
  EXPECT_THAT(mistakes_in(c), Contains("a regularizer must have no factory of a probe"));
  c = valid;
  c.make_regularizer = nullptr;
  EXPECT_THAT(mistakes_in(c), Contains("a regularizer must have the factory of a regularizer"));
  c = valid;
  c.kind = static_cast<ComponentKind>(9);
  EXPECT_THAT(mistakes_in(c), Contains("unknown kind of component 9"));
  c = valid;
  c.hooks = 0;
  EXPECT_THAT(mistakes_in(c), Contains(HasSubstr("at least one hook")));
  c.hooks = hook_noise;
  EXPECT_THAT(mistakes_in(c), IsEmpty());
}

TEST(Validate, Options) {
  OptionSpec null_help = one_option[0];
  null_help.help = nullptr;
  EXPECT_THAT(with_option(null_help), Contains("an option has a null text"));
  EXPECT_THAT(with_option(option::real("Bad", "x")),
              Contains("Bad: option names are lower_snake_case"));
  EXPECT_THAT(with_option(option::real("a", "")), Contains("a: has no help"));
  EXPECT_THAT(with_option(option::real("a", "x").above(1).at_most(1)),
              Contains("a: its range is empty"));
  EXPECT_THAT(with_option(option::real("a", "x").at_least(2).at_most(1)),
              Contains("a: its range is empty"));
  EXPECT_THAT(with_option(option::integer("a", "x").by_default(1.5)),
              Contains("a: default 1.5 is not a whole number"));
  EXPECT_THAT(with_option(option::real("a", "x").below(1).by_default(1.0)),
              Contains("a: default must be a real number < 1, got 1.0"));
  EXPECT_THAT(with_option(option::choice("a", "b||c", "x").by_default("b")),
              Contains("a: has an empty choice"));
  EXPECT_THAT(with_option(option::choice("a", "b|b", "x").by_default("b")),
              Contains("a: has the choice \"b\" twice"));
  EXPECT_THAT(with_option(option::choice("a", "b|c", "x").by_default("d")),
              Contains("a: default must be b or c, got \"d\""));
  EXPECT_THAT(with_option(option::real("a", "x").at_least(1).at_most(1).by_default(1.0)),
              IsEmpty());
}

Layers one_layer(const Options&, Shape input, std::size_t outputs) {
  return Layers(input).linear("output", outputs, output_gain);
}

TEST(Validate, Networks) {
  static constexpr OptionSpec taken[] = {option::choice("precision", "a|b", "x").by_default("a"),
                                         option::parameters("from", "y")};
  Component c = network<one_layer>({"net", "a line", ""});
  EXPECT_THAT(mistakes_in(c), IsEmpty());
  c.options = taken;
  c.option_count = 2;
  EXPECT_THAT(mistakes_in(c), Contains("precision: this option name is the harness's own"));
  EXPECT_THAT(mistakes_in(c), Contains("from: a network is handed no parameters"));
  c = valid;
  c.build_network = one_layer;
  EXPECT_THAT(mistakes_in(c), Contains("a regularizer must have no factory of a network"));
}

TEST(Validate, OnlyOptimizersAreHandedOthersAndNeverByDefault) {
  EXPECT_THAT(with_option(option::optimizer("inner", "the one inside")),
              Contains("inner: only optimizers are handed optimizers and trajectories"));
  EXPECT_THAT(with_option(option::trajectory("from", "the one before")),
              Contains("from: only optimizers are handed optimizers and trajectories"));
  EXPECT_THAT(with_option(option::trajectory("from", "the one before").by_default("sgd")),
              Contains("from: can have no default"));
}

TEST(Validate, NamesThatASuiteUsesItself) {
  for (const char* name : {"name", "revision"}) {
    EXPECT_THAT(with_option(option::real(name, "a number").by_default(1.0)),
                Contains(std::string(name) + ": this option name is the harness's own"));
  }
}

TEST(Validate, CountedButAbsentOptions) {
  Component c = valid;
  c.options = nullptr;
  EXPECT_THAT(mistakes_in(c), Contains("counts options but has none"));
}

TEST(Validate, TheExampleMustConstruct) {
  Component c = valid;
  c.about.example = "";
  EXPECT_THAT(mistakes_in(c), Contains(HasSubstr("lambda: missing")));
  c.about.example = "lambda=-1";
  EXPECT_THAT(mistakes_in(c), Contains(HasSubstr("must be a real number >= 0, got -1")));
  c.about.example = "lambda=1 mu=2";
  EXPECT_THAT(mistakes_in(c), Contains(HasSubstr("mu: unknown option")));
}

TEST(Validate, OneNameTwiceInALibrary) {
  const Component twice[] = {valid, valid};
  try {
    require_valid({GAPBENCH_FINGERPRINT, twice, 2}, "lib.so");
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "lib.so: declares a component wrongly: nothing: offered twice");
  }
}

}  // namespace
}  // namespace gapbench::plugin

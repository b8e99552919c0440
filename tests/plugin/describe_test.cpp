// The texts of `gapbench list` and `gapbench info`.
#include "plugin/describe.h"
#include "paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gapbench::plugin {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

const Registry& plugins() {
  static const Registry registry = Registry::load({test::plugin_folder()});
  return registry;
}

TEST(ListText, HasOneLineAComponentSortedByKindAndName) {
  const std::string text = list_text(plugins());
  EXPECT_THAT(text, ContainsRegex("kind +name +revision +summary +library\n"));
  EXPECT_THAT(text, ContainsRegex("\noptimizer +adam +1 +[^\n]*Kingma & Ba 2015 +optimizers_adam.so"
                                  "\n(optimizer [^\n]*\n)*optimizer +sgd +1 "));
  EXPECT_LT(text.find("\noptimizer"), text.find("\nregularizer"));
  EXPECT_THAT(text, Not(HasSubstr("refused")));
  EXPECT_THAT(text, Not(HasSubstr(" \n")));
}

TEST(ListText, EndsInTheRefused) {
  const std::string text = list_text(Registry::load({test::bad_plugin_folder()}));
  EXPECT_THAT(text, ContainsRegex("\nrefused:\n(.*\n)*  [^\n]*no_entry.so: has no symbol"));
}

TEST(InfoText, NamesEveryOptionWithRangeDefaultUnitAndHelp) {
  const std::string text = info_text(plugins().find(ComponentKind::probe, "gradient_norm"));
  EXPECT_THAT(text, HasSubstr("probe gradient_norm, revision 1\n"));
  EXPECT_THAT(text, HasSubstr("  micro_batch\n      size of a micro-batch; a whole number >= 1 "
                              "(examples), default 128\n"));
  EXPECT_THAT(text, HasSubstr("example: micro_batch=8 count=4\n"));
  EXPECT_THAT(text, ContainsRegex("sha256:  [0-9a-f]{64}\n"));
  EXPECT_THAT(text, ContainsRegex("library: .*/probes_gradient_norm.so\n"));
}

TEST(InfoText, SaysWhatARegularizerActsOn) {
  EXPECT_THAT(info_text(plugins().find(ComponentKind::regularizer, "l2")),
              HasSubstr("acts on: the parameters once a step\n"));
  EXPECT_THAT(info_text(plugins().find(ComponentKind::regularizer, "dropout")),
              HasSubstr("acts on: what flows through the network's noise sites\n"));
}

TEST(FindByName, TakesANameOrAKindAndAName) {
  ASSERT_EQ(find_by_name(plugins(), "sgd").size(), 1U);
  EXPECT_STREQ(find_by_name(plugins(), "optimizer/sgd")[0]->component->about.name, "sgd");
  EXPECT_THROW(find_by_name(plugins(), "probe/sgd"), Error);
}

TEST(FindByName, NamesTheNearest) {
  try {
    find_by_name(plugins(), "sgdd");
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "sgdd: there is no plugin of this name; did you mean \"sgd\"?");
  }
  try {
    find_by_name(plugins(), "nothing_of_the_kind", {"cnn3", "cifar10"});
    FAIL();
  } catch (const Error& e) {
    const std::string text = e.what();
    EXPECT_THAT(text,
                HasSubstr("there is no plugin, network or data set of this name; valid: cnn3, "
                          "cifar10, "));
    // A regularizer and a probe have this name: it stands there once.
    const auto first = text.find(" gradient_norm,");
    ASSERT_NE(first, std::string::npos);
    EXPECT_EQ(text.find(" gradient_norm,", first + 1), std::string::npos);
  }
}

}  // namespace
}  // namespace gapbench::plugin

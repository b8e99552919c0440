// Suggestions for misspelled names.
#include "core/nearest.h"

#include <gtest/gtest.h>

namespace gapbench {
namespace {

const std::vector<std::string> names{"learning_rate", "momentum", "nesterov"};

TEST(EditDistance, ByHand) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("same", "same"), 0U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("flaw", "lawn"), 2U);
  EXPECT_EQ(edit_distance("ab", "ba"), 2U);
}

TEST(DidYouMean, NamesTheNearMiss) {
  EXPECT_EQ(did_you_mean("momentun", names), "; did you mean \"momentum\"?");
  EXPECT_EQ(did_you_mean("lr_rate", {}), "");
  EXPECT_EQ(did_you_mean("learningrate", names), "; did you mean \"learning_rate\"?");
}

TEST(DidYouMean, ListsAllForAFarMiss) {
  EXPECT_EQ(did_you_mean("qqqqqqqqqqqqqqq", names), "; valid: learning_rate, momentum, nesterov");
}

TEST(DidYouMean, AThirdOfTheNameMayBeWrong) {
  const std::vector<std::string> one{"abcdefghi"};
  EXPECT_EQ(did_you_mean("abcdefxxx", one), "; did you mean \"abcdefghi\"?");
  EXPECT_EQ(did_you_mean("abcdexxxx", one), "; valid: abcdefghi");
}

}  // namespace
}  // namespace gapbench

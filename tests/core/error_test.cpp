// The one exception type.
#include "gapbench/error.h"

#include <gtest/gtest.h>

namespace gapbench {
namespace {

TEST(Error, SaysWhereAndWhat) {
  const Error e("sgd.momentum", "must be below 1");
  EXPECT_STREQ(e.what(), "sgd.momentum: must be below 1");
  EXPECT_EQ(e.where(), "sgd.momentum");
}

TEST(Error, IsCaughtByValueOfItsBase) { EXPECT_THROW(throw Error("a", "b"), std::runtime_error); }

}  // namespace
}  // namespace gapbench

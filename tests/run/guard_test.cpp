#include "run/guard.h"

#include <gtest/gtest.h>

#include <new>

#include "gapbench/error.h"

namespace gapbench::run {
namespace {

using train::Outcome;
using train::Status;

TEST(Guard, ExceptionsBecomeOutcomesAtTheStepHeardLast) {
  Heard heard;
  const Outcome error = guarded(heard, [&]() -> Outcome {
    heard = {12, 400};
    throw Error("sgd", "is wrong");
  });
  EXPECT_EQ(error.status, Status::error);
  EXPECT_EQ(error.reason, "sgd: is wrong");
  EXPECT_EQ(error.step, 12U);
  EXPECT_EQ(error.steps, 400U);
  EXPECT_EQ(guarded({}, []() -> Outcome { throw std::bad_alloc(); }).status, Status::out_of_memory);
  EXPECT_EQ(guarded({}, []() -> Outcome { throw std::logic_error("x"); }).reason, "x");
}

TEST(Guard, AnOutcomePassesThrough) {
  const Outcome outcome = guarded({}, [] {
    Outcome o;
    o.status = Status::diverged;
    o.step = 3;
    return o;
  });
  EXPECT_EQ(outcome.status, Status::diverged);
  EXPECT_EQ(outcome.step, 3U);
}

}  // namespace
}  // namespace gapbench::run

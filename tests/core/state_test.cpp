// Saved state: bit-exact, and refused when it does not fit.
#include "core/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "gapbench/error.h"

namespace gapbench {
namespace {

using ::testing::HasSubstr;

struct Example {
  std::vector<float> velocity{1.5F, -0.0F, std::numeric_limits<float>::denorm_min(), INFINITY};
  std::vector<float> empty;
  double rate = 0.1;
  std::uint64_t steps = ~std::uint64_t{0};

  void archive(State& s) {
    s.field("velocity", velocity);
    s.field("empty", empty);
    s.field("rate", rate);
    s.field("steps", steps);
  }
};

std::string saved(Example e) {
  StateWriter writer("sgd");
  e.archive(writer);
  return writer.blob();
}

template <class F>
std::string refusal(F f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(State, ComesBackBitForBit) {
  Example original;
  original.velocity.push_back(std::bit_cast<float>(0x7FC01234U));  // a NaN with a payload
  original.rate = std::bit_cast<double>(std::uint64_t{0x7FF8000000005678});
  const std::string blob = saved(original);
  Example restored;
  restored.velocity.assign(5, 7);
  restored.rate = 0;
  restored.steps = 0;
  StateReader reader("sgd", blob);
  restored.archive(reader);
  reader.finish();
  EXPECT_EQ(std::memcmp(restored.velocity.data(), original.velocity.data(), 20), 0);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(restored.rate), 0x7FF8000000005678U);
  EXPECT_EQ(restored.steps, original.steps);
  EXPECT_EQ(saved(restored), blob);
}

TEST(State, WritingChangesNothing) {
  Example e;
  StateWriter writer("sgd");
  e.archive(writer);
  EXPECT_EQ(e.velocity[0], 1.5F);
  EXPECT_EQ(e.rate, 0.1);
  EXPECT_EQ(e.steps, ~std::uint64_t{0});
}

TEST(State, TheOrderOfFieldsDoesNotMatter) {
  const std::string blob = saved({});
  StateReader reader("sgd", blob);
  Example e;
  reader.field("steps", e.steps);
  reader.field("rate", e.rate);
  reader.field("empty", e.empty);
  reader.field("velocity", e.velocity);
  EXPECT_NO_THROW(reader.finish());
}

TEST(State, AMissingFieldIsAnError) {
  const std::string blob = saved({});
  StateReader reader("sgd", blob);
  double x = 3;
  EXPECT_EQ(refusal([&] { reader.field("second_moment", x); }),
            "sgd: the saved state has no field \"second_moment\"");
  EXPECT_EQ(x, 3);
}

TEST(State, AnotherLengthOrKindIsAnErrorAndTouchesNothing) {
  const std::string blob = saved({});
  StateReader reader("sgd", blob);
  std::vector<float> three{1, 2, 3};
  EXPECT_EQ(refusal([&] { reader.field("velocity", three); }),
            "sgd: the saved field \"velocity\" has length 4, needed 3");
  EXPECT_EQ(three, (std::vector<float>{1, 2, 3}));
  double x = 3;
  EXPECT_EQ(refusal([&] { reader.field("steps", x); }),
            "sgd: the saved field \"steps\" is of another kind");
  EXPECT_EQ(x, 3);
}

TEST(State, AFieldThatNothingReadsIsAnError) {
  const std::string blob = saved({});
  StateReader reader("sgd", blob);
  std::uint64_t steps = 0;
  reader.field("steps", steps);
  EXPECT_THAT(refusal([&] { reader.finish(); }), HasSubstr("that nothing reads"));
}

TEST(State, ANameTwiceIsAnError) {
  StateWriter writer("sgd");
  double x = 1;
  writer.field("x", x);
  EXPECT_EQ(refusal([&] { writer.field("x", x); }), "sgd: names the state field \"x\" twice");
}

TEST(State, EveryTruncationIsAnError) {
  const std::string blob = saved({});
  for (std::size_t size = 0; size < blob.size(); ++size) {
    Example e;
    EXPECT_THROW(
        {
          StateReader reader("sgd", std::string_view(blob).substr(0, size));
          e.archive(reader);
        },
        Error)
        << size;
  }
}

TEST(State, DamageIsAnError) {
  const std::string blob = saved({});
  const auto with = [&](std::size_t at, std::string_view bytes) {
    std::string changed = blob;
    changed.replace(at, bytes.size(), bytes);
    return refusal([&] { StateReader reader("sgd", changed); });
  };
  constexpr std::string_view huge = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
  const std::size_t field = std::strlen("gapbench-state 1\n");
  EXPECT_THAT(with(0, "x"), HasSubstr("is not a saved state of this version"));
  EXPECT_THAT(with(field, "x"), HasSubstr("unknown kind"));
  EXPECT_THAT(with(field + 1, huge), HasSubstr("cut off"));  // length of the name
  EXPECT_THAT(with(field + 9, "\x1B"), HasSubstr("no text"));
  EXPECT_THAT(with(field + 9 + 8, huge), HasSubstr("cut off"));  // count of values
  const std::string once = blob.substr(field);
  EXPECT_THAT(refusal([&] { StateReader reader("sgd", blob + once); }), HasSubstr("comes twice"));
}

// Two components with the same field names in one state.
TEST(PrefixedState, KeepsComponentsApart) {
  Example a;
  Example b;
  b.steps = 7;
  b.rate = 3;
  StateWriter writer("graft");
  for (auto& [prefix, example] : {std::pair<const char*, Example&>{"a.", a}, {"b.", b}}) {
    PrefixedState state(writer, prefix);
    example.archive(state);
  }
  Example read;
  read.steps = 0;
  read.rate = 0;
  StateReader reader("graft", writer.blob());
  PrefixedState second(reader, "b.");
  read.archive(second);
  EXPECT_EQ(read.steps, 7U);
  EXPECT_EQ(read.rate, 3);
  EXPECT_THROW(reader.field("steps", read.steps), Error);
  EXPECT_THROW(reader.finish(), Error);  // a. was not asked for
}

}  // namespace
}  // namespace gapbench

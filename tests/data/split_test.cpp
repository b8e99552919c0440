// Parts, normalization, kinds and the data folder.
#include "data/split.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "fixtures.h"

namespace gapbench::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Request parts(std::size_t train, std::size_t validation, std::size_t test, std::uint64_t seed = 1) {
  Request r;
  r.name = "cifar10";
  r.train = train;
  r.validation = validation;
  r.test = test;
  r.split_seed = seed;
  return r;
}

std::vector<std::uint32_t> records(const Request& r, Part part) {
  const Split split(r, 100, 20);
  const auto span = split.records(part);
  return {span.begin(), span.end()};
}

TEST(Split, PartsAreDisjointAndCoverTheRecords) {
  std::vector<std::uint32_t> all = records(parts(0, 30, 0), Part::train);
  EXPECT_EQ(all.size(), 70U);
  const auto validation = records(parts(0, 30, 0), Part::validation);
  EXPECT_EQ(validation.size(), 30U);
  all.insert(all.end(), validation.begin(), validation.end());
  std::sort(all.begin(), all.end());
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(all[i], i);
}

TEST(Split, IsAFunctionOfTheSeed) {
  EXPECT_EQ(records(parts(0, 30, 0, 5), Part::train), records(parts(0, 30, 0, 5), Part::train));
  EXPECT_NE(records(parts(0, 30, 0, 5), Part::train), records(parts(0, 30, 0, 6), Part::train));
  const auto order = records(parts(0, 0, 0, 0), Part::train);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
}

TEST(Split, ASmallerTrainingPartIsThePrefixOfALargerOne) {
  const auto large = records(parts(60, 30, 0), Part::train);
  const auto small = records(parts(10, 30, 0), Part::train);
  EXPECT_TRUE(std::equal(small.begin(), small.end(), large.begin()));
  EXPECT_EQ(records(parts(10, 30, 0), Part::validation),
            records(parts(60, 30, 0), Part::validation));
}

TEST(Split, ADrawnTestPartIsAShareOfAllRecords) {
  const auto drawn = [](std::size_t records, double fraction, std::size_t validation = 0) {
    Request r = parts(0, validation, 0, 7);
    r.test_fraction = fraction;
    return Split(r, records, 0);
  };
  const auto of = [](const Split& split, Part part) {
    const auto span = split.records(part);
    return std::vector<std::uint32_t>(span.begin(), span.end());
  };
  // 506 - round(455.4), 308 - round(277.2), 15 - round(13.5), halves to even as numpy has them.
  EXPECT_EQ(of(drawn(506, 0.1), Part::test).size(), 51U);
  EXPECT_EQ(of(drawn(308, 0.1), Part::test).size(), 31U);
  EXPECT_EQ(of(drawn(15, 0.1), Part::test).size(), 1U);
  EXPECT_EQ(of(drawn(100, 0.2, 30), Part::test), of(drawn(100, 0.2), Part::test));
  const auto small = of(drawn(100, 0.1), Part::test);
  const auto large = of(drawn(100, 0.2), Part::test);
  EXPECT_TRUE(std::equal(small.begin(), small.end(), large.begin()));
  std::vector<std::uint32_t> all;
  for (const Part part : {Part::train, Part::validation, Part::test}) {
    const auto some = of(drawn(100, 0.2, 30), part);
    EXPECT_FALSE(std::is_sorted(some.begin(), some.end()));
    all.insert(all.end(), some.begin(), some.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all.size(), 100U);
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(all.at(i), i);
}

TEST(Split, TestPartIsInOfficialOrder) {
  EXPECT_THAT(records(parts(0, 0, 3), Part::test), ElementsAre(0U, 1U, 2U));
  EXPECT_EQ(records(parts(0, 0, 0), Part::test).size(), 20U);
}

TEST(Split, PartsLargerThanTheData) {
  const auto refusal = [](const Request& r) { return error_of([&] { Split(r, 50000, 10000); }); };
  EXPECT_EQ(
      refusal(parts(60000, 5000, 0)),
      "train: 60000 asked, cifar10 has 50000, 5000 of them for validation; at most 45000 left");
  EXPECT_THAT(refusal(parts(45001, 5000, 0)), HasSubstr("train: 45001 asked"));
  EXPECT_THAT(refusal(parts(0, 50000, 0)), HasSubstr("validation: 50000 asked"));
  EXPECT_THAT(refusal(parts(0, 0, 10001)),
              HasSubstr("test: 10001 asked, cifar10 has 10000 test records"));
  EXPECT_NO_THROW(Split(parts(45000, 5000, 10000), 50000, 10000));
}

TEST(Normalization, MeanZeroDeviationOneOverTheTrainingPart) {
  const test::TemporaryFolder scratch;
  Request r = request("synthetic10", scratch.path(),
                      {{"examples", std::int64_t{300}}, {"test_examples", std::int64_t{10}}});
  r.validation = 100;
  const auto data = load(r);
  const auto moments = [&](Part part, std::size_t channel) {
    const auto inputs = gather_all(*data, part).inputs;
    double sum = 0, squares = 0;
    for (std::size_t i = channel; i < inputs.size(); i += 3) {
      sum += inputs[i];
      squares += double{inputs[i]} * inputs[i];
    }
    const double n = static_cast<double>(inputs.size()) / 3;
    return std::pair(sum / n, std::sqrt(squares / n - sum / n * sum / n));
  };
  // 204800 values a channel, each within 2^-24 relative of the exact one.
  constexpr double tolerance = 1e-6;
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(moments(Part::train, c).first, 0, tolerance);
    EXPECT_NEAR(moments(Part::train, c).second, 1, tolerance);
    EXPECT_GT(std::abs(moments(Part::validation, c).first), tolerance);
  }
}

TEST(Kinds, AreListedAndFound) {
  std::set<std::string> names;
  for (const Kind& kind : kinds()) names.insert(kind.name);
  EXPECT_THAT(names,
              ::testing::IsSupersetOf({"cifar10", "cifar100", "mnist", "fashion_mnist",
                                       "synthetic10", "synthetic100", "csv:NAME", "images:NAME"}));
  EXPECT_STREQ(find_kind("cifar100").name, "cifar100");
  EXPECT_STREQ(find_kind("csv:concrete").name, "csv:NAME");
  EXPECT_THAT(error_of([] { find_kind("cifar-10"); }), HasSubstr("did you mean \"cifar10\"?"));
}

TEST(Kinds, OnlyTablesAreDrawnAnew) {
  const test::TemporaryFolder scratch;
  Request r = request("synthetic10", scratch.path());
  r.test_fraction = 0.1;
  EXPECT_EQ(error_of([&] { load(r); }),
            "synthetic10: has a test part of its own, which is not drawn anew");
}

class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    const char* old = std::getenv(name);
    if (old != nullptr) old_ = old;
    was_set_ = old != nullptr;
    value == nullptr ? unsetenv(name) : setenv(name, value, 1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { was_set_ ? setenv(name_, old_.c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::string old_;
  bool was_set_ = false;
};

TEST(DataFolder, GivenThenVariableThenXdgThenHome) {
  const Environment home("HOME", "/home/ada");
  const Environment xdg("XDG_DATA_HOME", "/share");
  const Environment own("GAPBENCH_DATA", "/own");
  EXPECT_EQ(data_folder("here"), "here");
  EXPECT_EQ(data_folder(""), "/own");
  const Environment no_own("GAPBENCH_DATA", "");
  EXPECT_EQ(data_folder(""), "/share/gapbench/data");
  const Environment relative_xdg("XDG_DATA_HOME", "share");
  EXPECT_EQ(data_folder(""), "/home/ada/.local/share/gapbench/data");
  const Environment no_home("HOME", nullptr);
  EXPECT_EQ(data_folder(""), "");  // no set but one on files needs it, and says so
}

}  // namespace
}  // namespace gapbench::data

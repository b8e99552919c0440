#include "compare/sections/recoveries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/compare.h"
#include "gapbench/error.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Records;
using test::some_record;
using ::testing::HasSubstr;
using ::testing::Not;

/// Test accuracies by seed: large 50 51 52, small 8 9 10 above, method half way (4 4.5 5 above).
Records three_batches() {
  Records records;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto k = static_cast<double>(seed - 1);
    const std::string end = "00000" + std::to_string(seed);
    const double large = 0.5 + 0.01 * k;
    records.good.push_back(some_record("large", seed, "a0" + end, 0.75, large));
    records.good.push_back(some_record("small", seed, "b0" + end, 0.75, large + 0.08 + 0.01 * k));
    records.good.push_back(some_record("half", seed, "c0" + end, 0.75, large + 0.04 + 0.005 * k));
  }
  records.good.push_back(some_record("half", 9, "c0000009", 0.75, 0.99));  // of no other's seed
  for (auto& r : records.good) r.identity.resize(64, '0');
  return records;
}

std::string page(const Records& records, const std::string& large, const std::string& small,
                 bool explained = false) {
  return compare(records, {"", Format::markdown, explained, large, small});
}

std::string error_of(const std::string& large, const std::string& small) {
  try {
    page(three_batches(), large, small);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Recovered, WordForWord) {
  const std::string text = page(three_batches(), "large", "small");
  EXPECT_THAT(text,
              HasSubstr("## Recovery\n\n(row - large) / (small - large) by seed, with its 95 % "));
  EXPECT_THAT(text, HasSubstr("\n\n| Recovery, Test acc % | cifar10, cnn3 |\n"
                              "|:---|---:|\n"
                              "| half | 0.50 [0.50, 0.50], n = 3 (not fitted) |\n\n"
                              "| Recovery, Error gap (points) | cifar10, cnn3 |\n"
                              "|:---|---:|\n"
                              "| half | 0.50 [0.50, 0.50], n = 3 (not fitted) |\n\n"
                              "| Recovery, Loss gap | cifar10, cnn3 |\n"
                              "|:---|---:|\n"
                              "| half | undefined, n = 3 (not fitted) |\n\n"
                              "- cifar10, cnn3: large (not fitted): what it lost or gained may be "
                              "slow training.\n"
                              "- cifar10, cnn3: small (not fitted): what"));
}

suite::Published number(const std::string& method, double value, const std::string& source) {
  return {"cifar10", "", method, "test_accuracy", value, {}, {}, source};
}

/// A recovery of 0.7 for half, from one source.
void publish(Records& records) {
  records::SuiteNote note{records.good[0].suite, "", "", {"large", "small", "half"}};
  note.published = {number("large", 80, "A"), number("small", 90, "A"), number("half", 87, "A")};
  records.suites = {note};
}

TEST(Recovered, PublishedNumbersOfOneSourceStandBeside) {
  Records records = three_batches();
  publish(records);
  const std::string text = page(records, "large", "small");
  EXPECT_THAT(text, HasSubstr("| Recovery, Test acc % | cifar10, cnn3 | Published |\n"));
  EXPECT_THAT(text, HasSubstr("| half | 0.50 [0.50, 0.50], n = 3 (not fitted) | 0.70 |\n"));
  EXPECT_THAT(text, HasSubstr("| Recovery, Error gap (points) | cifar10, cnn3 |\n"));

  records.suites[0].published[1].source = "B";
  EXPECT_THAT(page(records, "large", "small"), Not(HasSubstr("cifar10, cnn3 | Published |")));
  records.suites[0].published[1] = number("small", 80, "A");
  EXPECT_THAT(page(records, "large", "small"), Not(HasSubstr("cifar10, cnn3 | Published |")));
  records.suites[0].published.pop_back();
  EXPECT_THAT(page(records, "large", "small"), Not(HasSubstr("cifar10, cnn3 | Published |")));
}

TEST(Recovered, OneColumnADataSet) {
  Records records = three_batches();
  for (auto& r : records.good) r.outcome.final->train.accuracy = 1;
  for (auto r : three_batches().good) {
    if (r.method == "half") r.method = "other";
    r.dataset = "cifar100";
    r.settings["dataset"] = std::string("cifar100");
    r.identity.back() = 'f';
    if (r.seed != 3) r.outcome.final->train.accuracy = 1;
    records.good.push_back(r);
  }
  EXPECT_THAT(page(records, "large", "small"),
              HasSubstr("| Recovery, Test acc % | cifar10, cnn3 | cifar100, cnn3 |\n"
                        "|:---|---:|---:|\n"
                        "| half | 0.50 [0.50, 0.50], n = 3 | – |\n"
                        "| other | – | 0.50 [0.50, 0.50], n = 3 (1/4 not fitted) |\n\n"));
  EXPECT_THAT(page(records, "large", "small"), HasSubstr("\n\n- cifar100, cnn3: large (1/3 not"));
}

TEST(Recovered, ARowWithoutPublishedNumbersHasNone) {
  Records records = three_batches();
  for (auto r : three_batches().good) {
    if (r.method != "half") continue;
    r.method = "unpublished";
    r.identity.back() = 'f';
    records.good.push_back(r);
  }
  publish(records);
  const std::string text = page(records, "large", "small");
  EXPECT_THAT(text, HasSubstr("| half | 0.50 [0.50, 0.50], n = 3 (not fitted) | 0.70 |\n"));
  EXPECT_THAT(text, HasSubstr("| unpublished | 0.50 [0.50, 0.50], n = 3 (not fitted) | – |\n"));
}

TEST(Recovered, UndefinedWhereNothingWasLost) {
  const std::string text = page(three_batches(), "large", "large", true);
  EXPECT_THAT(text, HasSubstr("| half | undefined, n = 3 (not fitted) |\n"));
  EXPECT_THAT(text,
              HasSubstr("- Test acc %, cifar10, cnn3 (half, small): undefined: small batch - large "
                        "batch is 0 (95 % interval 0 to 0), which covers 0"));
  EXPECT_THAT(page(three_batches(), "large", "large"), Not(HasSubstr("which covers 0: nothing")));
}

/// As half, under another name.
void add_twin(Records& records, const std::string& name, bool with_last_seed) {
  for (auto r : three_batches().good) {
    if (r.method != "half" || (r.seed == 3 && !with_last_seed)) continue;
    r.method = name;
    r.identity.back() = name[0];
    records.good.push_back(r);
  }
}

// The rule is of the seeds that a row and both ends have: by all three the small batch gains 8, 9,
// 10, by the first two 8 and 9.
TEST(Recovered, ExplainsRowsOfWhichItSaysTheSameOnce) {
  Records records = three_batches();
  add_twin(records, "equal", true);
  add_twin(records, "fewer", false);
  const std::string text = page(records, "large", "small", true);
  EXPECT_THAT(text, HasSubstr("- Test acc %, cifar10, cnn3 (equal, half): defined: small batch - "
                              "large batch is +9 (95 % interval +6.516 to +11.48), more than 1.5 "
                              "times its half width from 0.\n"));
  EXPECT_THAT(text, HasSubstr("- Test acc %, cifar10, cnn3 (fewer): undefined: small batch - large "
                              "batch is +8.5 (95 % interval +2.147 to +14.85), 1.34 times its half "
                              "width from 0, and not 1.5"));
}

TEST(Recovered, UndefinedWhereTheSmallBatchIsWorse) {
  Records records = three_batches();
  for (auto& r : records.good) {
    auto& accuracy = *r.outcome.final->test->accuracy;
    accuracy = 1 - accuracy;
  }
  const std::string text = page(records, "large", "small", true);
  EXPECT_THAT(text, HasSubstr("| half | undefined, n = 3 (not fitted) |\n"));
  EXPECT_THAT(text, HasSubstr("- Error gap (points), cifar10, cnn3 (half): undefined: the "
                              "small batch is worse than the large one (35 against 26), nothing "
                              "was lost.\n"));
  EXPECT_THAT(page(records, "small", "large"),
              HasSubstr("| half | 0.50 [0.50, 0.50], n = 3 (not fitted) |"));
}

TEST(Recovered, NamesDataSetsWithoutTheEnds) {
  Records records = three_batches();
  records.good[0].settings["batch"] = std::int64_t{256};  // two rows of large
  EXPECT_THAT(page(records, "large", "small"),
              HasSubstr("- cifar10, cnn3: no recovery, it needs exactly one row each of large and "
                        "small.\n"));
}

TEST(Recovered, NothingWithoutAnotherRow) {
  Records records = three_batches();
  std::erase_if(records.good, [](const auto& r) { return r.method == "half"; });
  EXPECT_THAT(page(records, "large", "small"), Not(HasSubstr("Recovery")));
}

TEST(Recovered, OnlyWhereAsked) {
  EXPECT_THAT(page(three_batches(), "", ""), Not(HasSubstr("Recovery")));
  EXPECT_EQ(error_of("large", ""),
            "small batch: not given, but recovery is measured between two methods: name both");
  EXPECT_EQ(error_of("", "small"),
            "large batch: not given, but recovery is measured between two methods: name both");
  EXPECT_EQ(error_of("large", "smal"),
            "small batch: no method \"smal\" in these records; did you mean \"small\"?");
}

}  // namespace
}  // namespace gapbench::compare

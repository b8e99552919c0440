// Rows against the baseline at one learning rate, from tuning trials.
#include "compare/sections/same_rate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/compare.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::some_record;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

Record counting(const std::string& method, double rate, std::uint64_t seed) {
  Record r = some_record(method, seed, method + std::to_string(seed), 1, 0.5);
  r.settings["optimizer.learning_rate"] = rate;
  r.settings["tune.configurations"] = std::int64_t{2};
  r.settings["evaluate_every.epochs"] = 1.0;
  return r;
}

Record tried(const std::string& method, double rate, std::uint64_t seed, double validation) {
  Record r =
      some_record(method, seed, method + std::to_string(rate) + std::to_string(seed), 1, 0.5);
  r.method = method + "[learning_rate=" + std::to_string(rate) + "]";
  r.settings["optimizer.learning_rate"] = rate;
  r.settings["tuning"] = true;
  r.outcome.final->test.reset();
  r.outcome.final->validation = train::PartMetrics{0.5, validation, 100};
  return r;
}

// Chosen: 0.3 for the baseline, 0.5 for the penalty, at which the baseline had 0.60 and 0.62.
Records two_methods() {
  Records records;
  for (const std::uint64_t seed : {1, 2}) {
    records.good.push_back(counting("large", 0.3, seed));
    records.good.push_back(counting("penalty", 0.5, seed));
  }
  records.tuning = {tried("large", 0.3, 101, 0.70),   tried("large", 0.5, 101, 0.60),
                    tried("large", 0.5, 102, 0.62),   tried("penalty", 0.5, 101, 0.65),
                    tried("penalty", 0.5, 102, 0.65), tried("penalty", 0.3, 101, 0.1)};
  records.suites = {{"demo", "", "large", {"large", "penalty"}}};
  return records;
}

TEST(SameRate, IsTheDifferenceByTuningSeedAtTheRowsRate) {
  const Records records = two_methods();
  const Aggregate all = aggregate(records, "large");
  ASSERT_THAT(all.sections, SizeIs(1));
  const auto rows = at_same_rate(records, all.sections[0], "large");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].row->method, "penalty");
  EXPECT_EQ(rows[0].rate, 0.5);
  EXPECT_THAT(rows[0].differences, ElementsAre(DoubleNear(0.05, 1e-12), DoubleNear(0.03, 1e-12)));
  // 4 ± 12.706 * 1.41421 / sqrt(2)
  EXPECT_NEAR(100 * rows[0].interval->low, 4 - 12.706, 1e-2);
  EXPECT_THAT(compare(records, {}), HasSubstr("| penalty | 0.5 | 2 | +4.00 [-8.71, +16.71] |"));
}

TEST(SameRate, IsNotAskedWhereTheRatesAreOneOrTheTrialWasNot) {
  Records same = two_methods();
  for (Record& r : same.good) r.settings["optimizer.learning_rate"] = 0.5;
  EXPECT_THAT(compare(same, {}), Not(HasSubstr("at the row's rate")));
  Records untried = two_methods();
  untried.tuning.erase(untried.tuning.begin() + 1, untried.tuning.begin() + 3);
  EXPECT_THAT(compare(untried, {}), Not(HasSubstr("at the row's rate")));
  Records failed = two_methods();
  failed.tuning[1].outcome.status = train::Status::diverged;
  EXPECT_THAT(at_same_rate(failed, aggregate(failed, "large").sections[0], "large")[0].differences,
              ElementsAre(DoubleNear(0.03, 1e-12)));
  Records other = two_methods();
  for (Record& r : other.tuning) r.settings["batch"] = std::int64_t{7};
  EXPECT_THAT(at_same_rate(other, aggregate(other, "large").sections[0], "large"), IsEmpty());
}

}  // namespace
}  // namespace gapbench::compare

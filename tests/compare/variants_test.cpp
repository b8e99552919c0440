// Two variants of one data set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/compare.h"
#include "compare/findings/findings.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::some_record;
using ::testing::HasSubstr;
using ::testing::Not;

/// On data drawn by seeds 0 and 7, adam gains about 4 and 3 points on sgd.
Records two_draws() {
  Records records;
  for (const std::int64_t draw : {0, 7}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      for (const char* method : {"sgd", "adam"}) {
        const double wobble = 0.0625 * static_cast<double>(seed);
        const double points = *method == 's' ? 0 : draw == 0 ? 4 + wobble : 3 - wobble;
        const std::string head = std::string(*method == 's' ? "a" : "b") + std::to_string(draw) +
                                 "00000" + std::to_string(seed);
        Record r = some_record(method, seed, head, 1, 0.5 + points / 100);
        r.settings["dataset.seed"] = draw;
        r.settings["data.checksum"] = std::string(64, draw == 0 ? 'd' : 'e');
        records.good.push_back(r);
      }
    }
  }
  records.suites = {{"demo", "", "sgd", {"sgd", "adam"}}};
  return records;
}

TEST(Variants, OfOneDataSetGetAVerdict) {
  const Records records = two_draws();
  const Aggregate all = aggregate(records, "");
  const auto list = carried(all, {"test_accuracy"});
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list.front().transfer.word(), "reproduces");
  EXPECT_EQ(list.front().from->title, "cifar10, cnn3 [dataset.seed=0]");
  EXPECT_EQ(list.front().to->title, "cifar10, cnn3 [dataset.seed=7]");
}

TEST(Variants, AreTitledInTheWordsOfTheTables) {
  Records records = two_draws();
  for (Record& r : records.good) {
    const bool first = r.settings.at("dataset.seed") == OptionValue(std::int64_t{0});
    r.settings["data.train"] = std::int64_t{first ? 0 : 500};
    r.settings.erase("dataset.seed");
  }
  const std::string page = compare(records, {});
  EXPECT_THAT(page, HasSubstr("## cifar10, cnn3 [data.train=all]\n"));
  EXPECT_THAT(page, HasSubstr("## cifar10, cnn3 [data.train=500]\n"));
  for (Record& r : records.good) r.settings["data.train"] = std::int64_t{0};
  EXPECT_THAT(compare(records, {}), HasSubstr("## cifar10, cnn3 [data.checksum=dddddddddddd]\n"));
}

TEST(Variants, OfANetworkAreNoDataSets) {
  Records records = two_draws();
  for (Record& r : records.good) {
    r.settings["network.width"] = r.settings.at("dataset.seed");
    r.settings.erase("dataset.seed");
  }
  EXPECT_TRUE(carried(aggregate(records, "")).empty());
}

}  // namespace
}  // namespace gapbench::compare

#include "compare/findings/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compare/compare.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::some_record;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Measure test_loss = [](const Record& r) {
  return std::optional(r.outcome.final->test->loss);
};

Record with_loss(std::uint64_t seed, double loss) {
  Record r = some_record("any", seed, "aaaaaaa1");
  r.outcome.final->test->loss = loss;
  return r;
}

Row row_of(const std::vector<Record>& records) {
  Row row;
  for (const Record& r : records) row.ok.push_back(&r);
  return row;
}

TEST(PairedDifferences, AreOfTheSeedsInCommon) {
  const std::vector<Record> base{with_loss(3, 1), with_loss(1, 2), with_loss(2, 4)};
  const std::vector<Record> ours{with_loss(1, 8), with_loss(4, 100), with_loss(3, 16)};
  EXPECT_THAT(paired_differences(row_of(ours), row_of(base), test_loss), ElementsAre(6, 15));
}

TEST(PairedDifferences, NoneWhereANumberIsMissingOrNotFinite) {
  const std::vector<Record> base{with_loss(1, 2), with_loss(2, 4)};
  const std::vector<Record> ours{with_loss(1, 8), with_loss(2, std::nan(""))};
  EXPECT_THAT(paired_differences(row_of(ours), row_of(base), test_loss), IsEmpty());
  const auto missing = [](const Record& r) {
    return r.seed == 2 ? std::nullopt : std::optional(1.0);
  };
  EXPECT_THAT(paired_differences(row_of(base), row_of(base), missing), IsEmpty());
}

TEST(PairedDifferences, SeedsThatDecideNothingCountAsOne) {
  const std::vector<Record> base{with_loss(1, 2), with_loss(2, 2)};
  const std::vector<Record> ours{with_loss(1, 8), with_loss(2, 8)};
  Row a = row_of(ours);
  Row b = row_of(base);
  EXPECT_THAT(paired_differences(a, b, test_loss), ElementsAre(6, 6));
  a.seeds_agree = b.seeds_agree = true;
  EXPECT_THAT(paired_differences(a, b, test_loss), ElementsAre(6));
}

TEST(PairedDifferences, RoundingIsNoDifference) {
  const std::vector<Record> base{with_loss(1, 0.3)};
  const std::vector<Record> ours{with_loss(1, 0.1 + 0.2)};
  EXPECT_THAT(paired_differences(row_of(ours), row_of(base), test_loss), ElementsAre(0));
}

/// One record a seed of "sgd" and "adam" on a data set; adam's test accuracy is `gains` above.
void add(const std::string& dataset, const std::vector<double>& gains, Records& records) {
  std::uint64_t seed = 0;
  for (const double gain : gains) {
    ++seed;
    const std::string id = dataset == "cifar10" ? "a" : "b";
    for (const bool adam : {false, true}) {
      const std::string head = id + (adam ? "1" : "0") + "00000" + std::to_string(seed);
      Record r = some_record(adam ? "adam" : "sgd", seed, head, 0.75, 0.5 + (adam ? gain : 0));
      r.dataset = dataset;
      r.settings["dataset"] = dataset;
      records.good.push_back(r);
    }
  }
}

Records two_data_sets(const std::vector<double>& second) {
  Records records;
  add("cifar10", {0.0625, 0.078125, 0.09375, 0.0625, 0.078125}, records);
  add("cifar100", second, records);
  records.suites = {{"demo", "", "sgd", {"sgd", "adam"}}};
  return records;
}

std::string page(const Records& records, bool explained = false) {
  return compare(records, {"", Format::markdown, explained});
}

// Gains 6.25 7.8125 9.375 6.25 7.8125: mean 7.5, deviation sqrt(6.8359 / 4) = 1.3073, half width
// 2.7764 x 1.3073 / sqrt(5) = 1.623; t = 12.83 with 4 degrees of freedom, two p: twice 0.000213.
TEST(Against, WordForWord) {
  EXPECT_THAT(
      page(two_data_sets({0.0625})),
      HasSubstr("| Against sgd, by seed | Seeds | Δ Test acc % | p (Holm) | P(>) "
                "| Δ Error gap (points) | p (Holm) | P(>) | Δ Loss gap | p (Holm) | P(>) |\n"
                "|:---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
                "| adam | 5 | +7.5 [+5.88, +9.12] | < 0.001 | 1.00 "
                "| -7.5 [-9.12, -5.88] | < 0.001 | 0.00 | 0 | – | 0.50 |\n"));
}

// Without correction both p are 0.000213; two p in the table.
TEST(Against, PIsCorrectedForItsTable) {
  const Records records = two_data_sets({0.0625});
  const Aggregate all = aggregate(records, "sgd");
  const Section& section = all.sections[0];
  const auto found = findings(section, "sgd", metrics_of(section));
  EXPECT_NEAR(*found[0][1].p, 2 * 0.000213, 2e-6);
  EXPECT_EQ(found[0][1].p, found[1][1].p);
  EXPECT_TRUE(found[0][0].differences.empty());  // the baseline's own
}

// Five gains of one sign: the exact signed-rank p is 2 / 2^5, and Holm doubles it.
TEST(Against, WilcoxonWhereAsked) {
  const Records records = two_data_sets({0.0625});
  const Aggregate all = aggregate(records, "sgd");
  const auto found = findings(all.sections[0], "sgd", metrics_of(all.sections[0]));
  EXPECT_EQ(found[0][1].wilcoxon_p, 0.125);
  EXPECT_THAT(page(records, true), HasSubstr("| +7.5 [+5.88, +9.12] | < 0.001 | 0.125 | 1.00 |"));
  EXPECT_THAT(page(records), Not(HasSubstr("Wilcoxon")));
}

TEST(Against, OneSeedHasNoIntervalAndNoP) {
  EXPECT_THAT(page(two_data_sets({0.0625})),
              HasSubstr("| adam | 1 | +6.25 | – | 1.00 | -6.25 | – | 0.00 | 0 | – | 0.50 |\n"));
}

TEST(Against, NothingWithoutABaseline) {
  Records records = two_data_sets({0.0625});
  records.suites.clear();
  EXPECT_THAT(page(records), Not(HasSubstr("Against")));
  EXPECT_THAT(page(records), Not(HasSubstr("carry over")));
}

TEST(CarriedOver, WordForWord) {
  const std::string text = page(two_data_sets({-0.0625, -0.078125, -0.09375, -0.0625, -0.078125}));
  EXPECT_THAT(
      text, HasSubstr("## Does it carry over?\n\n"
                      "From cifar10, cnn3 (first) to cifar100, cnn3 (second):\n\n"
                      "| Against sgd (not fitted on both) | Δ Test acc %, first | second | Verdict "
                      "| Δ Error gap (points), first | second | Verdict "
                      "| Δ Loss gap, first | second | Verdict |\n"
                      "|:---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
                      "| adam (not fitted on both) "
                      "| +7.5 [+5.88, +9.12], n = 5 | -7.5 [-9.12, -5.88], n = 5 | reverses "
                      "| -7.5 [-9.12, -5.88], n = 5 | +7.5 [+5.88, +9.12], n = 5 | reverses "
                      "| 0, n = 5 | 0, n = 5 | cannot tell |\n"
                      "\n## How to read this"));
}

TEST(CarriedOver, OneTableForEachPairOfDataSets) {
  Records records = two_data_sets({0.0625});
  for (Record r : two_data_sets({0.0625}).good) {
    if (r.dataset != "cifar10") continue;
    r.dataset = "mnist";
    r.settings["dataset"] = std::string("mnist");
    r.identity[0] = 'c';
    r.outcome.final->train.accuracy = 1;
    records.good.push_back(r);
  }
  const std::string text = page(records);
  EXPECT_THAT(text, HasSubstr("From cifar10, cnn3 (first) to cifar100, cnn3 (second):\n\n| Aga"));
  EXPECT_THAT(text, HasSubstr("From cifar10, cnn3 (first) to mnist, cnn3 (second):\n\n| Against"));
  EXPECT_THAT(text, HasSubstr("From cifar100, cnn3 (first) to mnist, cnn3 (second):\n\n| Again"));
  EXPECT_THAT(text, HasSubstr("\n| adam (not fitted on the first) | +6.25, n = 1 | +7.5 ["));
  EXPECT_THAT(text, HasSubstr("\n| Against sgd (not fitted on the first) | Δ Test acc"));
  records.good.back().outcome.final->train.accuracy = 0.5;  // mnist's last adam of five
  EXPECT_THAT(page(records), HasSubstr("\n| adam (not fitted on the first) (1/5 not fitted on "
                                       "the second) | +6.25, n = 1 | +7.5 ["));
}

TEST(CarriedOver, SaysTheRuleWhereAsked) {
  const Records records = two_data_sets({0.0625, 0.078125});
  EXPECT_THAT(
      page(records, true),
      HasSubstr("\n- adam, Test acc %: cannot tell: +7.5 (95 % interval +5.877 to +9.123, n "
                "= 5) on cifar10, cnn3, +7.031 (95 % interval -2.895 to +16.96, n = 2) on "
                "cifar100, cnn3; a verdict needs 3 seeds in common with the baseline on "
                "both.\n"));
  EXPECT_THAT(page(records, false), Not(HasSubstr("a verdict needs")));
}

TEST(CarriedOver, OnlyWithinASuiteAndANetwork) {
  const std::vector<double> gains{0.0625, 0.078125, 0.09375};
  Records records = two_data_sets(gains);
  EXPECT_THAT(page(records), HasSubstr("| reproduces |"));
  for (Record& r : records.good) r.network = r.dataset == "cifar10" ? "cnn3" : "lenet5";
  EXPECT_THAT(page(records), Not(HasSubstr("carry over?")));
  records = two_data_sets(gains);
  for (Record& r : records.good) {
    r.settings["network.norm"] = std::string(r.dataset == "cifar10" ? "batch" : "none");
  }
  EXPECT_THAT(page(records), Not(HasSubstr("carry over?")));
  for (Record& r : records.good) r.settings["network.norm"] = std::string("batch");
  EXPECT_THAT(page(records), HasSubstr("| reproduces |"));
  records = two_data_sets(gains);
  for (Record& r : records.good) r.suite = r.dataset;
  EXPECT_THAT(page(records), Not(HasSubstr("carry over?")));
  records = two_data_sets(gains);
  for (Record& r : records.good) {
    if (r.dataset == "cifar10" && r.seed == 1 && r.method == "adam") {
      r.settings["batch"] = std::int64_t{256};  // two rows of adam: which one?
    }
  }
  EXPECT_THAT(page(records), Not(HasSubstr("carry over?")));
}

}  // namespace
}  // namespace gapbench::compare

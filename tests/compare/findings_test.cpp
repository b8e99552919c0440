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

TEST(PairedDifferences, NoneWhereANumberIsNotFinite) {
  const std::vector<Record> base{with_loss(1, 2), with_loss(2, 4)};
  const std::vector<Record> ours{with_loss(1, 8), with_loss(2, std::nan(""))};
  EXPECT_THAT(paired_differences(row_of(ours), row_of(base), test_loss), IsEmpty());
}

TEST(PairedDifferences, OfTheSeedsThatHaveTheNumber) {
  const std::vector<Record> base{with_loss(1, 2), with_loss(2, 4), with_loss(3, 1)};
  const std::vector<Record> ours{with_loss(1, 8), with_loss(2, 9), with_loss(3, 1)};
  const auto missing = [](const Record& r) { return r.seed == 2 ? std::nullopt : test_loss(r); };
  EXPECT_THAT(paired_differences(row_of(ours), row_of(base), missing), ElementsAre(6, 0));
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
// 2.7764 x 1.3073 / sqrt(5) = 1.623; t = 12.83 with 4 degrees of freedom. One method: Dunnett's
// interval is that of the paired t test.
TEST(Against, WordForWord) {
  EXPECT_THAT(page(two_data_sets({0.0625})),
              HasSubstr("| Against sgd, by seed | Seeds | Δ Test acc % | p | Beyond doubt | P(>) "
                        "| Δ Error gap (points) (secondary) | P(>) "
                        "| Δ Loss gap (secondary) | P(>) |\n"
                        "|:---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
                        "| adam | 5 | +7.5 [+5.88, +9.12] | < 0.001 | yes | 1.00 "
                        "| -7.5 [-9.12, -5.88] | 0.00 | 0 | 0.50 |\n"));
}

Comparison first_comparison(const Records& records) {
  static Aggregate all;  // the result points into it
  all = aggregate(records, "sgd");
  Dunnett dunnett;
  return compare_rows(all.sections[0], "sgd", metrics_of(all.sections[0]), dunnett);
}

TEST(Against, OneMethodHasThePairedT) {
  const Records records = two_data_sets({0.0625});
  const Comparison c = first_comparison(records);
  ASSERT_EQ(c.primary, 0U);
  EXPECT_EQ(c.methods, 1U);
  EXPECT_NEAR(c.found[0][1].among->p, 0.000213, 1e-6);
  EXPECT_NEAR(c.found[0][1].among->interval.low, c.found[0][1].interval->low, 1e-6);
  EXPECT_NEAR(*c.found[1][1].p, 0.000213, 1e-6);
  EXPECT_FALSE(c.found[1][1].among);
  EXPECT_TRUE(c.found[0][0].differences.empty());  // the baseline's own
}

/// Another method with these gains on cifar10.
void add_method(const std::string& name, const std::vector<double>& gains, Records& records) {
  std::uint64_t seed = 0;
  for (const double gain : gains) {
    ++seed;
    Record r = some_record(name, seed, "c" + name.substr(0, 1) + "00000" + std::to_string(seed),
                           0.75, 0.5 + gain);
    r.dataset = "cifar10";
    r.settings["dataset"] = std::string("cifar10");
    records.good.push_back(r);
  }
}

// Two methods, two seeds. Rows 0 0, 4 6, 1 -1 points: less the seed means 5/3 and 5/3 and the row
// means 0, 5 and 0 about 5/3, residuals 0 0, -1 1, 1 -1: squares 4, K (n - 1) = 2, s = sqrt 2, and
// s sqrt(2 / n) = sqrt 2. Dunnett's q for two methods and two degrees of freedom is 5.418.
TEST(Against, RowsShareOneErrorAndOneQuantile) {
  Records records;
  add("cifar10", {0.04, 0.06}, records);
  add_method("other", {0.01, -0.01}, records);
  records.suites = {{"demo", "", "sgd", {"sgd", "adam", "other"}}};
  const Comparison c = first_comparison(records);
  EXPECT_EQ(c.methods, 2U);
  const double q = Dunnett().quantile(2, 2, 0.95);
  EXPECT_NEAR(q, 5.418, 0.01);
  EXPECT_NEAR(c.found[0][1].among->interval.low, 5 - q * std::sqrt(2.0), 1e-6);
  EXPECT_NEAR(c.found[0][2].among->interval.high, q * std::sqrt(2.0), 1e-6);
}

// Without the row that failed there is one method, with its own t.
TEST(Against, RowsThatFailedOrHaveNotFittedStayOutside) {
  Records records;
  add("cifar10", {0.0625, 0.078125, 0.09375}, records);
  add_method("rough", {0.25, 0.3, 0.4}, records);
  add_method("slow", {0.25, 0.35, 0.4}, records);
  for (Record& r : records.good) r.outcome.final->train.accuracy = r.method == "slow" ? 0.9 : 1;
  for (Record& r : records.good) {
    if (r.method == "rough" && r.seed == 3) r.outcome.status = train::Status::diverged;
  }
  records.suites = {{"demo", "", "sgd", {"sgd", "adam", "rough", "slow"}}};
  const Comparison c = first_comparison(records);
  EXPECT_EQ(c.methods, 1U);
  EXPECT_THAT(c.outside, ElementsAre("", "", "failed trials", "not fitted"));
  EXPECT_FALSE(c.found[0][2].among);
  EXPECT_EQ(c.found[0][2].failed, 1U);
  const std::string text = page(records);
  EXPECT_THAT(text, HasSubstr("\n| rough | 2, 1 failed | +27.5 [-4.27, +59.3] ‡ | – | – | 1.00 |"));
  EXPECT_THAT(text, HasSubstr("\n‡ Not in the comparison, with the t interval of their own: rough "
                              "(failed trials), slow (not fitted).\n"));
}

TEST(Against, OfABaselineThatFailedNothingIsCompared) {
  Records records = two_data_sets({0.0625});
  records.good[0].outcome.status = train::Status::diverged;  // sgd's first
  const Comparison c = first_comparison(records);
  EXPECT_EQ(c.methods, 0U);
  EXPECT_THAT(page(records), HasSubstr("| adam | 4, 1 failed | +7.81 ["));
  EXPECT_THAT(page(records), HasSubstr("adam (the baseline has failed trials)"));
}

TEST(Against, TheSuiteSaysWhichMetricDecides) {
  Records records = two_data_sets({0.0625});
  records.suites[0].metric = "error_gap";
  EXPECT_THAT(page(records), HasSubstr("| Δ Error gap (points) | p | Beyond doubt | P(>) | Δ Test "
                                       "acc % (secondary) | P(>) | Δ Loss gap (secondary)"));
}

// Five seeds cannot reach 0.05 by signs: the exact p of six gains of one sign is 2 / 2^6.
TEST(Against, WilcoxonWhereItCanSpeak) {
  Records records = two_data_sets({0.0625});
  EXPECT_THAT(page(records, true), HasSubstr("| yes | +7.5 [+5.88, +9.12] | 1.00 |"));
  EXPECT_THAT(page(records, true), Not(HasSubstr("Wilcoxon p")));
  records.good.clear();
  add("cifar10", {0.0625, 0.078125, 0.09375, 0.0625, 0.078125, 0.07}, records);
  EXPECT_THAT(page(records, true), HasSubstr(" | 0.031 | 1.00 |"));
  EXPECT_THAT(page(records), Not(HasSubstr("Wilcoxon p")));
}

TEST(Against, OneSeedHasNoIntervalAndNoP) {
  EXPECT_THAT(page(two_data_sets({0.0625})),
              HasSubstr("| adam | 1 | +6.25 ‡ | – | – | 1.00 | -6.25 | 0.00 | 0 | 0.50 |\n"));
}

TEST(Against, NothingWithoutABaseline) {
  Records records = two_data_sets({0.0625});
  records.suites.clear();
  EXPECT_THAT(page(records), Not(HasSubstr("Against")));
  EXPECT_THAT(page(records), Not(HasSubstr("carry over")));
}

// Opposite effects of one size: the share is -1, what is lost is 15.
TEST(CarriedOver, WordForWord) {
  const std::string text = page(two_data_sets({-0.0625, -0.078125, -0.09375, -0.0625, -0.078125}));
  EXPECT_THAT(
      text,
      HasSubstr("## Does it carry over?\n\n"
                "From cifar10, cnn3 (first) to cifar100, cnn3 (second):\n\n"
                "| Test acc %, against sgd (not fitted on both) | First | Second | Carried share "
                "| First − second | Verdict |\n"
                "|:---|---:|---:|---:|---:|---:|\n"
                "| adam (not fitted on both) | +7.5 [+5.88, +9.12], n = 5 "
                "| -7.5 [-9.12, -5.88], n = 5 | -1.00 [-1.30, -0.77] | +15 [+13.1, +16.9] "
                "| reverses |\n\n"
                "| Error gap (points) (secondary), against sgd (not fitted on both) | First "));
  EXPECT_THAT(text, HasSubstr("| adam (not fitted on both) | 0, n = 5 | 0, n = 5 | – | 0 "
                              "| cannot tell |\n\n## How to read this"));
}

TEST(CarriedOver, FailuresStandBesideN) {
  Records records = two_data_sets({0.0625, 0.078125, 0.09375, 0.0625, 0.078125});
  for (Record& r : records.good) {
    if (r.seed > 3 && r.method == "adam") r.outcome.status = train::Status::diverged;
  }
  EXPECT_THAT(page(records), HasSubstr(", n = 3, 2 failed | +7.81 ["));
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
  EXPECT_THAT(text, HasSubstr("From cifar10, cnn3 (first) to cifar100, cnn3 (second):\n\n| Tes"));
  EXPECT_THAT(text, HasSubstr("From cifar10, cnn3 (first) to mnist, cnn3 (second):\n\n| Test ac"));
  EXPECT_THAT(text, HasSubstr("From cifar100, cnn3 (first) to mnist, cnn3 (second):\n\n| Test a"));
  EXPECT_THAT(text, HasSubstr("\n| adam (not fitted on the first) | +6.25, n = 1 | +7.5 ["));
  EXPECT_THAT(text, HasSubstr("\n| Test acc %, against sgd (not fitted on the first) | First"));
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

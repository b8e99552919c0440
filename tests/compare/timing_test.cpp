// Seconds that are no measure of one method against another; what failed; order of names.
#include "compare/rows/timing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/compare.h"
#include "compare/findings/findings.h"
#include "compare/findings/recovery.h"
#include "core/temporary_folder.h"
#include "error_of.h"
#include "page_line.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::some_record;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

void took(double wall, double cpu, Record& record) {
  record.outcome.cost.train = {wall, cpu};
  record.outcome.final->cost = record.outcome.cost;
}

/// sgd takes 2, 3 and 4 s, adam 4, 6 and 9.
Records two_methods() {
  Records records;
  const double seconds[] = {2, 3, 4, 4, 6, 9};
  for (std::size_t i = 0; i < 6; ++i) {
    const bool adam = i >= 3;
    records.good.push_back(some_record(adam ? "adam" : "sgd", i % 3 + 1,
                                       (adam ? "bbbbbbb" : "aaaaaaa") + std::to_string(i)));
    took(seconds[i], seconds[i], records.good.back());
  }
  records.suites = {{"demo", "", "sgd", {"sgd", "adam"}}};
  return records;
}

std::string page_of(const Records& records) {
  CompareOptions options;
  options.metrics = {"train_seconds"};
  return compare(records, options);
}

TEST(Timing, IsComparedOnOneIdleMachine) {
  const std::string page = page_of(two_methods());
  EXPECT_THAT(page, AllOf(HasSubstr("Δ Train s (secondary)"), HasSubstr("| 2.11 |")));
  EXPECT_THAT(page, Not(HasSubstr("Seconds are not compared")));
}

TEST(Timing, OfTwoProcessorsHasNoRatioAndNoInterval) {
  Records records = two_methods();
  for (Record& r : records.good) r.cpu = r.method == "adam" ? "New" : "Old";
  const std::string page = page_of(records);
  EXPECT_THAT(
      page,
      HasSubstr("Seconds are not compared with those of sgd: adam: on 2 processors (New, Old)."));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("Δ Train s")), Not(HasSubstr("| 2.11 |"))));
}

TEST(Timing, UnderLoadIsMarkedAndNotCompared) {
  Records records = two_methods();
  took(6, 4.75, records.good[4]);  // 0.79 of one thread
  EXPECT_TRUE(under_load(records.good[4]));
  const std::string page = page_of(records);
  EXPECT_THAT(page, HasSubstr("6.33 ± 2.52 (1/3 under load)"));
  EXPECT_THAT(page, HasSubstr("adam: 1 of 6 trials under load."));
  EXPECT_THAT(page, Not(HasSubstr("Δ Train s")));
  took(5, 4, records.good[4]);
  EXPECT_FALSE(under_load(records.good[4]));
  records.good[4].threads = 2;
  EXPECT_TRUE(under_load(records.good[4]));
  took(0.05, 0.01, records.good[4]);  // start alone
  EXPECT_FALSE(under_load(records.good[4]));
}

TEST(Timing, OfOtherThreadsIsNotCompared) {
  Records records = two_methods();
  for (std::size_t i = 3; i < 6; ++i) {
    records.good[i].threads = 2;
    records.good[i].outcome.cost.train.cpu_seconds *= 2;
  }
  EXPECT_THAT(page_of(records), HasSubstr("adam: with 1 and 2 threads."));
}

TEST(Timing, DoesNotConcernOtherNumbers) {
  Records records = two_methods();
  for (Record& r : records.good) r.cpu = r.method == "adam" ? "New" : "Old";
  EXPECT_THAT(compare(records, {}), AllOf(HasSubstr("Δ Test acc %"), HasSubstr("× FLOPs")));
}

TEST(Timing, DoesNotCarryOverNorRecover) {
  Records records = two_methods();
  const std::size_t own = records.good.size();
  for (std::size_t i = 0; i < own; ++i) {
    Record r = records.good[i];
    r.dataset = "cifar100";
    r.settings["dataset"] = std::string("cifar100");
    r.identity[1] = 'f';
    records.good.push_back(r);
  }
  EXPECT_EQ(carried(aggregate(records, ""), {"train_seconds"}).size(), 1U);
  records.good[0].cpu = "New";
  const Aggregate all = aggregate(records, "");
  EXPECT_TRUE(carried(all, {"train_seconds"}).empty());
  const Section& section = all.sections.at(1);
  const Row& sgd = *only_row(section, "sgd");
  for (const Column& column : all_columns()) {
    if (!column.timed) continue;
    EXPECT_EQ(recovery(*only_row(section, "adam"), sgd, sgd, column).value, std::nullopt);
  }
  const Row& here = *only_row(all.sections.at(0), "sgd");
  for (const Column& column : all_columns()) {
    if (column.timed) {
      EXPECT_THAT(recovery(here, here, here, column).why,
                  HasSubstr("the seconds cannot be compared, on 2 processors"));
    }
  }
}

TEST(Timing, OfTwoProcessorsHasNoEqualSeconds) {
  const test::TemporaryFolder root;
  Records records = two_methods();
  for (Record& r : records.good) {
    r.folder = root.path() / r.folder;
    records::RecordWriter writer(r.folder);
    writer.write_trial("suite: demo\n");
    writer.append(*r.outcome.final);
    writer.finish(r);
  }
  CompareOptions options;
  options.at = At::equal_seconds;
  EXPECT_THAT(compare(records, options), HasSubstr("All rows here after 2 s of training"));
  records.good[3].cpu = "New";
  EXPECT_EQ(test::error_of([&] { compare(records, options); }),
            "equal seconds: the seconds on cifar10, cnn3 cannot be compared, on 2 processors (New, "
            "an unknown one); ask for equal samples or flops");
  options.at = At::equal_samples;
  EXPECT_THAT(compare(records, options), HasSubstr("gradient samples"));
}

TEST(Failures, HaveTheirReasonAndFolder) {
  Records records = two_methods();
  for (std::uint64_t seed = 4; seed < 26; ++seed) {
    records.good.push_back(test::failed_record("adam", seed, fmt::format("ccccc{:03}", seed),
                                               train::Status::diverged, 7, "loss is not finite"));
  }
  const std::string page = compare(records, {});
  EXPECT_THAT(page, HasSubstr("Failed, and in no mean:\n\n- adam, seed 4: diverged at step 7: loss "
                              "is not finite; demo/cifar10/cnn3/adam/seed-4-ccccc004\n"));
  EXPECT_THAT(page, HasSubstr("- and 2 more, which --format json names\n"));
}

TEST(Names, OfProbesAreInNaturalOrder) {
  Records records = two_methods();
  for (Record& r : records.good) {
    r.outcome.final->probes = {
        {"probe_18", "m", 1, ""}, {"probe_2", "m", 1, ""}, {"probe_19", "m", 1, ""}};
  }
  EXPECT_THAT(compare(records, {}), HasSubstr("| Probes | probe_2.m | probe_18.m | probe_19.m |"));
}

TEST(Ratios, AreNotRoundedToNothing) {
  Records records = two_methods();
  for (Record& r : records.good) {
    if (r.method == "sgd") r.outcome.cost.train_passes.flops *= 512;
  }
  EXPECT_THAT(compare(records, {}), HasSubstr("| 0.002 | 2.11 |"));
}

}  // namespace
}  // namespace gapbench::compare

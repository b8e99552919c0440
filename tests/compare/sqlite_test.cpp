#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "compare/sqlite/export.h"
#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

/// Rows as "a|b|c", as the sqlite3 shell prints them.
std::vector<std::string> query(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  std::vector<std::string> rows;
  const auto add = [](void* out, int columns, char** values, char**) {
    std::string row;
    for (int i = 0; i < columns; ++i) {
      row += std::string(i == 0 ? "" : "|") + (values[i] != nullptr ? values[i] : "NULL");
    }
    static_cast<std::vector<std::string>*>(out)->push_back(row);
    return 0;
  };
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), add, &rows, &message), SQLITE_OK)
      << (message != nullptr ? message : "");
  sqlite3_free(message);
  sqlite3_close(database);
  return rows;
}

records::Records small_tree(const test::TemporaryFolder& root) {
  records::Record ok = test::some_record("it's \"sgd\"", 1, "aaaaaaa1", 0.75, 0.5);
  ok.outcome.final->probes = {{"curvature", "top", 2.5, "1/nat"}};
  {
    records::RecordWriter writer(root.path() / ok.folder);
    writer.write_trial("suite: demo\n");
    writer.append(*ok.outcome.final);
    writer.finish(ok);
  }
  test::write_record(root.path(), test::failed_record("bad", 2, "bbbbbbb2", train::Status::diverged,
                                                      7, "not finite"));
  root.write("demo/cifar10/cnn3/bad/seed-2-bbbbbbb2/history.jsonl", "{\n");
  root.write("demo/cifar10/cnn3/bad/seed-2-bbbbbbb2/timing.jsonl", "{\n");
  records::Record broken = test::some_record("sgd", 3, "ccccccc3");
  test::write_record(root.path(), broken);
  root.write(broken.folder.string() + "/summary.json", "{");
  return records::read_records({root.path()});
}

TEST(Sqlite, HoldsWhatTheRecordsHold) {
  const test::TemporaryFolder root;
  const test::TemporaryFolder out;
  const auto file = out / "x.sqlite";
  const Exported exported = export_sqlite(small_tree(root), file);
  EXPECT_EQ(exported.trials, 2U);
  EXPECT_EQ(exported.left_out, 2U);
  EXPECT_THAT(
      query(file,
            "SELECT method, seed, status, train_accuracy, test_accuracy, loss_gap, "
            "error_gap FROM trials ORDER BY seed"),
      ElementsAre("it's \"sgd\"|1|ok|0.75|0.5|0.25|0.25", "bad|2|diverged|NULL|NULL|NULL|NULL"));
  EXPECT_THAT(query(file,
                    "SELECT name, value, typeof(value) FROM settings JOIN trials ON trial = "
                    "id WHERE seed = 1 AND name LIKE 'optimizer.%' ORDER BY name"),
              ElementsAre("optimizer.learning_rate|0.1|real", "optimizer.nesterov|0|integer",
                          "optimizer.revision|1|integer"));
  EXPECT_THAT(query(file,
                    "SELECT step, epoch, test_loss, gradient_samples, train_flops, "
                    "train_seconds FROM history"),
              ElementsAre("100|2.0|0.75|100000.0|1500000000000.0|2.0"));
  EXPECT_THAT(query(file, "SELECT probe, metric, value, unit FROM probes"),
              ElementsAre("curvature|top|2.5|1/nat"));
  EXPECT_THAT(query(file, "SELECT train_wall_seconds, peak_memory_bytes FROM costs WHERE trial=1"),
              ElementsAre("2.0|104857600"));
  EXPECT_THAT(query(file,
                    "SELECT unit FROM units WHERE table_name = 'history' AND column_name = "
                    "'train_accuracy'"),
              ElementsAre("fraction"));
}

TEST(Sqlite, OutcomesWhereAsked) {
  const test::TemporaryFolder root;
  const test::TemporaryFolder out;
  const records::Record record = test::some_record("sgd", 1, "aaaaaaa1");
  records::RecordWriter writer(root.path() / record.folder);
  writer.write_outcomes(std::vector<train::ExampleOutcome>{{3, 5, 0.25F}, {4, 4, 0.5F}});
  writer.finish(record);
  const records::Records records = records::read_records({root.path()});
  export_sqlite(records, out / "x.sqlite", true);
  EXPECT_THAT(
      query(out / "x.sqlite", "SELECT trial, example, label, predicted, probability FROM outcomes"),
      ElementsAre("1|0|3|5|0.25", "1|1|4|4|0.5"));
  export_sqlite(records, out / "y.sqlite");
  EXPECT_THAT(query(out / "y.sqlite", "SELECT count(*) FROM sqlite_master WHERE name = 'outcomes'"),
              ElementsAre("0"));
}

/// By seed adam gains 4, 4.5 and 3.5 points on sgd on cifar10, 3, 3.25 and 2.75 on cifar100.
records::Records two_sets(const test::TemporaryFolder& root) {
  records::Records records;
  const double gains[2][3] = {{4, 4.5, 3.5}, {3, 3.25, 2.75}};
  for (int set = 0; set < 2; ++set) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      for (const char* method : {"sgd", "adam"}) {
        const double points = *method == 's' ? 0 : gains[set][seed - 1];
        const std::string head = std::string(*method == 's' ? "a" : "b") + std::to_string(set) +
                                 "00000" + std::to_string(seed);
        records::Record r = test::some_record(method, seed, head, 1, 0.5 + points / 100);
        r.dataset = set == 0 ? "cifar10" : "cifar100";
        r.settings["dataset"] = r.dataset;
        r.folder = root.path() / r.folder;
        records.good.push_back(r);
      }
    }
  }
  records.suites = {{"demo", "", "sgd", {"sgd", "adam"}}};
  suite::Claim claim{suite::Claim::Kind::carries, "adam", "test_accuracy", "cifar10", "cifar100"};
  records.suites[0].claims = {{claim, 0}};
  claim = {suite::Claim::Kind::gains, "adam", "test_accuracy", "cifar10"};
  records.suites[0].claims.push_back({claim, 7});
  return records;
}

// 3 over 4 points is a share of 0.75.
TEST(Sqlite, HoldsClaimsAndVerdicts) {
  const test::TemporaryFolder root;
  const test::TemporaryFolder out;
  const auto file = out / "x.sqlite";
  export_sqlite(two_sets(root), file);
  EXPECT_THAT(query(file,
                    "SELECT suite, on_sections, declared, evaluated_before, became, "
                    "round(value, 6), low < value AND value < high FROM claims"),
              ElementsAre("demo|cifar10, cnn3, then cifar100, cnn3|1|0|reproduces|0.75|1",
                          "demo|cifar10, cnn3|0|7|holds|4.0|1"));
  EXPECT_THAT(
      query(file,
            "SELECT method, baseline, unit, from_section, to_section, from_seeds, from_failed, "
            "round(from_difference, 6), round(to_difference, 6), declared_share, round(share, 6), "
            "share_low < share AND share < share_high, verdict FROM verdicts "
            "WHERE metric = 'test_accuracy'"),
      ElementsAre("adam|sgd|%|cifar10, cnn3|cifar100, cnn3|3|0|4.0|3.0|0.5|0.75|1|reproduces"));
  EXPECT_THAT(query(file,
                    "SELECT unit FROM units WHERE table_name = 'verdicts' AND "
                    "column_name = 'share'"),
              ElementsAre("share"));
}

TEST(Sqlite, BrokenRecordsAreNamed) {
  const test::TemporaryFolder root;
  const test::TemporaryFolder out;
  export_sqlite(small_tree(root), out / "x.sqlite");
  const auto rows = query(out / "x.sqlite", "SELECT reason, folder FROM left_out ORDER BY reason");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(rows[0], StartsWith("its history: line 1"));
  EXPECT_THAT(rows[1], StartsWith("summary.json: is not valid JSON"));
}

TEST(Sqlite, ReplacesItsOwnFilesOnly) {
  const test::TemporaryFolder root;
  const test::TemporaryFolder out;
  const records::Records records = small_tree(root);
  export_sqlite(records, out / "x.sqlite");
  export_sqlite(records, out / "x.sqlite");
  EXPECT_THAT(query(out / "x.sqlite", "SELECT count(*) FROM trials"), ElementsAre("2"));
  out.write("thesis.txt", "years of work");
  EXPECT_THROW(export_sqlite(records, out / "thesis.txt"), Error);
  EXPECT_EQ(read_file(out / "thesis.txt"), "years of work");
  EXPECT_THROW(export_sqlite(records, out / "no/such/folder/x.sqlite"), Error);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(out.path()), {}), 2);
}

}  // namespace
}  // namespace gapbench::compare

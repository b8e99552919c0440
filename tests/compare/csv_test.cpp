#include "compare/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include "compare/compare.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::some_record;

/// A reader of its own: fields by RFC 4180, lines of fields.
std::vector<std::vector<std::string>> parse(const std::string& text) {
  std::vector<std::vector<std::string>> lines{{""}};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::string& field = lines.back().back();
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      field += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      lines.back().emplace_back();
    } else if (c == '\n' && !quoted) {
      lines.push_back({""});
    } else {
      field += c;
    }
  }
  lines.pop_back();
  return lines;
}

std::string field(const std::string& text, std::size_t line, const std::string& column) {
  const auto lines = parse(text);
  const auto at = std::find(lines[0].begin(), lines[0].end(), column);
  if (at == lines[0].end()) return "no column " + column;
  return lines.at(line).at(static_cast<std::size_t>(at - lines[0].begin()));
}

std::string csv_of(const Records& records) { return compare(records, {"", Format::csv}); }

TEST(Csv, FieldsAreQuotedWhereTheyMust) {
  EXPECT_EQ(csv_field("plain text"), "plain text");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(csv_field("\"\""), "\"\"\"\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_field(""), "");
}

TEST(Csv, WordForWord) {
  Records records;
  Record r = some_record("sgd", 1, "aaaaaaa1", 0.1 + 0.2, 0.25);
  r.settings = {{"batch", std::int64_t{64}}, {"optimizer.learning_rate", 0.1}};
  r.outcome.final->probes = {{"sharpness", "top", 2.5, "1/nat"}};
  r.outcome.notes = {"synthetic", "small"};
  records.good = {r};
  EXPECT_EQ(
      csv_of(records),
      "suite,dataset,network,method,seed,status,reason,step,steps,dimension,training_examples,"
      "train_loss,train_accuracy_fraction,validation_loss,validation_accuracy_fraction,test_loss,"
      "test_accuracy_fraction,loss_gap,error_gap_fraction,gradient_samples,train_forward_samples,"
      "train_backward_samples,train_tangent_forward_samples,train_tangent_backward_samples,"
      "train_flops,probe_forward_samples,probe_backward_samples,probe_tangent_forward_samples,"
      "probe_tangent_backward_samples,probe_flops,train_wall_seconds,train_cpu_seconds,"
      "evaluate_wall_seconds,evaluate_cpu_seconds,probe_wall_seconds,probe_cpu_seconds,"
      "checkpoint_wall_seconds,checkpoint_cpu_seconds,other_wall_seconds,other_cpu_seconds,"
      "total_wall_seconds,total_cpu_seconds,peak_memory_bytes,threads,shared_machine,notes,build,"
      "identity,folder,"
      "probe.sharpness.top [1/nat],setting.batch,setting.optimizer.learning_rate\n"
      "demo,cifar10,cnn3,sgd,1,ok,,100,100,54282,50000,0.5,0.30000000000000004,,,0.75,0.25,0.25,"
      "0.050000000000000044,100000,100000,100000,0,0,1500000000000,0,0,0,0,0,2,2,1,1,0,0,0,0,0.5,0."
      "5,"
      "3.5,3.5,104857600,1,false,synthetic; small,gapbench 0.1.0 abc Release,"
      "aaaaaaa100000000000000000000000000000000000000000000000000000000,"
      "demo/cifar10/cnn3/sgd/seed-1-aaaaaaa1,2.5,64,0.1\n");
}

TEST(Csv, EveryTrialHasALineAndEveryLineAllColumns) {
  Records records;
  records.good = {some_record("sgd", 1, "aaaaaaa1"),
                  test::failed_record("sgd", 2, "aaaaaaa2", train::Status::diverged, 120,
                                      "loss is \"inf\", at last\nend"),
                  some_record("adam", 1, "bbbbbbb1")};
  records.good[2].settings["optimizer.epsilon"] = 1e-8;
  records.broken = {{"demo/bad", "summary.json: is not valid JSON"}};
  const std::string text = csv_of(records);
  const auto lines = parse(text);
  ASSERT_EQ(lines.size(), 5U);
  for (const auto& line : lines) EXPECT_EQ(line.size(), lines[0].size());
  EXPECT_EQ(field(text, 1, "method"), "adam");
  EXPECT_EQ(field(text, 1, "setting.optimizer.epsilon"), "1e-08");
  EXPECT_EQ(field(text, 2, "setting.optimizer.epsilon"), "");
  EXPECT_EQ(field(text, 3, "status"), "diverged");
  EXPECT_EQ(field(text, 3, "step"), "120");
  EXPECT_EQ(field(text, 3, "reason"), "loss is \"inf\", at last\nend");
  EXPECT_EQ(field(text, 3, "test_loss"), "");
  EXPECT_EQ(field(text, 4, "status"), "broken");
  EXPECT_EQ(field(text, 4, "folder"), "demo/bad");
  EXPECT_EQ(field(text, 4, "reason"), "summary.json: is not valid JSON");
}

TEST(Csv, ValidationHasColumnsOfItsOwn) {
  Records records;
  records.good = {some_record("sgd", 1, "aaaaaaa1")};
  records.good[0].outcome.final->validation = train::PartMetrics{0.625, 0.375, 10};
  const std::string text = csv_of(records);
  EXPECT_EQ(field(text, 1, "validation_loss"), "0.625");
  EXPECT_EQ(field(text, 1, "validation_accuracy_fraction"), "0.375");
}

}  // namespace
}  // namespace gapbench::compare

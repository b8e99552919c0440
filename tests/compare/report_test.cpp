#include "compare/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compare/report/assets.h"
#include "compare/report_tree.h"
#include "core/file.h"
#include "gapbench/error.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using test::hostile;
using test::some_record;
using test::TemporaryFolder;
using test::write_tree;
using ::testing::HasSubstr;
using ::testing::Not;

std::string page_of(const TemporaryFolder& root) {
  return report(records::read_records({root.path()}), {});
}

TEST(Report, IsOneFileWithoutAddresses) {
  const TemporaryFolder root;
  write_tree(root);
  const std::string page = page_of(root);
  EXPECT_LT(page.size(), 3'000'000U);
  EXPECT_THAT(page, HasSubstr("12 finished trials, 0 failed, 0 entries left out."));
  EXPECT_THAT(page, HasSubstr("<strong>12 of the finished trials have not fitted"));
  EXPECT_THAT(page, HasSubstr("Test acc %: reproduces</strong>"));
  std::string own = page;
  own.erase(own.find(assets::vega()), assets::vega().size());
  for (const char* outside : {"<link", "src=\"http", "@import", "url(", "sourceMappingURL"}) {
    EXPECT_THAT(own, Not(HasSubstr(outside)));
  }
}

TEST(Report, NothingOfAUserIsHtmlOrScript) {
  const TemporaryFolder root;
  write_tree(root);
  const std::string page = page_of(root);
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, HasSubstr("&lt;img src=x"));
  for (const char* way :
       {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("}) {
    EXPECT_THAT(std::string(assets::program()), Not(HasSubstr(way)));
  }
  EXPECT_THAT(page, HasSubstr("\\u003c/script>\\u003cimg"));
}

TEST(Report, BrokenRecordsAndHistoriesAreNamed) {
  const TemporaryFolder root;
  write_tree(root);
  root.write("demo/cifar10/cnn3/sgd/seed-1-aaaaaa10/history.jsonl", "{\n");
  root.write("demo/cifar10/cnn3/sgd/seed-2-aaaaaa11/summary.json", "{");
  const std::string page = page_of(root);
  EXPECT_THAT(page, HasSubstr("11 finished trials, 0 failed, 2 entries left out."));
  EXPECT_THAT(page, HasSubstr("seed-1-aaaaaa10: its history: line 1"));
  EXPECT_THAT(page, HasSubstr("is not valid JSON (cut short?)"));
}

TEST(Report, ReplacesReportsOnly) {
  const TemporaryFolder folder;
  folder.write("thesis.html", "<html>");
  EXPECT_THROW(write_report(folder / "thesis.html", "<!doctype html>"), Error);
  EXPECT_EQ(read_file(folder / "thesis.html"), "<html>");
  const TemporaryFolder root;
  write_tree(root);
  write_report(folder / "r.html", page_of(root));
  write_report(folder / "r.html", page_of(root));
}

TEST(Report, ChartsAreVegaSpecificationsWithoutData) {
  for (const auto chart : {assets::curves_chart(), assets::cost_chart(), assets::transfer_chart(),
                           assets::batch_chart(), assets::seeds_chart(), assets::plane_chart(),
                           assets::reliability_chart(), assets::shift_chart()}) {
    const auto json = nlohmann::json::parse(chart);
    EXPECT_TRUE(json.contains("description"));
    for (const auto& source : json["data"]) {
      EXPECT_TRUE(!source.contains("values") || source["values"].empty());
      EXPECT_FALSE(source.contains("url"));
    }
  }
}

/// The numbers behind the charts.
nlohmann::json data_of(const std::string& page) {
  const std::string before = "id=\"data\">";
  const std::size_t begin = page.find(before) + before.size();
  return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

// 100 examples at 0.9, of which 80 % are right, and 300 at 0.94, all right: 400 at 0.93 and 95 %.
TEST(Report, ReliabilityIsOfAllTrialsOfARow) {
  const TemporaryFolder root;
  write_tree(root);
  const auto write = [&](std::uint64_t seed, train::CalibrationBin bin, const std::string& name) {
    records::Record r = some_record("binned", seed, name, 0.75, bin.accuracy);
    r.folder = "demo/cifar10/cnn3/binned/" + r.folder.filename().string();
    r.dataset = "cifar10";
    train::PartPrediction& test = r.outcome.final->predictive.emplace().test.emplace();
    test.examples = bin.examples;
    test.draws = 1;
    test.accuracy = bin.accuracy;
    test.bins = {{}, bin};
    records::RecordWriter writer(root.path() / r.folder);
    writer.write_trial("suite: demo\n");
    writer.append(*r.outcome.final);
    writer.finish(r);
  };
  write(1, {100, 0.9, 0.8}, "bbbbbb01");
  write(2, {300, 0.94, 1}, "bbbbbb02");
  const std::string page = page_of(root);
  const auto data = data_of(page);
  std::size_t found = 0;
  for (const auto& section : data["sections"]) {
    if (!section.contains("reliability")) continue;
    for (const auto& line : section["reliability"]) {
      ++found;
      EXPECT_EQ(section["rows"][line["row"].get<std::size_t>()]["name"], "binned");
      EXPECT_EQ(line["n"], 2);
      EXPECT_EQ(line["bins"].size(), 1U);
      EXPECT_EQ(line["bins"][0]["examples"], 400);
      EXPECT_EQ(line["bins"][0]["confidence"], 0.93);
      EXPECT_EQ(line["bins"][0]["accuracy"], 0.95);
    }
  }
  EXPECT_EQ(found, 1U);
  EXPECT_NE(page.find("data-chart=\"reliability\""), std::string::npos);
}

// A small gap of a row that has not fitted is nothing that others have to beat.
TEST(Report, ChartsMarkRowsThatHaveNotFitted) {
  const TemporaryFolder root;
  write_tree(root);
  const auto section = data_of(page_of(root))["sections"][0];
  EXPECT_EQ(section["rows"][0]["label"], "sgd (not fitted)");
  EXPECT_EQ(section["points"][0]["values"]["error_gap"]["competes"], false);
  EXPECT_EQ(section["points"][0]["values"]["test_accuracy"]["competes"], true);
}

/// What stands before the tables of the first data set.
std::string first_screen(const std::string& page) { return page.substr(0, page.find("<section")); }

// By hand: other - sgd is 5.1, 5.4 and 5.9 points, their mean 5.4667 with a half width of 1.0039.
TEST(Report, AnswersFirst) {
  const TemporaryFolder root;
  write_tree(root);
  const std::string top = first_screen(page_of(root));
  EXPECT_THAT(top, HasSubstr("<th scope=\"col\" class=\"effect first\"><small>cifar10</small> "
                             "Δ Test acc % ↑</th>"));
  EXPECT_THAT(top, HasSubstr("<small>cifar10 → cifar100</small> Test acc %</th>"));
  EXPECT_THAT(top, HasSubstr("><strong>+5.5 [+4.5, +6.5]</strong> <small class=\"mark\">not "
                             "fitted</small></td>"));
  EXPECT_THAT(top, HasSubstr("<em>30.47 ± 0.40</em>"));  // sgd's own
  EXPECT_THAT(top, HasSubstr("<span class=\"zone reproduces\">reproduces</span>"));
  EXPECT_LT(top.find("class=\"zone reproduces\""), top.find("12 finished trials"));
}

TEST(Report, AnswersOfSeveralNetworksStandInOneTable) {
  const TemporaryFolder root;
  int number = 10;
  for (const std::string dataset : {"cifar10", "cifar100"}) {
    for (const std::string network : {"cnn3", "resnet8"}) {
      for (const std::string method : {"sgd", "adam"}) {
        records::Record r = some_record(method, 1, "aaaaaa" + std::to_string(number++));
        r.folder =
            "demo/" + dataset + "/" + network + "/" + method + "/" + r.folder.filename().string();
        r.dataset = dataset;
        r.network = network;
        r.settings["dataset"] = dataset;
        r.settings["network"] = network;
        test::write_record(root.path(), r);
      }
    }
  }
  const std::string top = first_screen(page_of(root));
  EXPECT_THAT(top, HasSubstr("<caption>Answers, by network</caption>"));
  EXPECT_LT(top.find(">cnn3</th></tr>"), top.find(">resnet8</th></tr>"));
  EXPECT_EQ(top.find("class=\"table answer\""), top.rfind("class=\"table answer\""));
}

TEST(Report, NamesWhatFailedAndWhatIsMissing) {
  const TemporaryFolder root;
  write_tree(root);
  records::Record r =
      test::failed_record("sgd", 4, "bbbbbbb1", train::Status::crashed, 7, "signal 11 <b>");
  test::write_record(root.path(), r);
  root.write("demo/suite.json",
             R"({"schema":1,"name":"demo","description":"d","baseline":"sgd","methods":["sgd"],)"
             R"("trials":["cifar10/cnn3/sgd/seed-9-cccccccc"]})");
  const std::string page = page_of(root);
  const std::size_t at = page.find("<div id=\"failed\">");
  ASSERT_NE(at, std::string::npos);
  const std::string table = page.substr(at, page.find("</div>\n</div>", at) - at);
  EXPECT_THAT(table,
              HasSubstr("<td data-order=\"4\">4</td><td>crashed</td><td data-order=\"7\">7 of "
                        "100</td><td>signal 11 &lt;b&gt;</td>"));
  EXPECT_THAT(table, HasSubstr("gapbench worker --record"));
  EXPECT_THAT(table, HasSubstr("<td>9</td><td>missing</td>"));
  EXPECT_THAT(page, HasSubstr("<small class=\"mark\">1/4 failed</small>"));
  EXPECT_THAT(page, HasSubstr("<a href=\"#failed\">"));
}

TEST(Report, RowsKnowTheirTrials) {
  const TemporaryFolder root;
  write_tree(root);
  const auto section = data_of(page_of(root))["sections"][0];
  EXPECT_EQ(section["baseline"], 0);
  EXPECT_EQ(section["primary"], "test_accuracy");
  const auto trials = section["rows"][0]["trials"];
  ASSERT_EQ(trials.size(), 3U);
  EXPECT_EQ(trials[1]["seed"], 2);
  EXPECT_EQ(trials[1]["values"]["test_accuracy"], 30.4);
  const std::string folder = trials[1]["folder"];
  EXPECT_THAT(folder, HasSubstr("demo/cifar10/cnn3/sgd/seed-2-aaaaaa11"));
  EXPECT_EQ(trials[1]["repeat"], "gapbench verify " + folder);
  // t interval of 30.1, 30.4 and 30.9: 30.4667 ± 1.0039.
  const auto interval = section["points"][0]["values"]["test_accuracy"]["interval"];
  EXPECT_EQ(interval[0], 29.4627);
  EXPECT_EQ(interval[1], 31.4706);
}

TEST(Report, CurvesHaveAtMost200Points) {
  const TemporaryFolder root;
  records::Record r = some_record("sgd", 1, "aaaaaaa1");
  records::RecordWriter writer(root.path() / r.folder);
  writer.write_trial("suite: demo\n");
  train::Evaluation e = *r.outcome.final;
  for (int i = 1; i <= 450; ++i) {
    e.step = static_cast<std::uint64_t>(i);
    e.epoch = i;
    e.train.loss = i;
    writer.append(e);
  }
  r.outcome.final = e;
  r.outcome.step = r.outcome.steps = e.step;
  writer.finish(r);
  const auto data = data_of(page_of(root));
  ASSERT_EQ(data["sections"].size(), 1U);
  EXPECT_FALSE(data["sections"][0]["curves"].empty());
  for (const auto& curve : data["sections"][0]["curves"]) {
    EXPECT_EQ(curve["epoch"].size(), 200U);
    EXPECT_EQ(curve["epoch"].front(), 1);
    EXPECT_EQ(curve["epoch"].back(), 450);
    if (curve["metric"] != "train_loss") continue;
    EXPECT_EQ(curve["mean"], curve["epoch"]);
  }
}

// 0.1 comes after 1e-05, whatever their letters say; what one row has alone is folded.
TEST(Report, SettingsAreNumbers) {
  const TemporaryFolder root;
  for (const bool other : {false, true}) {
    records::Record r = some_record(other ? "slow" : "sgd", 1, other ? "aaaaaaa2" : "aaaaaaa1");
    if (other) {
      r.settings["optimizer.learning_rate"] = 1e-5;
      r.settings["optimizer.own"] = std::string("yes");
    }
    test::write_record(root.path(), r);
  }
  const std::string page = page_of(root);
  EXPECT_THAT(page, HasSubstr("<td data-order=\"1e-05\">1e-05</td>"));
  EXPECT_THAT(page, HasSubstr("<details><summary>1 setting</summary>optimizer: own yes</details>"));
  EXPECT_THAT(page, HasSubstr("settings that all rows share</summary>"));
}

TEST(Report, TakesTheQuestionsOfCompare) {
  const TemporaryFolder root;
  write_tree(root);
  const records::Records records = records::read_records({root.path()});
  CompareOptions options;
  options.metrics = {"loss_gap"};
  const std::string page = report(records, options);
  EXPECT_THAT(first_screen(page), HasSubstr("Δ Loss gap ↓"));
  EXPECT_THAT(first_screen(page), Not(HasSubstr("Δ Test acc")));
  options = {};
  options.at = At::equal_samples;
  EXPECT_THAT(report(records, options), HasSubstr(describe(At::equal_samples)));
  options = {};
  options.group_by = {"optimizer"};
  EXPECT_EQ(data_of(report(records, options))["sections"][0]["rows"].size(), 1U);
  options = {};
  options.metrics = {"los"};
  EXPECT_THROW(report(records, options), Error);
}

}  // namespace
}  // namespace gapbench::compare

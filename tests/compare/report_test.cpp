#include "compare/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "compare/browser.h"
#include "compare/report/assets.h"
#include "core/file.h"
#include "gapbench/error.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using test::Browser;
using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A name that would run if it were ever taken for HTML, and end the data if it were not escaped.
constexpr const char* hostile = "</script><img src=x onerror=alert(1)>";

/// sgd and the hostile method on two data sets, three seeds each, four evaluations, two batches.
void write_tree(const TemporaryFolder& root) {
  int number = 10;
  for (const std::string dataset : {"cifar10", "cifar100"}) {
    for (const bool other : {false, true}) {
      for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        Record r =
            test::some_record(other ? hostile : "sgd", seed, "aaaaaa" + std::to_string(number++));
        r.folder = "demo/" + dataset + "/cnn3/" + (other ? "other" : "sgd") + "/" +
                   r.folder.filename().string();
        r.dataset = dataset;
        r.settings["dataset"] = dataset;
        r.settings["batch"] = std::int64_t{other ? 256 : 64};
        records::RecordWriter writer(root.path() / r.folder);
        writer.write_trial("suite: demo\n");
        for (int i = 0; i < 4; ++i) {
          train::Evaluation e = *r.outcome.final;
          e.step = static_cast<std::uint64_t>(25 * (i + 1));
          e.epoch = 0.5 * (i + 1);
          e.test->accuracy = 0.1 * i + (other ? 0.05 : 0) +
                             0.001 * static_cast<double>(seed * seed) * (other ? 2 : 1);
          e.probes = {{"curvature", "top", 2.0 * i + static_cast<double>(seed), "1/nat"}};
          writer.append(e);
          r.outcome.final = e;
        }
        writer.finish(r);
      }
    }
  }
  root.write("demo/suite.json",
             R"({"schema":1,"name":"demo","description":"d","baseline":"sgd","methods":["sgd"]})");
}

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
                           assets::batch_chart()}) {
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

// A small gap of a row that has not fitted is nothing that others have to beat.
TEST(Report, ChartsMarkRowsThatHaveNotFitted) {
  const TemporaryFolder root;
  write_tree(root);
  const auto section = data_of(page_of(root))["sections"][0];
  EXPECT_EQ(section["rows"][0]["label"], "sgd (not fitted)");
  EXPECT_EQ(section["points"][0]["values"]["error_gap"]["competes"], false);
  EXPECT_EQ(section["points"][0]["values"]["test_accuracy"]["competes"], true);
}

/// What stands in a column of the n-th table, from the top.
std::string column(int table, int place) {
  return "[...document.querySelectorAll('table')[" + std::to_string(table) +
         "].tBodies[0].rows].map(r => r.cells[" + std::to_string(place) + "].textContent)";
}

/// GAPBENCH_SCREENSHOTS=DIR keeps pictures to look at.
void picture(Browser& browser, const char* name) {
  if (const char* folder = std::getenv("GAPBENCH_SCREENSHOTS")) {
    browser.screenshot(std::string(folder) + "/" + name + ".png");
  }
}

void sort_by_mouse_and_key(Browser& browser) {
  // Table 1 is the results of the first data set: its third column is the train accuracy, its
  // fourth the test accuracy.
  const std::string head = "document.querySelectorAll('table')[1].tHead.rows[0].cells[3]";
  const auto before = browser.evaluate(column(1, 0));
  browser.evaluate(head + ".scrollIntoView({block: 'center'})");
  const auto box = browser.evaluate("(r => [r.x + 8, r.y + 8])(" + head +
                                    ".querySelector('button').getBoundingClientRect())");
  browser.click(box[0], box[1]);
  EXPECT_EQ(browser.evaluate(head + ".getAttribute('aria-sort')"), "ascending");
  EXPECT_EQ(browser.evaluate(column(1, 0)), before);  // sgd, the worse one, stood first
  browser.evaluate(head + ".querySelector('button').focus()");
  browser.press("Enter");
  EXPECT_EQ(browser.evaluate(head + ".getAttribute('aria-sort')"), "descending");
  EXPECT_EQ(browser.evaluate(column(1, 0))[0], before[1]);
}

void hover_over_a_point(Browser& browser) {
  const std::string symbol =
      "document.querySelector('figure[data-chart=curves] .mark-symbol path')";
  browser.evaluate(symbol + ".scrollIntoView({block: 'center'})");
  const auto at = browser.evaluate("(r => [r.x + r.width / 2, r.y + r.height / 2])(" + symbol +
                                   ".getBoundingClientRect())");
  browser.move_mouse(at[0], at[1]);
  browser.wait_for("!document.getElementById('tip').hidden");
  const std::string text = browser.evaluate("document.getElementById('tip').textContent");
  EXPECT_THAT(text, HasSubstr("sgd (not fitted)\nepoch 0.5\n0.46667 ± 0.4041"));
}

// Not one row has fitted: some are on the front of test accuracies, none on that of gaps.
void choose_a_gap(Browser& browser) {
  const std::string cost = "document.querySelector('figure[data-chart=cost]')";
  const std::string beaten =
      cost + ".querySelectorAll('.mark-symbol.role-mark path[fill-opacity=\"0.15\"]').length";
  EXPECT_EQ(browser.evaluate(cost + ".querySelector('select').value"), "test_accuracy");
  EXPECT_LT(browser.evaluate(beaten), 2);
  browser.evaluate("(s => { s.value = 'error_gap'; s.dispatchEvent(new Event('change')); })(" +
                   cost + ".querySelector('select'))");
  browser.wait_for(beaten + " === 2");
}

TEST(Report, InABrowser) {
  const auto program = test::find_chromium();
  if (!program) GTEST_SKIP() << "Chromium is not installed";
  const TemporaryFolder root;
  const TemporaryFolder folder;
  write_tree(root);
  write_report(folder / "r.html", page_of(root));
  const std::string url = "file://" + (folder / "r.html").string();
  Browser browser(*program);
  browser.set_media("light");
  browser.open(url);
  browser.wait_for(
      "[...document.querySelectorAll('figure.chart')].every(f => f.dataset.drawn === 'yes')");
  // Transfer, and for each data set curves, cost, probes and batch sizes.
  EXPECT_EQ(browser.evaluate("document.querySelectorAll('figure.chart svg').length"), 9);
  EXPECT_EQ(browser.evaluate("document.querySelectorAll('img').length"), 0);
  picture(browser, "light");
  sort_by_mouse_and_key(browser);
  hover_over_a_point(browser);
  choose_a_gap(browser);
  browser.evaluate(
      "(s => { s.value = 'loss_gap'; s.dispatchEvent(new Event('change')); })"
      "(document.querySelector('figure[data-chart=transfer] select'))");
  browser.evaluate("document.querySelector('figure[data-chart=cost] summary').click()");
  browser.wait_for("document.querySelector('figure[data-chart=cost] details tbody tr') !== null");
  browser.set_media("dark");
  const std::string paper = "getComputedStyle(document.body).backgroundColor";
  EXPECT_EQ(browser.evaluate(paper), "rgb(21, 24, 28)");
  picture(browser, "dark");
  browser.evaluate("document.getElementById('theme').click()");
  EXPECT_EQ(browser.evaluate(paper), "rgb(255, 255, 255)");
  browser.set_media("dark", "print");
  EXPECT_EQ(browser.evaluate(paper), "rgb(255, 255, 255)");
  picture(browser, "print");
  EXPECT_THAT(browser.complaints(), IsEmpty());
  EXPECT_THAT(browser.requests(), ElementsAre(url));
}

}  // namespace
}  // namespace gapbench::compare

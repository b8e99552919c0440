// The report in a browser: what a reader can do with it, and that it asks nobody for anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>

#include "compare/browser.h"
#include "compare/report/report.h"
#include "compare/report_tree.h"

namespace gapbench::compare {
namespace {

using test::Browser;
using test::TemporaryFolder;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// GAPBENCH_SCREENSHOTS=DIR keeps pictures to look at.
void picture(Browser& browser, const char* name) {
  if (const char* folder = std::getenv("GAPBENCH_SCREENSHOTS")) {
    browser.screenshot(std::string(folder) + "/" + name + ".png");
  }
}

const std::string results =
    "[...document.querySelectorAll('#section-0 table')].find(t => "
    "t.caption.textContent.includes('mean ±'))";

/// What stands in a column of the results of the first data set, from the top.
std::string column(int place) {
  return "[..." + results + ".tBodies[0].rows].map(r => r.cells[" + std::to_string(place) +
         "].textContent)";
}

void draw_all(Browser& browser) {
  const std::string drawn =
      "[...document.querySelectorAll('figure.chart')].filter(f => "
      "f.dataset.drawn === 'yes').length";
  EXPECT_LT(browser.evaluate(drawn), 11);  // what is far below waits until it is scrolled to
  browser.evaluate("document.querySelectorAll('details.more').forEach(d => { d.open = true; })");
  for (int i = 0; i < 11; ++i) {
    browser.evaluate("document.querySelectorAll('figure.chart')[" + std::to_string(i) +
                     "].scrollIntoView()");
    browser.wait_for("document.querySelectorAll('figure.chart')[" + std::to_string(i) +
                     "].dataset.drawn === 'yes'");
  }
  // Transfer, and for each data set seeds, curves, cost, probes and batch sizes.
  EXPECT_EQ(browser.evaluate("document.querySelectorAll('figure.chart .plot svg').length"), 11);
}

void sort_by_mouse_and_key(Browser& browser) {
  const std::string head = results + ".tHead.rows[0].cells[3]";
  const auto before = browser.evaluate(column(0));
  browser.evaluate(head + ".scrollIntoView({block: 'center'})");
  const auto box = browser.evaluate("(r => [r.x + 8, r.y + 8])(" + head +
                                    ".querySelector('button').getBoundingClientRect())");
  browser.click(box[0], box[1]);
  EXPECT_EQ(browser.evaluate(head + ".getAttribute('aria-sort')"), "ascending");
  EXPECT_EQ(browser.evaluate(column(0)), before);  // sgd, the worse one, stood first
  browser.evaluate(head + ".querySelector('button').focus()");
  browser.press("Enter");
  EXPECT_EQ(browser.evaluate(head + ".getAttribute('aria-sort')"), "descending");
  EXPECT_EQ(browser.evaluate(column(0))[0], before[1]);
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

void type_a_filter(Browser& browser) {
  browser.evaluate(
      "(i => { i.value = '-sgd'; i.dispatchEvent(new Event('input')); })"
      "(document.getElementById('filter'))");
  EXPECT_EQ(browser.evaluate("[..." + results + ".tBodies[0].rows].filter(r => !r.hidden).length"),
            1);
  EXPECT_EQ(
      browser.evaluate("document.querySelectorAll('figure[data-chart=curves] .legend li').length"),
      2);  // one of two rows on each of two data sets
}

void open_a_row(Browser& browser) {
  browser.evaluate(results + ".querySelector('button.row').click()");
  EXPECT_EQ(browser.evaluate("document.querySelectorAll('aside.trials tbody tr').length"), 3);
  EXPECT_EQ(browser.evaluate("document.querySelectorAll('aside.trials .strip').length"), 3);
  const std::string command =
      browser.evaluate("document.querySelector('aside.trials code').textContent");
  EXPECT_THAT(command, HasSubstr("gapbench verify "));
}

void isolate_a_row(Browser& browser) {
  const std::string entry = "document.querySelector('figure[data-chart=curves] .legend button')";
  browser.evaluate(entry + ".click()");
  EXPECT_EQ(browser.evaluate(entry + ".getAttribute('aria-pressed')"), "true");
}

/// The address keeps what was chosen, and another window shows it.
void open_the_address_again(Browser& browser) {
  std::string address = browser.evaluate("location.href");
  EXPECT_THAT(address, HasSubstr("rows=-sgd"));
  address.insert(address.find('#'), "?again");  // a document of its own
  browser.open(address);
  EXPECT_EQ(browser.evaluate("document.getElementById('filter').value"), "-sgd");
  EXPECT_EQ(browser.evaluate("document.querySelector('figure[data-chart=cost] select').value"),
            "error_gap");
  EXPECT_EQ(browser.evaluate("[..." + results + ".tBodies[0].rows].filter(r => !r.hidden).length"),
            1);
  EXPECT_EQ(browser.evaluate("[..." + results + ".tHead.rows[0].cells].find(c => c.ariaSort) === " +
                             results + ".tHead.rows[0].cells[3]"),
            true);
}

TEST(Report, InABrowser) {
  const auto program = test::find_chromium();
  if (!program) GTEST_SKIP() << "Chromium is not installed";
  const TemporaryFolder root;
  const TemporaryFolder folder;
  test::write_tree(root);
  write_report(folder / "r.html", report(records::read_records({root.path()}), {}));
  const std::string url = "file://" + (folder / "r.html").string();
  Browser browser(*program);
  browser.set_media("light");
  browser.open(url);
  browser.wait_for("document.readyState === 'complete'");
  draw_all(browser);
  EXPECT_EQ(browser.evaluate("document.querySelectorAll('img').length"), 0);
  picture(browser, "light");
  sort_by_mouse_and_key(browser);
  hover_over_a_point(browser);
  choose_a_gap(browser);
  browser.evaluate(
      "(s => { s.value = 'loss_gap'; s.dispatchEvent(new Event('change')); })"
      "(document.querySelector('figure[data-chart=transfer] select'))");
  browser.evaluate("document.querySelector('figure[data-chart=cost] details summary').click()");
  browser.wait_for("document.querySelector('figure[data-chart=cost] details tbody tr') !== null");
  isolate_a_row(browser);
  open_a_row(browser);
  type_a_filter(browser);
  open_the_address_again(browser);
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
  EXPECT_THAT(browser.requests(), Each(HasSubstr("r.html")));
}

TEST(Report, ChartsOfPredictionsInABrowser) {
  const auto program = test::find_chromium();
  if (!program) GTEST_SKIP() << "Chromium is not installed";
  const TemporaryFolder root;
  const TemporaryFolder folder;
  test::write_predictors(root);
  write_report(folder / "r.html", report(records::read_records({root.path()}), {}));
  Browser browser(*program);
  browser.open("file://" + (folder / "r.html").string());
  browser.wait_for("document.readyState === 'complete'");
  for (const std::string chart : {"reliability", "shift"}) {
    const std::string figure = "document.querySelector('figure[data-chart=" + chart + "]')";
    browser.evaluate(figure + ".scrollIntoView()");
    browser.wait_for(figure + ".dataset.drawn === 'yes'");
    picture(browser, chart.c_str());
    const std::string points = ".querySelectorAll('.mark-symbol.role-mark path').length";
    // Two rows: of two bins twice, the share beneath; of five severities and none.
    EXPECT_EQ(browser.evaluate(figure + points), chart == "reliability" ? 8 : 12);
    EXPECT_EQ(browser.evaluate(figure + ".querySelectorAll('.legend li').length"), 2);
    browser.evaluate(figure + ".querySelector('details summary').click()");
    browser.wait_for(figure + ".querySelector('details tbody tr') !== null");
  }
  const std::string text = browser.evaluate(
      "document.querySelector('figure[data-chart=reliability] details table').textContent");
  EXPECT_THAT(text, HasSubstr("-0.12"));  // 0.5 - 0.62 of the method that is too sure
  EXPECT_THAT(browser.complaints(), IsEmpty());
}

/// Thin lines a trial, thick ones a mean, predictions beside them; on a narrow page, too.
TEST(Report, PicturesInABrowser) {
  const auto program = test::find_chromium();
  if (!program) GTEST_SKIP() << "Chromium is not installed";
  const TemporaryFolder root;
  const TemporaryFolder folder;
  test::write_pictures(root);
  write_report(folder / "r.html", report(records::read_records({root.path()}), {}));
  Browser browser(*program);
  browser.set_media("light");
  browser.open("file://" + (folder / "r.html").string());
  browser.evaluate("document.body.style.width = '480px'");
  const std::pair<const char*, int> lines[] = {{"paths", 4}, {"ellipses", 6}, {"profiles", 4}};
  for (const auto& [chart, count] : lines) {
    const std::string figure =
        "document.querySelector('figure[data-chart=" + std::string(chart) + "]')";
    browser.evaluate(figure + ".scrollIntoView()");
    browser.wait_for(figure + ".dataset.drawn === 'yes'");
    EXPECT_EQ(browser.evaluate(figure + ".querySelectorAll('.mark-line path').length"), count)
        << chart;
    EXPECT_LE(
        browser.evaluate(figure + ".querySelector('.plot svg').getBoundingClientRect().width"),
        480);
  }
  const std::string dashes =
      "[...document.querySelectorAll('figure[data-chart=ellipses] .mark-line path')].map(p => "
      "p.getAttribute('stroke-dasharray'))";
  EXPECT_THAT(browser.evaluate(dashes).dump(), HasSubstr("\"7,4\",\"2,3\""));
  picture(browser, "pictures");
  EXPECT_THAT(browser.complaints(), IsEmpty());
}

/// How many marks of this name the chart has.
std::string marks(const std::string& chart, const std::string& name) {
  return "document.querySelectorAll('figure[data-chart=" + chart + "] ." + name +
         " path, figure[data-chart=" + chart + "] ." + name + " line').length";
}

TEST(Report, ALandscapeLiesBehindPathsInABrowser) {
  const auto program = test::find_chromium();
  if (!program) GTEST_SKIP() << "Chromium is not installed";
  const TemporaryFolder root;
  const TemporaryFolder folder;
  test::write_landscape(root, 2);
  write_report(folder / "r.html", report(records::read_records({root.path()}), {}));
  Browser browser(*program);
  browser.set_media("light");
  browser.open("file://" + (folder / "r.html").string());
  browser.evaluate("document.querySelector('figure[data-chart=paths]').scrollIntoView()");
  browser.wait_for("document.querySelector('figure[data-chart=paths]').dataset.drawn === 'yes'");
  EXPECT_EQ(browser.evaluate(marks("paths", "contour")), 8) << "a piece a level";
  EXPECT_EQ(browser.evaluate(marks("paths", "arrow")), 8);
  // Of the flow the first head points left, of the modified one it points down, too.
  const auto heads = browser.evaluate(
      "[...document.querySelectorAll('figure[data-chart=paths] .head path')].map(p => "
      "p.getAttribute('transform'))");
  EXPECT_THAT(heads[0].dump(), HasSubstr("rotate(180"));
  EXPECT_THAT(heads[4].dump(), HasSubstr("rotate(1"));
  picture(browser, "landscape");
  EXPECT_THAT(browser.complaints(), IsEmpty());
}

TEST(Report, StepsAgainstBatchSizeInABrowser) {
  const auto program = test::find_chromium();
  if (!program) GTEST_SKIP() << "Chromium is not installed";
  const TemporaryFolder root;
  const TemporaryFolder folder;
  test::write_batch_sizes(root);
  CompareOptions options;
  options.to = parse_target("train_loss=0.1");
  options.to->cost = At::equal_steps;
  write_report(folder / "r.html", report(records::read_records({root.path()}), options));
  Browser browser(*program);
  browser.set_media("light");
  browser.open("file://" + (folder / "r.html").string());
  const std::string figure = "document.querySelector('figure[data-chart=steps]')";
  browser.evaluate(figure + ".scrollIntoView()");
  browser.wait_for(figure + ".dataset.drawn === 'yes'");
  EXPECT_EQ(browser.evaluate(figure + ".querySelectorAll('.mark-symbol.role-mark path').length"),
            8);
  EXPECT_EQ(browser.evaluate(figure + ".querySelectorAll('.mark-line path').length"), 6)
      << "of two methods the curve and two asymptotes";
  EXPECT_EQ(browser.evaluate(figure + ".querySelectorAll('.legend li').length"), 2);
  picture(browser, "steps");
  browser.evaluate(
      "(i => { i.value = '-ghost'; i.dispatchEvent(new Event('input')); })"
      "(document.getElementById('filter'))");
  browser.wait_for(figure + ".querySelectorAll('.mark-symbol.role-mark path').length === 4");
  EXPECT_THAT(browser.complaints(), IsEmpty());
}

}  // namespace
}  // namespace gapbench::compare

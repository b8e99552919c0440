#include "compare/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "compare/findings/findings.h"
#include "compare/pages/page.h"
#include "compare/prepare.h"
#include "compare/report/answer_table.h"
#include "compare/report/assets.h"
#include "compare/report/batch_steps.h"
#include "compare/report/chart_data.h"
#include "compare/report/failures.h"
#include "compare/report/figures.h"
#include "compare/sections/claimed.h"
#include "compare/sections/notes.h"
#include "compare/sections/problems.h"
#include "compare/sections/rows_hint.h"
#include "compare/sections/tables.h"
#include "compare/sections/to_target.h"
#include "compare/sections/transfers.h"
#include "compare/sections/warnings.h"
#include "core/file.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

constexpr std::string_view mark = "<!doctype html><!-- gapbench report -->\n";

/// Inside a script element "<" could end it.
std::string script_json(const records::Json& json) {
  std::string text = json.dump(-1, ' ', false, records::Json::error_handler_t::replace);
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos; at += 6) {
    text.replace(at, 1, "\\u003c");
  }
  return text;
}

struct Counts {
  std::size_t ok = 0;
  std::size_t failed = 0;
  std::size_t unfit = 0;
};

Counts count(const Aggregate& all) {
  Counts counts;
  for (const Section& section : all.sections) {
    for (const Row& row : section.rows) {
      counts.ok += row.ok.size();
      counts.failed += row.failed.size();
      counts.unfit += row.not_fitted.value_or(0);
    }
  }
  return counts;
}

std::string counts_text(const Prepared& prepared) {
  const records::Records& records = prepared.records;
  const Counts counts = count(prepared.all);
  std::size_t left_out =
      records.broken.size() + records.unfinished.size() + prepared.all.duplicates.size();
  for (const Presence& p : prepared.table.presence) left_out += p.missing.size();
  std::string html = fmt::format("<p>{} finished trials, {} failed, {} entries left out.",
                                 counts.ok, counts.failed, left_out);
  if (counts.unfit > 0) {
    html += fmt::format(
        " <strong>{} of the finished trials have not fitted their training set</strong> (train "
        "accuracy below {:g} %): a small gap is no merit of theirs.",
        counts.unfit, 100 * fitted_train_accuracy);
  }
  return html + "</p>\n";
}

/// The sentence behind each zone of the answer table.
std::string verdicts(const std::vector<Carried>& list) {
  std::string html =
      "<details class=\"long\">\n<summary>Each method and metric, and where its carried share lies"
      "</summary>\n<ul class=\"verdicts\">\n";
  for (const Carried& c : list) {
    const std::string word = c.transfer.word();
    const std::string why = explain(c.transfer, c.from->title, c.to->title).substr(word.size() + 2);
    html += fmt::format("<li><strong>{}, {}: {}</strong>{}.</li>\n", html_escaped(c.method),
                        html_escaped(c.metric.heading), word, html_escaped(why));
  }
  return html + "</ul>\n</details>\n";
}

/// How to read the answers, in as few words as will do.
std::string answer_key(const Aggregate& all, bool carries) {
  if (all.baseline.empty()) {
    return "<p class=\"key\">Means ± one standard deviation over seeds: without a baseline there "
           "are "
           "no differences.</p>\n";
  }
  return fmt::format(
      "<p class=\"key\">Δ: row − {} by seed, with its {} interval; in italics what {} itself got. "
      "<strong>Bold</strong>: beyond doubt among all rows. ‡ not in the comparison, with the "
      "interval of its own.{} A click on a method shows its trials.</p>\n",
      html_escaped(all.baseline), percent_text(all.confidence()), html_escaped(all.baseline),
      carries
          ? " → : how much of the difference on the first data set is there on the second: where "
            "the interval of that share lies."
          : " No verdicts on what carries over: they need two data sets with the same network.");
}

std::string answers(const Prepared& prepared, const std::vector<Comparison>& compared,
                    const std::vector<Carried>& list, const ChartData& data) {
  const Aggregate& all = prepared.all;
  std::string html = "<h2 id=\"summary\">Answers</h2>\n";
  html += answer_tables(all, compared, list) + answer_key(all, !list.empty());
  html += counts_text(prepared);
  if (!list.empty()) html += verdicts(list);
  return data.transfer ? html + transfer_figure() : html;
}

std::string contents(const Aggregate& all, bool has_failures) {
  std::string html =
      "<nav aria-label=\"Contents\"><ul>\n<li><a href=\"#summary\">Answers</a></li>\n";
  if (has_failures) html += "<li><a href=\"#failed\">Failed and missing</a></li>\n";
  for (std::size_t i = 0; i < all.sections.size(); ++i) {
    html += fmt::format("<li><a href=\"#section-{}\">{}</a></li>\n", i,
                        html_escaped(all.sections[i].title));
  }
  return html + "<li><a href=\"#end\">How to read this, what was left out</a></li>\n</ul></nav>\n";
}

std::string sections(const Prepared& prepared, const std::vector<Comparison>& compared,
                     const ChartData& data, const Builds& builds) {
  std::string html;
  for (std::size_t i = 0; i < compared.size(); ++i) {
    const Page page =
        section_page(prepared.records, compared[i], prepared.all, prepared.table, builds);
    html += fmt::format("<section id=\"section-{}\">\n{}{}</section>\n", i, to_html(page),
                        figures_of(data.sections[i], i));
  }
  return html;
}

/// What `compare` has below its sections.
Page below(const Prepared& prepared) {
  const TableOptions& table = prepared.table;
  const Aggregate& all = prepared.all;
  Page page;
  if (table.to) append(page, to_target(all, *table.to, table.costs));
  append(page, recovered(prepared.records, all, table.ends, table.metrics, true));
  append(page, carried_over(all, table.metrics, table.explained, table.digits));
  if (table.over_problems) append(page, over_problems(all));
  return page;
}

/// What a reader must know before the answers: what is wrong, and that not all is shown.
Page opening_of(const Prepared& prepared) {
  const TableOptions& table = prepared.table;
  Page page = introduction(prepared.records);
  if (table.at != At::final) page.emplace_back(Text(describe(table.at)));
  if (!table.selection.all()) page.emplace_back(Text(describe(table.selection)));
  if (!table.images.empty()) {
    page.emplace_back(Text(table.images + " Learning curves are over all test images."));
  }
  append(page, warnings(prepared.all, table.presence));
  append(page, claimed(table.answers));
  return page;
}

records::Json specifications() {
  records::Json json;
  json["curves"] = records::Json::parse(assets::curves_chart());
  json["cost"] = records::Json::parse(assets::cost_chart());
  json["transfer"] = records::Json::parse(assets::transfer_chart());
  json["batch"] = records::Json::parse(assets::batch_chart());
  json["seeds"] = records::Json::parse(assets::seeds_chart());
  json["reliability"] = records::Json::parse(assets::reliability_chart());
  json["shift"] = records::Json::parse(assets::shift_chart());
  json["plane"] = records::Json::parse(assets::plane_chart());
  json["steps"] = records::Json::parse(assets::steps_chart());
  return json;
}

/// The policy lets the page run what it carries and ask for nothing; Vega compiles expressions.
std::string head(const std::string& title) {
  return fmt::format(
      "{}<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src "
      "'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>\n{}</style>\n</head>\n",
      mark, html_escaped(title), assets::style());
}

std::string scripts(const ChartData& data) {
  return fmt::format(
      "<script type=\"application/json\" id=\"data\">{}</script>\n"
      "<script type=\"application/json\" id=\"charts\">{}</script>\n"
      "<script>\n{}</script>\n<script>\n{}</script>\n",
      script_json(data.json), script_json(specifications()), assets::vega(), assets::program());
}

}  // namespace

std::string report(const records::Records& given, const CompareOptions& options) {
  Prepared prepared = prepare(given, options, true);
  prepared.table.digits = Digits::uniform;
  records::Records& records = prepared.records;
  const Aggregate& all = prepared.all;
  const TableOptions& table = prepared.table;
  const Histories histories = read_histories(all, records.broken);
  const std::vector<Carried> list = carried(all, table.metrics);
  const std::vector<Comparison> compared = comparisons(all, table.metrics);
  ChartData data = chart_data(all, histories, list, table.metrics);
  if (table.to) add_batch_steps(all, *table.to, table.costs, data);
  const Builds builds = builds_of(records);
  const Page opening = opening_of(prepared);
  const Page failures = failures_and_missing(records, all, table.presence);
  std::string html = head(std::get<Heading>(opening.front()).text);
  html += "<body>\n<button id=\"theme\" type=\"button\" hidden>Light or dark</button>\n<main>\n";
  html += to_html(opening) + answers(prepared, compared, list, data);
  html += contents(all, !failures.empty());
  html += to_html(reported(records, all, builds, table.at, table.selection));
  html += to_html(rows_hint(all));
  if (!failures.empty()) html += "<div id=\"failed\">\n" + to_html(failures) + "</div>\n";
  html += sections(prepared, compared, data, builds) + to_html(below(prepared));
  html += "<div id=\"end\">\n" + to_html(legend(all, table.at, !table.answers.empty())) +
          to_html(left_out(records, all, table.twins)) + "</div>\n</main>\n";
  return html + scripts(data) + "</body>\n</html>\n";
}

void write_report(const std::filesystem::path& file, const std::string& page) {
  std::error_code code;
  if (std::filesystem::exists(file, code) && !read_file(file).starts_with(mark)) {
    throw Error(file.string(), "exists and is no report of gapbench: give another name");
  }
  write_file_atomically(file, page);
}

}  // namespace gapbench::compare

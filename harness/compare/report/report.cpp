#include "compare/report/report.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "compare/findings/findings.h"
#include "compare/pages/page.h"
#include "compare/report/assets.h"
#include "compare/report/chart_data.h"
#include "compare/rows/twins.h"
#include "compare/sections/claimed.h"
#include "compare/sections/notes.h"
#include "compare/sections/rows_hint.h"
#include "compare/sections/tables.h"
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

std::string figure(const std::string& chart, std::size_t section, const std::string& title,
                   const std::string& caption) {
  return fmt::format(
      "<figure class=\"chart\" data-chart=\"{}\" data-section=\"{}\">\n<h3>{}</h3>\n"
      "<div class=\"plot\" role=\"img\" aria-label=\"{}\"></div>\n"
      "<figcaption>{}</figcaption>\n</figure>\n",
      chart, section, html_escaped(title), html_escaped(title + ". " + caption),
      html_escaped(caption));
}

std::string charts_of(const ChartData::Section& has, std::size_t place) {
  std::string html;
  if (has.curves) {
    html += figure("curves", place, "Learning curves",
                   "Mean over the finished trials of a row at each evaluation; band: ± one sample "
                   "standard deviation, none for one seed (n on hover). Evaluation mode, without "
                   "augmentation and penalties. The vertical axis need not begin at 0.");
  }
  if (has.cost) {
    html += figure("cost", place, "Quality against cost",
                   "One point a row: means over finished trials, bars ± one sample standard "
                   "deviation. Filled, on the dashed line: no other row is both cheaper and better "
                   "by its mean, whatever the bars; for a gap, among the rows that have fitted. "
                   "The axis of the cost begins at 0, that of a gap includes 0.");
  }
  if (has.probes) {
    html += figure("probes", place, "Probes on the way",
                   "Mean over the finished trials of a row where all of them measured; band: ± one "
                   "sample standard deviation. The vertical axis need not begin at 0.");
  }
  if (has.batch) {
    html += figure("batch", place, "Batch size against probes",
                   "One point a row: the probe at the reported point, mean ± one sample standard "
                   "deviation over finished trials. Rows may differ in more than the batch size: "
                   "see the settings above.");
  }
  return html.empty() ? "" : "<div class=\"charts\">\n" + html + "</div>\n";
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

/// "Test acc %: 3 reproduces, 1 cannot tell."
std::string verdict_counts(const std::vector<Carried>& list) {
  std::vector<std::string> metrics;
  std::map<std::string, std::map<Zone, std::pair<std::string, std::size_t>>> counts;
  for (const Carried& c : list) {
    if (!counts.contains(c.metric.heading)) metrics.push_back(c.metric.heading);
    auto& [word, count] = counts[c.metric.heading][c.transfer.share.zone];
    word = c.transfer.word();
    ++count;
  }
  std::string html = "<ul>\n";
  for (const std::string& metric : metrics) {
    std::vector<std::string> parts;
    for (const auto& [zone, counted] : counts[metric]) {
      parts.push_back(fmt::format("{} × {}", counted.second, counted.first));
    }
    html += fmt::format("<li>{}: {}</li>\n", html_escaped(metric), fmt::join(parts, "; "));
  }
  return html + "</ul>\n";
}

/// Few stand open, many behind a line that opens them.
std::string verdicts(const std::vector<Carried>& list) {
  constexpr std::size_t few = 12;
  std::string html = verdict_counts(list);
  html += fmt::format(
      "<details class=\"long\"{}>\n<summary>Each method and metric, and where its carried share "
      "lies"
      "</summary>\n<ul class=\"verdicts\">\n",
      list.size() <= few ? " open" : "");
  for (const Carried& c : list) {
    const std::string word = c.transfer.word();
    const std::string why = explain(c.transfer, c.from->title, c.to->title).substr(word.size() + 2);
    html += fmt::format("<li><strong>{}, {}: {}</strong>{}.</li>\n", html_escaped(c.method),
                        html_escaped(c.metric.heading), word, html_escaped(why));
  }
  return html + "</ul>\n</details>\n";
}

std::string summary(const records::Records& records, const Aggregate& all, const ChartData& data,
                    const std::vector<Presence>& presence) {
  const Counts counts = count(all);
  std::size_t left_out = records.broken.size() + records.unfinished.size() + all.duplicates.size();
  for (const Presence& p : presence) left_out += p.missing.size();
  std::string html = fmt::format(
      "<h2 id=\"summary\">Summary</h2>\n<p>{} finished trials, {} failed, {} entries left out.",
      counts.ok, counts.failed, left_out);
  if (counts.unfit > 0) {
    html += fmt::format(
        " <strong>{} of the finished trials have not fitted their training set</strong> (train "
        "accuracy below {:g} %): a small gap is no merit of theirs.",
        counts.unfit, 100 * fitted_train_accuracy);
  }
  html += "</p>\n";
  const std::vector<Carried> list = carried(all);
  if (list.empty()) {
    return html +
           "<p>No verdicts: they need a baseline, and one of its rows and of another method's on "
           "two data sets with the same network.</p>\n";
  }
  html += fmt::format(
      "<p>Does a difference to {} on one data set hold on the next? Methods by verdict:</p>\n",
      html_escaped(all.baseline));
  html += verdicts(list);
  if (!data.transfer) return html;
  return html +
         figure(
             "transfer", 0, "Effect on one data set against effect on the other",
             "One point a method: mean of method − baseline by seed, bars: t "
             "intervals, none where the differences have no spread or one seed only (n "
             "on hover). On the dashed line both effects are equal. Both axes include 0. More than "
             "twelve points are named on hover only.");
}

std::string contents(const Aggregate& all) {
  std::string html =
      "<nav aria-label=\"Contents\"><ul>\n<li><a href=\"#summary\">Summary</a></li>\n";
  for (std::size_t i = 0; i < all.sections.size(); ++i) {
    html += fmt::format("<li><a href=\"#section-{}\">{}</a></li>\n", i,
                        html_escaped(all.sections[i].title));
  }
  return html + "<li><a href=\"#end\">How to read this, what was left out</a></li>\n</ul></nav>\n";
}

std::string sections(const records::Records& records, const Aggregate& all, const ChartData& data,
                     const Builds& builds, bool by_image) {
  std::string html;
  TableOptions options;
  options.by_image = by_image;
  const std::vector<Comparison> compared = comparisons(all);
  for (std::size_t i = 0; i < compared.size(); ++i) {
    html += fmt::format("<section id=\"section-{}\">\n{}{}</section>\n", i,
                        to_html(section_page(records, compared[i], all, options, builds)),
                        charts_of(data.sections[i], i));
  }
  return html;
}

records::Json specifications() {
  records::Json json;
  json["curves"] = records::Json::parse(assets::curves_chart());
  json["cost"] = records::Json::parse(assets::cost_chart());
  json["transfer"] = records::Json::parse(assets::transfer_chart());
  json["batch"] = records::Json::parse(assets::batch_chart());
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

}  // namespace

std::string report(const records::Records& given, const ReportOptions& options) {
  Folded one_of_each = folded(selected(given, options.selection));
  records::Records& records = one_of_each.records;
  const Aggregate all = aggregate(records, options.baseline, {}, At::final, {}, options.rows);
  require_ends(all, options.ends);
  const Histories histories = read_histories(all, records.broken);
  const ChartData data = chart_data(all, histories);
  const Builds builds = builds_of(records);
  const std::vector<Presence> present = presence(given);
  const Page opening_page = opening(records, all, builds, At::final, options.selection);
  const std::string title = std::get<Heading>(opening_page.front()).text;
  std::string html = head(title);
  html += "<body>\n<button id=\"theme\" type=\"button\" hidden>Light or dark</button>\n<main>\n";
  const std::vector<Answer> found = answers(given);
  Page top = warnings(all, present);
  append(top, claimed(found));
  top.insert(top.begin(), opening_page.front());
  top.insert(top.end(), opening_page.begin() + 1, opening_page.end());
  append(top, rows_hint(all));
  html += to_html(top) + contents(all) + summary(records, all, data, present);
  html += sections(records, all, data, builds, options.by_image);
  html += to_html(recovered(records, all, options.ends, {}, true));
  html += to_html(carried_over(all, {}, false));
  html += "<div id=\"end\">\n" + to_html(legend(all, At::final, !found.empty())) +
          to_html(left_out(records, all, one_of_each.twins)) + "</div>\n";
  html += fmt::format("</main>\n<script type=\"application/json\" id=\"data\">{}</script>\n",
                      script_json(data.json));
  html += fmt::format("<script type=\"application/json\" id=\"charts\">{}</script>\n",
                      script_json(specifications()));
  html += fmt::format("<script>\n{}</script>\n<script>\n{}</script>\n</body>\n</html>\n",
                      assets::vega(), assets::program());
  return html;
}

void write_report(const std::filesystem::path& file, const std::string& page) {
  std::error_code code;
  if (std::filesystem::exists(file, code) && !read_file(file).starts_with(mark)) {
    throw Error(file.string(), "exists and is no report of gapbench: give another name");
  }
  write_file_atomically(file, page);
}

}  // namespace gapbench::compare

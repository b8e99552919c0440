#include <fmt/format.h>

#include "compare/pages/page.h"
#include "compare/statistics/statistic.h"

namespace gapbench::compare {
namespace {

std::string inline_html(const Text& text) {
  std::string html;
  for (const Span& span : text.spans()) {
    const std::string shown = html_escaped(span.text);
    switch (span.kind) {
      case Span::Kind::plain:
        html += shown;
        break;
      case Span::Kind::strong:
        html += fmt::format("<strong>{}</strong>", shown);
        break;
      case Span::Kind::code:
        html += fmt::format("<code>{}</code>", shown);
        break;
    }
  }
  return html;
}

std::string folded(const std::string& behind, const std::string& html) {
  return fmt::format("<details><summary>{}</summary>{}</details>", html_escaped(behind), html);
}

std::string cell_html(const Cell& cell, bool first) {
  const std::string order = cell.order ? fmt::format(" data-order=\"{}\"", exact(*cell.order)) : "";
  std::string shown = html_escaped(cell.text);
  if (!cell.behind.empty()) shown = folded(cell.behind, shown);
  if (first) return fmt::format("<th scope=\"row\"{}>{}</th>", order, shown);
  if (cell.best) return fmt::format("<td{}><strong>{}</strong></td>", order, shown);
  return fmt::format("<td{}>{}</td>", order, shown);
}

std::string block(const Heading& heading) {
  return fmt::format("<h{0}>{1}</h{0}>\n", heading.level, html_escaped(heading.text));
}

std::string block(const Text& text) {
  const std::string shown = fmt::format("<p>{}</p>", inline_html(text));
  return (text.behind().empty() ? shown : folded(text.behind(), shown)) + "\n";
}

std::string block(const Bullets& bullets) {
  std::string html = "<ul>\n";
  for (const Text& item : bullets.items) html += fmt::format("<li>{}</li>\n", inline_html(item));
  return html + "</ul>\n";
}

std::string block(const Table& table) {
  std::string html = fmt::format(
      "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\"><table>\n"
      "<caption>{0}</caption>\n<thead><tr>",
      html_escaped(table.caption()));
  for (const std::string& heading : table.headings()) {
    html += fmt::format("<th scope=\"col\">{}</th>", html_escaped(heading));
  }
  html += "</tr></thead>\n<tbody>\n";
  for (std::size_t row = 0; row < table.rows(); ++row) {
    html += "<tr>";
    for (const Cells& column : table.columns()) {
      html += cell_html(column[row], &column == &table.columns().front());
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace

std::string html_escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string to_html(const Page& page) {
  std::string html;
  for (const Block& b : page) {
    html += std::visit([](const auto& kind) { return block(kind); }, b);
  }
  return html;
}

}  // namespace gapbench::compare

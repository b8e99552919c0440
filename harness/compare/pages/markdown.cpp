#include <fmt/format.h>

#include <algorithm>

#include "compare/pages/page.h"

namespace gapbench::compare {
namespace {

/// A bar would end the cell, a line break the table.
std::string in_cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
    text.insert(at, 1, '\\');
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string cell(const Cell& c) { return in_cell(c.best ? fmt::format("**{}**", c.text) : c.text); }

std::string inline_text(const Text& text) {
  std::string result;
  for (const Span& span : text.spans()) {
    switch (span.kind) {
      case Span::Kind::plain:
        result += span.text;
        break;
      case Span::Kind::strong:
        result += fmt::format("**{}**", span.text);
        break;
      case Span::Kind::code:
        result += fmt::format("`{}`", span.text);
        break;
    }
  }
  return result;
}

std::string block(const Heading& heading) {
  return fmt::format("{} {}\n", std::string(static_cast<std::size_t>(heading.level), '#'),
                     heading.text);
}

std::string block(const Text& text) { return inline_text(text) + "\n"; }

std::string block(const Bullets& bullets) {
  std::string text;
  for (const Text& item : bullets.items) text += fmt::format("- {}\n", inline_text(item));
  return text;
}

std::string block(const Table& table) {
  std::string text = "|";
  for (const auto& heading : table.headings()) text += fmt::format(" {} |", in_cell(heading));
  text += "\n|:---|";
  for (std::size_t i = 1; i < table.headings().size(); ++i) text += "---:|";
  for (std::size_t row = 0; row < table.rows(); ++row) {
    text += "\n|";
    for (const Cells& column : table.columns()) text += fmt::format(" {} |", cell(column[row]));
  }
  return text + "\n";
}

}  // namespace

std::string to_markdown(const Page& page) {
  std::string text;
  for (const Block& b : page) {
    if (!text.empty()) text += '\n';
    text += std::visit([](const auto& kind) { return block(kind); }, b);
  }
  return text;
}

}  // namespace gapbench::compare

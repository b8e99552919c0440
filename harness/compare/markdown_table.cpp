#include "compare/markdown_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gapbench::compare {
namespace {

/// A bar would end the cell, a line break the table.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
    text.insert(at, 1, '\\');
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

void MarkdownTable::add(std::string heading, Cells cells) {
  headings_.push_back(std::move(heading));
  columns_.push_back(std::move(cells));
}

std::string MarkdownTable::text() const {
  std::string text = "|";
  for (const auto& heading : headings_) text += fmt::format(" {} |", cell(heading));
  text += "\n|:---|";
  for (std::size_t i = 1; i < headings_.size(); ++i) text += "---:|";
  for (std::size_t row = 0; row < columns_.front().size(); ++row) {
    text += "\n|";
    for (const Cells& column : columns_) text += fmt::format(" {} |", cell(column[row]));
  }
  return text + "\n";
}

}  // namespace gapbench::compare

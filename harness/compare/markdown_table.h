// One Markdown table.
#pragma once

#include <string>
#include <vector>

namespace gapbench::compare {

using Cells = std::vector<std::string>;

/// Column by column; the first is flush left, the others flush right. Bars and line breaks in cells
/// are made harmless. Every column has as many cells as the first.
class MarkdownTable {
 public:
  void add(std::string heading, Cells cells);
  std::string text() const;

 private:
  Cells headings_;
  std::vector<Cells> columns_;
};

}  // namespace gapbench::compare

// What compare has to say, before it is Markdown, LaTeX or HTML.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace gapbench::compare {

struct Span {
  enum class Kind { plain, strong, code };
  std::string text;
  Kind kind = Kind::plain;
};

/// A sentence or more. Nothing in the spans is markup: names of users cannot break a page.
class Text {
 public:
  Text() = default;
  Text(std::string plain) { add(std::move(plain)); }
  Text(const char* plain) { add(plain); }

  Text& add(std::string text, Span::Kind kind = Span::Kind::plain) {
    spans_.push_back({std::move(text), kind});
    return *this;
  }
  Text& strong(std::string text) { return add(std::move(text), Span::Kind::strong); }
  Text& code(std::string text) { return add(std::move(text), Span::Kind::code); }
  /// In HTML behind this line, which opens it; elsewhere as any text.
  Text& fold(std::string behind) {
    behind_ = std::move(behind);
    return *this;
  }
  const std::vector<Span>& spans() const { return spans_; }
  const std::string& behind() const { return behind_; }

 private:
  std::vector<Span> spans_;
  std::string behind_;
};

struct Cell {
  Cell(std::string shown) : text(std::move(shown)) {}
  Cell(const char* shown) : text(shown) {}

  std::string text;
  bool best = false;            ///< set in bold
  std::string behind{};         ///< in HTML, the line that opens it; empty: stands open
  std::optional<double> order;  ///< what the cell is sorted by; nothing: by its text
};
using Cells = std::vector<Cell>;

/// Column by column; the first is flush left, the others flush right.
class Table {
 public:
  explicit Table(std::string caption) : caption_(std::move(caption)) {}

  /// Every column has as many cells as the first.
  void add(std::string heading, Cells cells) {
    headings_.push_back(std::move(heading));
    columns_.push_back(std::move(cells));
  }
  const std::string& caption() const { return caption_; }
  const std::vector<std::string>& headings() const { return headings_; }
  const std::vector<Cells>& columns() const { return columns_; }
  std::size_t rows() const { return columns_.empty() ? 0 : columns_.front().size(); }

 private:
  std::string caption_;  ///< what the table shows; Markdown leaves it out
  std::vector<std::string> headings_;
  std::vector<Cells> columns_;
};

struct Heading {
  int level = 1;
  std::string text;
};
struct Bullets {
  std::vector<Text> items;
};
using Block = std::variant<Heading, Text, Bullets, Table>;
using Page = std::vector<Block>;

inline void append(Page& page, Page more) {
  for (Block& block : more) page.push_back(std::move(block));
}

/// Without captions; blocks are parted by one empty line.
std::string to_markdown(const Page& page);

struct TerminalStyle {
  std::size_t width = 80;  ///< columns
  bool bold = false;       ///< by escape sequences; else what is bold in tables has a star
};
/// Text wrapped; tables aligned, one that is too wide as several that each begin with its first column.
std::string to_terminal(const Page& page, const TerminalStyle& style);

/// A whole document with booktabs tables that compiles by itself and can also be \input into
/// another one that loads booktabs and graphicx. Characters that pdflatex cannot set are
/// written as U+XXXX.
std::string to_latex(const Page& page);

/// The blocks as HTML elements, tables with a caption and with the numbers to sort by; no <html>.
std::string to_html(const Page& page);

/// `text` for HTML text and attributes.
std::string html_escaped(const std::string& text);

}  // namespace gapbench::compare

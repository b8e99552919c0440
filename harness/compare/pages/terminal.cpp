// A page for a terminal: text wrapped, tables aligned and cut into as many as its width asks for.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "compare/pages/page.h"

namespace gapbench::compare {
namespace {

/// Of UTF-8: every character here is as wide as a letter.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    if (end > 0) found.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

/// Lines of at most `width` columns, but for a word that is longer.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::size_t used = 0;
  for (const std::string& word : words(text)) {
    const std::size_t size = columns(word);
    if (lines.empty() || used + 1 + size > width) {
      lines.push_back(word);
      used = size;
      continue;
    }
    lines.back() += " " + word;
    used += 1 + size;
  }
  return lines;
}

std::string plain(const Text& text) {
  std::string all;
  for (const Span& span : text.spans()) all += span.text;
  return all;
}

std::string without_breaks(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

class Writer {
 public:
  explicit Writer(const TerminalStyle& style) : style_(style) {}

  std::string operator()(const Heading& heading) const {
    const char* line = heading.level == 1 ? "=" : "-";
    const std::size_t size = std::min(columns(heading.text), style_.width);
    return bold(heading.text) + "\n" + repeated(line, size) + "\n";
  }
  std::string operator()(const Text& text) const { return lines(plain(text), ""); }
  std::string operator()(const Bullets& bullets) const {
    std::string text;
    for (const Text& item : bullets.items) text += lines(plain(item), "- ");
    return text;
  }
  std::string operator()(const Table& table) const {
    std::string text;
    const std::vector<Column> all = lay_out(table);
    for (std::size_t next = 1; next < all.size() || text.empty();) {
      if (!text.empty()) text += '\n';
      std::vector<const Column*> together{&all.front()};
      std::size_t used = all.front().width;
      while (next < all.size() &&
             (together.size() == 1 || used + gap + all[next].width <= style_.width)) {
        used += gap + all[next].width;
        together.push_back(&all[next++]);
      }
      text += block(table, together);
    }
    return text;
  }

 private:
  static constexpr std::size_t gap = 2;
  static constexpr std::size_t least = 20;  ///< columns that a cell may always take

  using Lines = std::vector<std::string>;
  struct Column {
    const Cells* cells;
    Lines heading;
    std::vector<Lines> rows;  ///< one line each, but where a cell is wider than the terminal
    std::size_t width = 0;
  };

  std::string bold(const std::string& text) const {
    return style_.bold ? "\x1b[1m" + text + "\x1b[0m" : text;
  }

  std::string lines(const std::string& text, const std::string& mark) const {
    const std::size_t indent = mark.size();
    std::string all;
    for (const std::string& line : wrapped(text, style_.width - std::min(indent, style_.width))) {
      all += (all.empty() ? mark : std::string(indent, ' ')) + line + "\n";
    }
    return all;
  }

  /// The best are bold, or have a star.
  std::string written(const Cell& cell) const {
    return without_breaks(cell.text) + (cell.best && !style_.bold ? "*" : "");
  }

  std::vector<Column> lay_out(const Table& table) const {
    std::vector<Column> all;
    for (std::size_t c = 0; c < table.columns().size(); ++c) {
      Column column{&table.columns()[c], {}, {}, 0};
      std::size_t widest = 0;
      for (const Cell& cell : *column.cells) widest = std::max(widest, columns(written(cell)));
      const std::size_t beside = all.empty() ? 0 : all.front().width + gap;
      const std::size_t room = std::max(style_.width - std::min(beside, style_.width), least);
      for (const Cell& cell : *column.cells) {
        column.rows.push_back(widest > room ? wrapped(written(cell), room) : Lines{written(cell)});
        for (const auto& line : column.rows.back()) {
          column.width = std::max(column.width, columns(line));
        }
      }
      for (const std::string& word : words(table.headings()[c])) {
        column.width = std::max(column.width, columns(word));
      }
      column.heading = wrapped(table.headings()[c], column.width);
      all.push_back(std::move(column));
    }
    return all;
  }

  /// The first column is flush left, the others flush right.
  static std::string padded(const std::string& text, std::size_t size, std::size_t width,
                            bool first) {
    const std::string space(width - std::min(size, width), ' ');
    return first ? text + space : std::string(gap, ' ') + space + text;
  }

  static std::string trimmed(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }

  static std::size_t height(const std::vector<const Lines*>& cells) {
    std::size_t most = 0;
    for (const Lines* lines : cells) most = std::max(most, lines->size());
    return most;
  }

  /// One row, or the headings, which stand on their last lines.
  std::string row_text(const std::vector<const Column*>& shown,
                       const std::vector<const Lines*>& cells,
                       std::optional<std::size_t> row) const {
    const std::size_t most = height(cells);
    std::string text;
    for (std::size_t l = 0; l < most; ++l) {
      std::string line;
      for (std::size_t c = 0; c < shown.size(); ++c) {
        const std::size_t above = row ? 0 : most - cells[c]->size();
        const bool is_there = l >= above && l - above < cells[c]->size();
        const std::string part = is_there ? (*cells[c])[l - above] : "";
        const bool best = row && (*shown[c]->cells)[*row].best;
        line += padded(best ? bold(part) : part, columns(part), shown[c]->width, c == 0);
      }
      text += trimmed(line);
    }
    return text;
  }

  std::string block(const Table& table, const std::vector<const Column*>& shown) const {
    std::size_t width = 0;
    std::vector<const Lines*> cells;
    for (const Column* c : shown) {
      width += c->width + (c == shown.front() ? 0 : gap);
      cells.push_back(&c->heading);
    }
    std::string text = row_text(shown, cells, std::nullopt) + repeated("-", width) + "\n";
    for (std::size_t row = 0; row < table.rows(); ++row) {
      for (std::size_t c = 0; c < shown.size(); ++c) cells[c] = &shown[c]->rows[row];
      text += row_text(shown, cells, row);
    }
    return text;
  }

  const TerminalStyle& style_;
};

}  // namespace

std::string to_terminal(const Page& page, const TerminalStyle& style) {
  std::string text;
  const Writer writer(style);
  for (const Block& block : page) {
    if (!text.empty()) text += '\n';
    text += std::visit(writer, block);
  }
  return text;
}

}  // namespace gapbench::compare

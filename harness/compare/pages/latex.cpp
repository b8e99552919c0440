#include <fmt/format.h>

#include <array>
#include <string_view>

#include "compare/pages/page.h"

namespace gapbench::compare {
namespace {

struct Written {
  std::string_view text;
  std::string_view latex;
};

/// What TeX reads as commands, and the signs that our own tables use.
constexpr std::array written{
    Written{"\\", "\\textbackslash{}"},
    Written{"{", "\\{"},
    Written{"}", "\\}"},
    Written{"$", "\\$"},
    Written{"&", "\\&"},
    Written{"#", "\\#"},
    Written{"%", "\\%"},
    Written{"_", "\\_"},
    Written{"^", "\\textasciicircum{}"},
    Written{"~", "\\textasciitilde{}"},
    Written{"<", "\\textless{}"},
    Written{">", "\\textgreater{}"},
    Written{"|", "\\textbar{}"},
    Written{"\"", "''"},
    Written{"\n", " "},
    Written{"±", "$\\pm$"},
    Written{"×", "$\\times$"},
    Written{"Δ", "$\\Delta$"},
    Written{"λ", "$\\lambda$"},
    Written{"τ", "$\\tau$"},
    Written{"↑", "$\\uparrow$"},
    Written{"↓", "$\\downarrow$"},
    Written{"†", "\\dag{}"},
    Written{"–", "--"},
    Written{"≤", "$\\le$"},
    Written{"≥", "$\\ge$"},
    Written{"−", "$-$"},
    Written{"¹", "\\textsuperscript{1}"},
    Written{"²", "\\textsuperscript{2}"},
    Written{"³", "\\textsuperscript{3}"},
    Written{"⁵", "\\textsuperscript{5}"},
    Written{"⁶", "\\textsuperscript{6}"},
    Written{"⁹", "\\textsuperscript{9}"},
};

/// Length in bytes of the UTF-8 character that begins here; 1 for a stray byte.
std::size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 1
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                                            : 4;
  if (length > text.size()) return 1;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 1;
  }
  return length;
}

unsigned code_point(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return first;
  unsigned code = first & (0x7FU >> character.size());
  for (const char c : character.substr(1))
    code = code << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  return code;
}

/// Printable ASCII and the letters of western Europe pass as they are.
std::string character(std::string_view c) {
  for (const Written& w : written) {
    if (w.text == c) return std::string(w.latex);
  }
  const unsigned code = code_point(c);
  const bool ascii = c.size() == 1 && code >= 0x20 && code < 0x7F;
  const bool letter = c.size() == 2 && code >= 0xC0 && code <= 0xFF;
  return ascii || letter ? std::string(c) : fmt::format("U+{:04X}", code);
}

std::string escaped(std::string_view text) {
  std::string latex;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    latex += character(text.substr(0, length));
    text.remove_prefix(length);
  }
  return latex;
}

/// A bracket after \\ or \item would be read as an option; braces keep it text.
std::string inline_latex(const Text& text) {
  std::string latex;
  for (const Span& span : text.spans()) {
    const std::string shown = escaped(span.text);
    switch (span.kind) {
      case Span::Kind::plain:
        latex += shown;
        break;
      case Span::Kind::strong:
        latex += fmt::format("\\textbf{{{}}}", shown);
        break;
      case Span::Kind::code:
        latex += fmt::format("\\texttt{{{}}}", shown);
        break;
    }
  }
  return latex;
}

std::string block(const Heading& heading) {
  return fmt::format("\\{}section*{{{}}}\n", heading.level > 1 ? "sub" : "", escaped(heading.text));
}

std::string block(const Text& text) { return inline_latex(text) + "\n"; }

std::string block(const Bullets& bullets) {
  std::string latex = "\\begin{itemize}\n";
  for (const Text& item : bullets.items) {
    latex += fmt::format("\\item {{{}}}\n", inline_latex(item));
  }
  return latex + "\\end{itemize}\n";
}

std::string row_latex(const Table& table, std::size_t row) {
  std::string latex;
  for (const Cells& column : table.columns()) {
    if (&column != &table.columns().front()) latex += " & ";
    const std::string shown = escaped(column[row].text);
    latex += column[row].best ? fmt::format("\\textbf{{{}}}", shown) : fmt::format("{{{}}}", shown);
  }
  return latex + " \\\\\n";
}

/// Shrunk to the width of the page where it is wider.
std::string block(const Table& table) {
  std::string latex = fmt::format(
      "\\begin{{table}}[htbp]\n\\centering\n\\caption{{{}}}\n"
      "\\resizebox{{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}}{{!}}{{%\n"
      "\\begin{{tabular}}{{l{}}}\n\\toprule\n",
      escaped(table.caption()), std::string(table.headings().size() - 1, 'r'));
  for (std::size_t i = 0; i < table.headings().size(); ++i) {
    latex += fmt::format("{}{{{}}}", i == 0 ? "" : " & ", escaped(table.headings()[i]));
  }
  latex += " \\\\\n\\midrule\n";
  for (std::size_t row = 0; row < table.rows(); ++row) latex += row_latex(table, row);
  return latex + "\\bottomrule\n\\end{tabular}}\n\\end{table}\n";
}

/// \@nodocument is \relax once a document has begun: then this file is a part of it.
constexpr const char* opening_lines =
    "% Compiles by itself. To \\input it, load booktabs and graphicx.\n"
    "\\expandafter\\ifx\\csname @nodocument\\endcsname\\relax\n"
    "\\let\\gapbenchend\\relax\n"
    "\\else\n"
    "\\documentclass[10pt]{article}\n"
    "\\usepackage[a4paper,margin=15mm]{geometry}\n"
    "\\usepackage{booktabs,graphicx}\n"
    "\\def\\gapbenchend{\\end{document}}\n"
    "\\begin{document}\n"
    "\\fi\n";

}  // namespace

std::string to_latex(const Page& page) {
  std::string latex = opening_lines;
  for (const Block& b : page) {
    latex += '\n' + std::visit([](const auto& kind) { return block(kind); }, b);
  }
  return latex + "\n\\gapbenchend\n";
}

}  // namespace gapbench::compare

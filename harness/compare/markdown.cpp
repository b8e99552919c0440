#include "compare/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "compare/columns.h"
#include "compare/notes.h"

namespace gapbench::compare {
namespace {

using Cells = std::vector<std::string>;

/// A bar would end the cell, a line break the table.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
    text.insert(at, 1, '\\');
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// Column by column; the first is flush left, the others flush right.
class Table {
 public:
  void add(std::string heading, Cells cells) {
    headings_.push_back(std::move(heading));
    columns_.push_back(std::move(cells));
  }

  std::string text() const {
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

 private:
  Cells headings_;
  std::vector<Cells> columns_;
};

Cells labels(const Section& section) {
  Cells cells;
  for (const Row& row : section.rows) cells.push_back(row.label);
  return cells;
}

std::string settings_table(const Section& section) {
  if (section.differing.empty()) return "";
  Table table;
  table.add("Settings that differ", labels(section));
  for (const std::string& key : section.differing) {
    Cells cells;
    for (const Row& row : section.rows) {
      const auto found = row.settings.find(key);
      cells.push_back(found == row.settings.end() ? "–" : setting_text(key, found->second));
    }
    table.add(key, std::move(cells));
  }
  return table.text() + "\n";
}

std::string heading(const Column& column) {
  switch (column.better) {
    case Better::higher:
      return column.heading + " ↑";
    case Better::lower:
      return column.heading + " ↓";
    case Better::none:
      break;
  }
  return column.heading;
}

std::string result_table(const Section& section, const std::string& baseline,
                         const Builds& builds) {
  Table table;
  table.add("Method", labels(section));
  Cells counts;
  for (const Row& row : section.rows) counts.push_back(count_text(row));
  table.add("n", counts);
  for (const Column& column : columns_of(section)) {
    table.add(heading(column), entries(section, column));
  }
  const auto flops = ratios(section, baseline, train_flops);
  const auto seconds = ratios(section, baseline, train_seconds);
  if (flops) table.add("× FLOPs", *flops);
  if (seconds) table.add("× train s", *seconds);
  if (builds.size() > 1) {
    Cells letters;
    for (const Row& row : section.rows) letters.push_back(build_letters(row, builds));
    table.add("Build", letters);
  }
  return table.text() + "\n";
}

std::string probe_table(const Section& section) {
  const std::vector<Column> columns = probe_columns_of(section);
  if (columns.empty()) return "";
  Table table;
  table.add("Probes at the end", labels(section));
  for (const Column& column : columns) table.add(column.heading, entries(section, column));
  return table.text() + "\n";
}

std::string section_text(const Section& section, const Aggregate& all, const Builds& builds) {
  std::string text = fmt::format("## {}\n\n", section.title);
  text += size_text(section);
  if (!section.shared.empty()) {
    text += fmt::format("Shared by these rows: {}.\n\n", settings_text(section.shared));
  }
  text += settings_table(section);
  text += result_table(section, all.baseline, builds);
  text += probe_table(section);
  const bool has_baseline = ratios(section, all.baseline, train_flops).has_value();
  if (!all.baseline.empty() && !has_baseline) {
    text += fmt::format("No ratios here: they need exactly one row of the baseline {}.\n\n",
                        all.baseline);
  }
  for (const std::string& note : data_notes(section)) text += fmt::format("Note: {}.\n\n", note);
  return text;
}

}  // namespace

std::string markdown(const run::Records& records, const Aggregate& all) {
  const Builds builds = builds_of(records);
  std::string text = opening(records, all, builds);
  for (const Section& section : all.sections) text += section_text(section, all, builds);
  text += legend(all);
  text += left_out(records, all);
  return text;
}

}  // namespace gapbench::compare

#include "compare/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "compare/against.h"
#include "compare/columns.h"
#include "compare/markdown_table.h"
#include "compare/notes.h"

namespace gapbench::compare {
namespace {

Cells labels(const Section& section) {
  Cells cells;
  for (const Row& row : section.rows) cells.push_back(row.label);
  return cells;
}

std::string settings_table(const Section& section) {
  if (section.differing.empty()) return "";
  MarkdownTable table;
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
  MarkdownTable table;
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
  MarkdownTable table;
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
  text += against_baseline(section, all.baseline);
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

std::string markdown(const run::Records& records, const Aggregate& all, bool explained,
                     const RecoveryEnds& ends) {
  const Builds builds = builds_of(records);
  std::string text = opening(records, all, builds);
  for (const Section& section : all.sections) text += section_text(section, all, builds);
  text += recovered(all, ends, explained);
  text += carried_over(all, explained);
  text += legend(all);
  text += left_out(records, all);
  return text;
}

}  // namespace gapbench::compare

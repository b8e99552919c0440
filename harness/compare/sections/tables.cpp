#include "compare/sections/tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "compare/findings/findings.h"
#include "compare/rows/columns.h"
#include "compare/rows/timing.h"
#include "compare/sections/against.h"
#include "compare/sections/claimed.h"
#include "compare/sections/image_tables.h"
#include "compare/sections/problems.h"
#include "compare/sections/published.h"
#include "compare/sections/rows_hint.h"
#include "compare/sections/same_rate.h"
#include "compare/sections/settings_table.h"
#include "compare/sections/shifted.h"
#include "compare/sections/slopes.h"
#include "compare/sections/to_target.h"
#include "compare/sections/transfers.h"
#include "compare/sections/warnings.h"

namespace gapbench::compare {
namespace {

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

Cells counts(const Section& section) {
  Cells cells;
  for (const Row& row : section.rows) {
    cells.emplace_back(count_text(row)).order = static_cast<double>(row.ok.size());
  }
  return cells;
}

/// Each column of ours, and beside it what was published of it.
void add_columns(const records::Records& records, const Section& section,
                 const TableOptions& options, std::vector<std::string>& sources, Table& table) {
  for (const Column& column : columns_of(section, options.metrics)) {
    table.add(heading(column), entries(section, column, options.digits));
    if (column.is_cost) continue;
    if (const auto cells = published_cells(records, section, column, sources)) {
      table.add("Published " + column.heading, *cells);
    }
  }
}

/// What became of trials that are in no mean: seed, step, reason, folder.
Page failures(const Section& section) {
  constexpr std::size_t most = 20;
  std::size_t left = 0;
  Bullets list;
  for (const Row& row : section.rows) {
    for (const records::Record* r : row.failed) {
      if (list.items.size() == most) {
        ++left;
        continue;
      }
      const train::Outcome& o = r->outcome;
      list.items.push_back(fmt::format(
          "{}, seed {}: {} at step {}{}{}; {}", row.label, r->seed, train::to_text(o.status),
          o.step, o.reason.empty() ? "" : ": ", o.reason, r->folder.generic_string()));
    }
  }
  if (list.items.empty()) return {};
  if (left > 0) list.items.push_back(fmt::format("and {} more, which --format json names", left));
  return {Text("Failed, and in no mean:"), list};
}

Page result_table(const records::Records& records, const Section& section, const Aggregate& all,
                  const TableOptions& options, const Builds& builds) {
  Table table(fmt::format("{}: mean ± standard deviation over n seeds", section.title));
  table.add("Method", labels(section));
  table.add("n", counts(section));
  std::vector<std::string> sources;
  add_columns(records, section, options, sources, table);
  const auto flops = ratios(section, all.baseline, train_flops);
  const auto seconds = ratios(section, all.baseline, train_seconds, true);
  if (flops) table.add("× FLOPs", *flops);
  if (seconds) table.add("× train s", *seconds);
  if (builds.size() > 1) {
    Cells letters;
    for (const Row& row : section.rows) letters.push_back(build_letters(row, builds));
    table.add("Build", letters);
  }
  Page page{table};
  const std::vector<std::string> untimed = untimed_rows(section, all.baseline);
  if (!untimed.empty()) {
    page.push_back(Text(fmt::format("Seconds are not compared with those of {}: {}.", all.baseline,
                                    fmt::join(untimed, "; "))));
  }
  append(page, failures(section));
  if (sources.empty()) return page;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    parts.push_back(fmt::format("[{}] {}", i + 1, sources[i]));
  }
  page.push_back(Text(fmt::format("Published, not measured here: {}.", fmt::join(parts, "; "))));
  return page;
}

Page probe_table(const Section& section, Digits digits) {
  const std::vector<Column> columns = probe_columns_of(section);
  if (columns.empty()) return {};
  Table table(fmt::format("{}: probes, mean ± standard deviation over n seeds", section.title));
  table.add("Probes", labels(section));
  for (const Column& column : columns) table.add(column.heading, entries(section, column, digits));
  return {table};
}

/// Trials that differ in more than the seed are no repetitions of each other.
Page pooling_note(const Section& section) {
  const auto pools = [](const Row& row) { return !row.pooled.empty(); };
  const auto repeats = [](const Row& row) { return row.seeds_repeat; };
  const auto& rows = section.rows;
  if (std::none_of(rows.begin(), rows.end(), pools)) return {};
  std::string text =
      "Rows here pool trials of different settings, so their deviations are not those of seeds.";
  if (std::any_of(rows.begin(), rows.end(), repeats)) {
    text += " A row in which a seed comes twice is compared with none by seed.";
  }
  return {Text(text)};
}

/// Why rows are not shown at equal train loss.
Page width_note(const Section& section) {
  std::vector<std::string> rows;
  for (const Row& row : section.rows) {
    if (row.too_wide() == 0) continue;
    double widest = 0;
    for (const Bracket* bracket : row.brackets) widest = std::max(widest, bracket->ratio());
    rows.push_back(fmt::format("{} ({}/{} trials, up to {:.3g})", row.label, row.too_wide(),
                               row.ok.size(), widest));
  }
  if (rows.empty()) return {};
  return {
      Text(fmt::format("Not shown, since the evaluations before and after this loss are more "
                       "than a factor of {} of it apart: {}. Evaluate more often.",
                       widest_bracket, fmt::join(rows, ", ")))};
}

}  // namespace

Page section_page(const records::Records& records, const Comparison& comparison,
                  const Aggregate& all, const TableOptions& options, const Builds& builds) {
  const Section& section = *comparison.section;
  Page page{Heading{2, section.title}};
  const std::string sizes = size_text(section);
  if (!sizes.empty()) page.push_back(Text(sizes));
  if (!section.shared.empty()) {
    page.push_back(
        Text(fmt::format("Shared by these rows: {}.", settings_text(section.shared)))
            .fold(fmt::format("{} settings that these rows share", section.shared.size())));
  }
  append(page, settings_table(section));
  append(page, pooling_note(section));
  const auto level = options.notes.find(section.key);
  if (level != options.notes.end()) page.push_back(Text(level->second));
  append(page, width_note(section));
  append(page, result_table(records, section, all, options, builds));
  append(page, against_baseline(comparison, all.baseline, options.explained, options.digits));
  if (options.at == At::final) append(page, same_rate(records, section, all.baseline));
  if (options.by_image) append(page, image_tables(section, all.baseline));
  append(page, shift_tables(section));
  append(page, probe_table(section, options.digits));
  append(page, slope_table(section, options.metrics));
  if (!all.baseline.empty() && only_row(section, all.baseline) == nullptr) {
    page.push_back(Text(fmt::format("No ratios here: they need exactly one row of the baseline {}.",
                                    all.baseline)));
  }
  for (const std::string& note : data_notes(section)) {
    page.push_back(Text(fmt::format("Note: {}.", note)));
  }
  return page;
}

Page tables(const records::Records& records, const Aggregate& all, const TableOptions& options) {
  const Builds builds = builds_of(records);
  Page page = opening(records, all, builds, options.at, options.selection);
  append(page, rows_hint(all));
  Page claims = claimed(options.answers);
  page.insert(page.begin() + 1, claims.begin(), claims.end());  // below the title
  if (!options.images.empty()) page.insert(page.begin() + 1, Text(options.images));
  const Page warned = warnings(all, options.presence);
  page.insert(page.begin() + 1, warned.begin(), warned.end());
  for (const Comparison& comparison : comparisons(all, options.metrics)) {
    append(page, section_page(records, comparison, all, options, builds));
  }
  if (options.to) append(page, to_target(all, *options.to, options.costs));
  append(page, recovered(records, all, options.ends, options.metrics, options.explained));
  append(page, carried_over(all, options.metrics, options.explained, options.digits));
  if (options.over_problems) append(page, over_problems(all));
  append(page, legend(all, options.at, !options.answers.empty()));
  append(page, left_out(records, all, options.twins));
  return page;
}

}  // namespace gapbench::compare

#include "compare/sections/shifted.h"

#include <fmt/format.h>

#include "compare/rows/shift.h"
#include "compare/sections/cells.h"

namespace gapbench::compare {
namespace {

/// What stands in one line of a table.
struct Line {
  const Row* row;
  std::string kind;
};

/// Kind by kind, so that methods stand below each other; rows without any are left out.
std::vector<Line> lines_of(const Section& section, const Shifts& shifts) {
  std::vector<Line> lines;
  for (const std::string& kind : shifts.kinds) {
    for (const Row& row : section.rows) {
      if (over_seeds(row, under_shift(shift_scores[0], kind, 0))) lines.push_back({&row, kind});
    }
  }
  return lines;
}

Table table_of(const Section& section, const ShiftScore& score, const Shifts& shifts,
               const std::vector<Line>& lines) {
  Table table(fmt::format("{}: {} under shift, mean ± standard deviation over seeds", section.title,
                          score.heading));
  Cells labels, kinds;
  for (const Line& line : lines) {
    labels.emplace_back(line.row->label);
    kinds.emplace_back(line.kind);
  }
  const char* arrow = score.better == Better::none     ? ""
                      : score.better == Better::higher ? " ↑"
                                                       : " ↓";
  table.add(fmt::format("{}{} under shift", score.heading, arrow), std::move(labels));
  table.add("Shift", std::move(kinds));
  for (const std::size_t severity : shifts.severities) {
    Cells cells;
    for (const Line& line : lines) {
      const auto value = over_seeds(*line.row, under_shift(score, line.kind, severity));
      cells.push_back(value ? ordered(to_text(*value, score.style), value->mean) : Cell("–"));
    }
    table.add(severity == 0 ? "none" : std::to_string(severity), std::move(cells));
  }
  return table;
}

}  // namespace

Page shift_tables(const Section& section) {
  const Shifts shifts = shifts_of(section);
  if (shifts.kinds.empty()) return {};
  const std::vector<Line> lines = lines_of(section, shifts);
  if (lines.empty()) return {};
  Page page{Text(
      "Under shift: the test images corrupted by gapbench at severities 1 to 5, the same for every "
      "method and seed; none: as they are. Scores of predictions as above, of draws where there "
      "are some.")};
  for (const ShiftScore& score : shift_scores) {
    page.push_back(table_of(section, score, shifts, lines));
  }
  return page;
}

}  // namespace gapbench::compare

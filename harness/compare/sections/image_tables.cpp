#include "compare/sections/image_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "compare/rows/by_image.h"
#include "compare/sections/cells.h"

namespace gapbench::compare {
namespace {

constexpr std::size_t most_columns = 20;

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Cell percent(std::optional<double> fraction) {
  if (!fraction) return "–";
  return ordered(fmt::format("{:.1f}", 100 * *fraction), fraction);
}

/// Nothing for a class without test images.
std::optional<double> accuracy(const ClassAccuracy& c) {
  if (c.images == 0 || c.by_trial.empty()) return std::nullopt;
  return mean(c.by_trial);
}

Cells names(const std::vector<RowByImage>& rows) {
  Cells cells;
  for (const RowByImage& row : rows) cells.emplace_back(row.row->label);
  return cells;
}

template <class F>
void add(Table& table, const std::string& heading, const std::vector<RowByImage>& rows, F value) {
  Cells cells;
  for (const RowByImage& row : rows) cells.push_back(value(row));
  table.add(heading, std::move(cells));
}

std::vector<double> sorted_accuracies(const RowByImage& row) {
  std::vector<double> all;
  for (const ClassAccuracy& c : row.classes) {
    if (const auto a = accuracy(c)) all.push_back(*a);
  }
  std::ranges::sort(all);
  return all;
}

void add_classes(Table& table, const std::vector<RowByImage>& rows) {
  std::size_t classes = 0;
  for (const RowByImage& row : rows) classes = std::max(classes, row.classes.size());
  if (classes <= most_columns) {
    for (std::size_t c = 0; c < classes; ++c) {
      add(table, fmt::format("{}", c), rows, [c](const RowByImage& row) {
        return c < row.classes.size() ? percent(accuracy(row.classes[c])) : Cell("–");
      });
    }
    return;
  }
  for (const auto& [heading, share] :
       {std::pair{"lowest", 0.0}, std::pair{"lower quartile", 0.25}, std::pair{"median", 0.5},
        std::pair{"upper quartile", 0.75}, std::pair{"highest", 1.0}}) {
    add(table, heading, rows, [share](const RowByImage& row) {
      const std::vector<double> all = sorted_accuracies(row);
      if (all.empty()) return Cell("–");
      const double place = share * static_cast<double>(all.size() - 1);
      return percent(all[static_cast<std::size_t>(place + 0.5)]);
    });
  }
}

Table agreements(const Section& section, const std::vector<RowByImage>& rows,
                 const std::string& baseline) {
  Table table(section.title + ": test image by test image");
  table.add("By test image", names(rows));
  add(table, "Agrees with itself %", rows,
      [](const RowByImage& row) { return percent(row.own_agreement); });
  if (baseline.empty()) return table;
  add(table, fmt::format("with {} %", baseline), rows,
      [](const RowByImage& row) { return percent(row.agreement); });
  add(table, "Δ Test acc %", rows, [](const RowByImage& row) {
    if (!row.sampling) return Cell("–");
    return ordered(number_text(100 * row.sampling->difference), row.sampling->difference);
  });
  add(table, "error of image sampling", rows, [](const RowByImage& row) {
    if (!row.sampling) return Cell("–");
    return ordered(fmt::format("{:.2f}", 100 * row.sampling->error), row.sampling->error);
  });
  add(table, "share it could explain %", rows, [](const RowByImage& row) {
    return percent(row.sampling ? std::optional(row.sampling->share) : std::nullopt);
  });
  return table;
}

}  // namespace

Page image_tables(const Section& section, const std::string& baseline) {
  const std::vector<RowByImage> rows = by_image(section, baseline);
  if (rows.empty()) return {};
  Table classes(section.title + ": test accuracy by class, mean over seeds");
  classes.add("Test acc % of class", names(rows));
  add_classes(classes, rows);
  Page page{classes, agreements(section, rows, baseline)};
  Bullets left_out;
  for (const RowByImage& row : rows) {
    for (const std::string& why : row.left_out) {
      left_out.items.push_back(Text(row.row->label + ", " + why));
    }
  }
  if (!left_out.items.empty()) {
    page.push_back(Text("Not counted by image:"));
    page.push_back(left_out);
  }
  return page;
}

}  // namespace gapbench::compare

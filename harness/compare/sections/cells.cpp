#include "compare/sections/cells.h"

#include <fmt/format.h>

#include <utility>

namespace gapbench::compare {

std::string number_text(double value) { return value == 0 ? "0" : fmt::format("{:+.3g}", value); }

std::string difference_text(const std::optional<Statistic>& value,
                            const std::optional<Interval>& interval) {
  if (!value || value->n == 0) return "–";
  if (!interval) return number_text(value->mean);
  return fmt::format("{} [{}, {}]", number_text(value->mean), number_text(interval->low),
                     number_text(interval->high));
}

Cell p_cell(const std::optional<double>& p) {
  if (!p) return "–";
  return ordered(*p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", *p), p);
}

Cell ordered(std::string text, const std::optional<double>& order) {
  Cell cell(std::move(text));
  cell.order = order;
  return cell;
}

}  // namespace gapbench::compare

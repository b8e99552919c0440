#include "compare/sections/cells.h"

#include <fmt/format.h>

#include <utility>

#include "compare/statistics/uniform.h"

namespace gapbench::compare {

std::string number_text(double value) { return value == 0 ? "0" : fmt::format("{:+.3g}", value); }

std::string difference_text(const std::optional<Statistic>& value,
                            const std::optional<Interval>& interval, std::optional<int> decimals) {
  if (!value || value->n == 0) return "–";
  const auto text = [&](double number) {
    return decimals ? signed_fixed(number, *decimals) : number_text(number);
  };
  if (!interval) return text(value->mean);
  return fmt::format("{} [{}, {}]", text(value->mean), text(interval->low), text(interval->high));
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

#include "compare/statistics/uniform.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gapbench::compare {
namespace {

/// Of numbers that are finite and not 0; nothing where there is none.
struct Sizes {
  std::optional<double> least;
  std::optional<double> most;
  bool whole = true;

  void add(double value) {
    const double size = std::abs(value);
    if (size == 0 || !std::isfinite(size)) return;
    least = std::min(least.value_or(size), size);
    most = std::max(most.value_or(size), size);
    whole = whole && size == std::floor(size);
  }
};

/// Decimals with which `size` shows so many digits, 0 to `most`.
int decimals_for(double size, int digits, int most) {
  const double order = std::floor(std::log10(size));
  return static_cast<int>(std::clamp(digits - 1 - order, 0.0, static_cast<double>(most)));
}

std::string fixed(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.front() == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

bool shows_nothing(double value, int decimals) {
  return value != 0 && fixed(value, decimals).find_first_not_of("-0.") == std::string::npos;
}

}  // namespace

UniformStyle::UniformStyle(std::span<const Statistic> column, Style style) : style_(style) {
  Sizes sizes;
  for (const Statistic& value : column) sizes.add(value.mean);
  if (!sizes.most) return;
  if (style == Style::prefixed) {
    const Prefix prefix = prefix_of(*sizes.most);
    scale_ = prefix.scale;
    prefix_ = prefix.text;
  }
  const bool counts = style == Style::prefixed && scale_ == 1 && sizes.whole;
  decimals_ = counts ? 0 : decimals_for(*sizes.least / scale_, 3, scale_ == 1 ? 2 : 3);
}

std::string UniformStyle::text(const Statistic& value) const {
  const double mean = value.mean / scale_;
  const bool has_own = style_ == Style::two_decimals || style_ == Style::loss;
  if (has_own || !std::isfinite(mean) || shows_nothing(mean, decimals_)) {
    return to_text(value, style_);
  }
  const std::string shown = fixed(mean, decimals_);
  const bool constant = style_ == Style::prefixed && value.deviation == 0;
  if (value.n < 2 || constant) return shown + prefix_;
  return fmt::format("{} ± {}{}", shown, fixed(value.deviation / scale_, decimals_), prefix_);
}

int decimals_of(std::span<const double> differences, std::span<const Interval> intervals) {
  constexpr int most = 6;
  Sizes widths;
  for (const Interval& interval : intervals) widths.add((interval.high - interval.low) / 2);
  if (widths.least) return decimals_for(*widths.least, 2, most);
  Sizes sizes;
  for (const double value : differences) sizes.add(value);
  return sizes.least ? decimals_for(*sizes.least, 3, most) : 0;
}

std::string signed_fixed(double value, int decimals) {
  const std::string text = fixed(value, decimals);
  return value > 0 && !shows_nothing(value, decimals) ? "+" + text : text;
}

}  // namespace gapbench::compare

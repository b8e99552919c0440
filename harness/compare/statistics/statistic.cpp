#include "compare/statistics/statistic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gapbench::compare {
namespace {

/// "-0.00" is a rounding error, not a sign.
std::string fixed(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.front() == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

/// Decimals that show three digits of |value| as rounded: 9.999 is 10.0, not 10.00.
int three_digit_decimals(double value) {
  const double size = std::abs(value);
  if (size < 9.995) return 2;
  return size < 99.95 ? 1 : 0;
}

std::string with_deviation(const Statistic& value, int decimals, double scale) {
  const std::string mean = fixed(value.mean / scale, decimals);
  if (value.n < 2) return mean;
  return fmt::format("{} ± {}", mean, fixed(value.deviation / scale, decimals));
}

std::string loss_text(const Statistic& value) {
  const double size = std::abs(value.mean);
  if (size == 0 || (size >= 1e-3 && size < 1e4)) return with_deviation(value, 4, 1);
  if (value.n < 2) return fmt::format("{:.3e}", value.mean);
  return fmt::format("{:.3e} ± {:.1e}", value.mean, value.deviation);
}

std::string prefixed_text(Statistic value) {
  if (value.deviation == 0) value.n = 1;
  const Prefix prefix = prefix_of(value.mean);
  const double shown = value.mean / prefix.scale;
  const bool whole = prefix.scale == 1 && shown == std::floor(shown);
  return with_deviation(value, whole ? 0 : three_digit_decimals(shown), prefix.scale) + prefix.text;
}

}  // namespace

Prefix prefix_of(double value) {
  constexpr Prefix prefixes[] = {{1e15, " P"}, {1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}};
  for (const Prefix& p : prefixes) {
    if (std::abs(value) >= 0.9995 * p.scale) return p;  // 999,999 is 1.00 M
  }
  return {1, ""};
}

std::optional<Statistic> statistic(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const double x : values) sum += x;
  const double mean = sum / n;
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  const double deviation = values.size() < 2 ? 0 : std::sqrt(squares / (n - 1));
  return Statistic{mean, deviation, values.size()};
}

std::string to_text(const Statistic& value, Style style) {
  switch (style) {
    case Style::two_decimals:
      return with_deviation(value, 2, 1);
    case Style::loss:
      return loss_text(value);
    case Style::three_digits:
      return with_deviation(value, three_digit_decimals(value.mean), 1);
    case Style::prefixed:
      return prefixed_text(value);
  }
  return "";
}

std::string exact(double value) { return fmt::format("{}", value); }

}  // namespace gapbench::compare

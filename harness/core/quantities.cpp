#include "core/quantities.h"

#include <charconv>

namespace gapbench {
namespace {

struct Quantity {
  double number = 0;
  std::string_view unit;
};

std::optional<Quantity> read(std::string_view text) {
  Quantity read;
  const char* end = text.data() + text.size();
  const auto [rest, code] = std::from_chars(text.data(), end, read.number);
  if (code != std::errc()) return std::nullopt;
  read.unit = text.substr(static_cast<std::size_t>(rest - text.data()));
  return read;
}

}  // namespace

std::optional<double> seconds_in(std::string_view text) {
  const auto read_text = read(text);
  if (!read_text) return std::nullopt;
  const auto [number, unit] = *read_text;
  const double scale = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  constexpr double most = 1e10;  // three centuries
  if (scale == 0 || !(number > 0) || number * scale > most) return std::nullopt;
  return number * scale;
}

std::optional<std::uint64_t> bytes_in(std::string_view text) {
  const auto read_text = read(text);
  if (!read_text) return std::nullopt;
  const auto [number, unit] = *read_text;
  constexpr std::string_view units = "KMGT";
  const std::size_t place = unit.size() == 1 ? units.find(unit[0]) : std::string_view::npos;
  if (!unit.empty() && place == std::string_view::npos) return std::nullopt;
  double scale = 1;
  for (std::size_t i = 0; place != std::string_view::npos && i <= place; ++i) scale *= 1024;
  constexpr double most = 1e18;
  if (!(number * scale >= 1) || number * scale > most) return std::nullopt;
  return static_cast<std::uint64_t>(number * scale);
}

}  // namespace gapbench

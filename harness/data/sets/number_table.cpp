#include "data/sets/number_table.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <system_error>

#include "core/file.h"
#include "data/sets/lines.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

std::string where(const std::filesystem::path& path, std::size_t line) {
  return fmt::format("{}:{}", path.string(), line);
}

/// Calls f(field) for the fields of a line: between commas, else between blanks.
template <class F>
void for_each_field(std::string_view line, const F& f) {
  const bool commas = line.find(',') != std::string_view::npos;
  while (!line.empty()) {
    const auto end = commas ? line.find(',') : line.find_first_of(blanks);
    f(trimmed(line.substr(0, end)));
    if (end == std::string_view::npos) return;
    line.remove_prefix(end + 1);
    if (commas && line.empty()) f("");  // "1,2," has an empty third field
    if (!commas) line = trimmed(line);
  }
}

double parse_number(std::string_view field, const std::filesystem::path& path, std::size_t line) {
  if (field.starts_with('+')) field.remove_prefix(1);
  double value = 0;
  const auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (code == std::errc::result_out_of_range) {
    throw Error(where(path, line), in_quotes(field) + " does not fit a double");
  }
  if (code != std::errc() || end != field.data() + field.size()) {
    throw Error(where(path, line), in_quotes(field) + " is not a number");
  }
  if (!std::isfinite(value)) {
    throw Error(where(path, line), in_quotes(field) + " found, a finite number expected");
  }
  return value;
}

}  // namespace

NumberTable read_numbers(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  NumberTable table;
  for_each_line(text, [&](std::string_view line, std::size_t number) {
    const std::size_t before = table.values.size();
    for_each_field(line, [&](std::string_view field) {
      table.values.push_back(parse_number(field, path, number));
    });
    const std::size_t columns = table.values.size() - before;
    if (table.rows == 0) table.columns = columns;
    if (columns != table.columns) {
      throw Error(where(path, number), fmt::format("{} columns, {} expected as in the first row",
                                                   columns, table.columns));
    }
    ++table.rows;
  });
  if (table.rows == 0) throw Error(path.string(), "holds no numbers");
  return table;
}

std::vector<Index> read_indices(const std::filesystem::path& path, std::size_t bound,
                                const char* what) {
  const std::string text = read_file(path);
  std::vector<Index> indices;
  std::vector<bool> seen(bound);
  for_each_line(text, [&](std::string_view line, std::size_t number) {
    for_each_field(line, [&](std::string_view field) {
      std::size_t value = 0;
      const auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), value);
      if (code != std::errc() || end != field.data() + field.size() || value >= bound) {
        throw Error(where(path, number), fmt::format("{} is not a {} index, must be 0 to {}",
                                                     in_quotes(field), what, bound - 1));
      }
      if (seen[value])
        throw Error(where(path, number), fmt::format("{} {} stands twice", what, value));
      seen[value] = true;
      indices.push_back({value, number});
    });
  });
  if (indices.empty()) throw Error(path.string(), fmt::format("holds no {} index", what));
  return indices;
}

}  // namespace gapbench::data

// Text files of numbers, separated by blanks, tabs or one comma.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace gapbench::data {

/// A rectangle of finite numbers, row-major. Blank lines and lines that begin with '#' are skipped.
struct NumberTable {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;
};

/// Throws Error("file:line", ...) for a row with another number of columns, a field that is not a
/// number, nan or infinity; Error("file", ...) for a file without a row.
NumberTable read_numbers(const std::filesystem::path& path);

/// One index and the line (from 1) it stands on.
struct Index {
  std::size_t value;
  std::size_t line;
};

/// Whole numbers in 0 .. bound-1, any number on a line, each at most once. Throws
/// Error("file:line", ...), or Error("file", ...) where there is none.
std::vector<Index> read_indices(const std::filesystem::path& path, std::size_t bound,
                                const char* what);

}  // namespace gapbench::data

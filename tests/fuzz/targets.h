// What is fuzzed: everything that reads what others may have written.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace gapbench::fuzz {

struct Target {
  const char* name;  ///< and its folder in the corpus
  /// Reads the input, and looks at all of it. Throws Error where it refuses it. `scratch`: a folder of its own,
  /// the same every time.
  std::function<void(const std::string& input, const std::filesystem::path& scratch)> read;
  bool has_lines =
      false;  ///< an Error may have several, as that of a suite has one for each mistake
  std::size_t share = 1;  ///< of the executions; a slow one gets 1 in so many
};

std::span<const Target> targets();

}  // namespace gapbench::fuzz

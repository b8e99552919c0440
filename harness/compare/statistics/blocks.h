// Values by seed, some of them missing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gapbench::compare {

/// One value a seed, in the same order of seeds for all rows of a table; nothing where the trial
/// failed or was not run.
using Blocks = std::vector<std::optional<double>>;

/// method - baseline as differences() has it, where both have a value, in order. Throws Error for
/// unequal lengths and for values that are not finite.
std::vector<double> paired_differences(std::span<const std::optional<double>> method,
                                       std::span<const std::optional<double>> baseline);

/// Throws Error for rows of unequal length and values that are not finite.
void require_blocks(const std::string& where, std::size_t length, std::span<const Blocks> rows);

}  // namespace gapbench::compare

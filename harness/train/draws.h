// Which seeds share a draw of the training set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gapbench::train {

/// As suites and records write it: "seed" (each seed its own) for 1, "seed/3" (three seeds in turn a
/// draw) for 3.
std::string draws_text(std::uint64_t seeds_per_draw);

/// The other way round. Nothing for any other text, and for fewer than one seed.
std::optional<std::uint64_t> seeds_per_draw_of(std::string_view text);

/// The seed divided by the seeds a draw, rounded up: 1, 2, 3 are of draw 1 with three of them.
constexpr std::uint64_t draw_of(std::uint64_t seed, std::uint64_t seeds_per_draw) {
  return seed / seeds_per_draw + (seed % seeds_per_draw != 0 ? 1 : 0);
}

}  // namespace gapbench::train

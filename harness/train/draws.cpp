#include "train/draws.h"

#include <fmt/format.h>

#include <charconv>

namespace gapbench::train {
namespace {

constexpr std::string_view each_seed = "seed";

}  // namespace

std::string draws_text(std::uint64_t seeds_per_draw) {
  return seeds_per_draw == 1 ? std::string(each_seed)
                             : fmt::format("{}/{}", each_seed, seeds_per_draw);
}

std::optional<std::uint64_t> seeds_per_draw_of(std::string_view text) {
  if (!text.starts_with(each_seed)) return std::nullopt;
  text.remove_prefix(each_seed.size());
  if (text.empty()) return 1;
  if (text.front() != '/') return std::nullopt;
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count == 0) return std::nullopt;
  return count;
}

}  // namespace gapbench::train

#include "suite/language/looks.h"

#include <fmt/format.h>

#include "suite/language/block.h"

namespace gapbench::suite {
namespace {

constexpr double most_seeds = 10'000;
constexpr std::int64_t fewest_seeds = 3;  // that any claim can be decided by

void read_at(const Node& node, Looks& looks, Mistakes& mistakes) {
  const auto refuse = [&](const Node& where) {
    mistakes.add(where.place, fmt::format("looks must be two or more growing numbers of seeds, {} "
                                          "or more, as in [5, 8, 12, 20], got {}",
                                          fewest_seeds, shown(where)));
  };
  if (!node.is_list() || node.items.size() < 2) return refuse(node);
  for (const Node& item : node.items) {
    const OptionValue value = item.is_scalar() ? value_of(item) : OptionValue{};
    const auto* number = std::get_if<std::int64_t>(&value);
    const bool grows = number != nullptr && *number >= fewest_seeds &&
                       *number <= static_cast<std::int64_t>(most_seeds) &&
                       (looks.at.empty() || static_cast<std::size_t>(*number) > looks.at.back());
    if (!grows) return refuse(item);
    looks.at.push_back(static_cast<std::size_t>(*number));
  }
}

}  // namespace

Looks read_looks(const Node& seeds, Mistakes& mistakes) {
  Looks looks;
  if (!seeds.is_block() || seeds.find("looks") == nullptr) return looks;
  Block block(seeds, "seeds", mistakes);
  looks.first =
      block.whole(option::integer("first", "").at_least(0).by_default(1.0)).value_or(looks.first);
  looks.alpha = block.real(option::real("alpha", "").above(0).at_most(0.5).by_default(0.05))
                    .value_or(looks.alpha);
  const Node* at = block.required("looks", "as in [5, 8, 12, 20]");
  if (at != nullptr) read_at(*at, looks, mistakes);
  block.done();
  if (looks.at.empty()) looks.at = {5, 8};  // a mistake was reported; trials follow from some
  return looks;
}

std::vector<std::uint64_t> seeds_of(const Looks& looks) {
  std::vector<std::uint64_t> seeds;
  for (std::size_t i = 0; i < looks.at.back(); ++i) seeds.push_back(looks.first + i);
  return seeds;
}

}  // namespace gapbench::suite

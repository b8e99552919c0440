// Seeds that are added until claims are decided.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gapbench::suite {

struct Node;
class Mistakes;

/// Seeds until decided: claims are looked at when so many seeds, counted from the first, are there.
struct Looks {
  std::uint64_t first = 1;
  std::vector<std::size_t> at{};  ///< growing, two or more; empty: all seeds are run at once
  double alpha = 0.05;            ///< chance of a wrong word over all looks together

  bool operator==(const Looks&) const = default;
};

/// `seeds: {first: 1, looks: [5, 8, 12, 20], alpha: 0.05}`; no looks where the block has none.
Looks read_looks(const Node& seeds, Mistakes& mistakes);

/// All that the last look takes.
std::vector<std::uint64_t> seeds_of(const Looks& looks);

}  // namespace gapbench::suite

// Sections that belong together: the same network on several data sets.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compare/rows/aggregate.h"

namespace gapbench::compare {

/// Sections linked by comparable(), in the order of the page.
struct Family {
  std::vector<std::size_t> sections{};  ///< places in Aggregate::sections
  std::vector<std::string> names{};     ///< of each: what tells it from the others, as "cifar10"
  std::string shared{};                 ///< the rest of their titles, as "cnn3, network.norm=batch"
};

/// Every section is in one; one that is comparable to none is alone.
std::vector<Family> families_of(const Aggregate& all);

/// Families with equal names together, in the order of their first.
std::vector<std::vector<Family>> families_by_names(const std::vector<Family>& families);

}  // namespace gapbench::compare

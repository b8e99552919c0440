#include "compare/rows/looks.h"

#include <algorithm>

#include "compare/statistics/looks.h"

namespace gapbench::compare {
namespace {

using Trials = std::vector<const records::Record*>;

void keep(Trials& trials, std::uint64_t first, std::size_t count) {
  std::erase_if(trials, [&](const records::Record* record) {
    return record->seed < first || record->seed - first >= count;
  });
}

}  // namespace

Section with_seeds(const Section& section, std::uint64_t first, std::size_t count) {
  Section part = section;
  for (Row& row : part.rows) {
    keep(row.ok, first, count);
    keep(row.failed, first, count);
    if (row.not_fitted) row.not_fitted = count_not_fitted(row);
  }
  return part;
}

bool has_seeds(const Section& section, std::uint64_t first, std::size_t count) {
  return std::ranges::all_of(section.rows, [&](const Row& row) {
    std::vector<bool> found(count, false);
    for (const Trials* trials : {&row.ok, &row.failed}) {
      for (const records::Record* record : *trials) {
        if (record->seed >= first && record->seed - first < count) {
          found[record->seed - first] = true;
        }
      }
    }
    return std::ranges::find(found, false) == found.end();
  });
}

double confidence_of(const suite::Looks& looks) {
  constexpr double usual = 0.95;
  return looks.at.empty() ? usual : 1 - nominal_level(looks.at, looks.alpha);
}

}  // namespace gapbench::compare

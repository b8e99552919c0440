#include "compare/sections/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace gapbench::compare {
namespace {

/// The first few, and how many more.
std::string some(const std::vector<std::string>& names) {
  constexpr std::size_t few = 5;
  const std::size_t shown = std::min(few, names.size());
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(shown));
  const std::string more =
      names.size() > shown ? fmt::format(" and {} more", names.size() - shown) : "";
  return fmt::format("{}{}", fmt::join(first, ", "), more);
}

std::string trials(std::size_t count) {
  return count == 1 ? "1 trial" : fmt::format("{} trials", count);
}

}  // namespace

Page warnings(const Aggregate& all, const std::vector<Presence>& presence) {
  Page page;
  for (const Duplicate& d : all.duplicates) {
    if (d.same_result()) continue;
    page.push_back(Text()
                       .strong("Copies that differ")
                       .add(fmt::format(": one trial lies here twice and its {}. The first of them "
                                        "that is ok counts, which is {}.",
                                        d.difference, d.kept->folder.generic_string())));
  }
  for (const Presence& p : presence) {
    if (!p.missing.empty()) {
      page.push_back(Text()
                         .strong("Not all there")
                         .add(fmt::format(": {} of {} of {} have no record: {}.", p.missing.size(),
                                          trials(p.listed), p.suite, some(p.missing))));
    }
    if (!p.stale.empty()) {
      page.push_back(Text()
                         .strong("Not of the suite as it was last run")
                         .add(fmt::format(": {} that suite.json of {} does not list, and that the "
                                          "tables hold all the same: {}.",
                                          trials(p.stale.size()), p.suite, some(p.stale))));
    }
  }
  return page;
}

}  // namespace gapbench::compare

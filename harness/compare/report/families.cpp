#include "compare/report/families.h"

#include <fmt/format.h>

#include <algorithm>

#include "compare/findings/findings.h"

namespace gapbench::compare {
namespace {

using Words = std::vector<std::string>;

/// "cifar10, cnn3 [network.norm=batch]" as its three parts.
Words words_of(std::string title) {
  const std::size_t bracket = title.rfind(" [");
  if (bracket != std::string::npos && title.ends_with(']')) {
    title = title.substr(0, bracket) + ", " + title.substr(bracket + 2, title.size() - bracket - 3);
  }
  Words words;
  for (std::size_t at = 0; at <= title.size();) {
    const std::size_t end = std::min(title.find(", ", at), title.size());
    words.push_back(title.substr(at, end - at));
    at = end + 2;
  }
  return words;
}

bool has(const Words& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

Family named(std::vector<std::size_t> places, const Aggregate& all) {
  std::vector<Words> titles;
  for (const std::size_t s : places) titles.push_back(words_of(all.sections[s].title));
  const bool alone = places.size() == 1;
  const auto in_all = [&](const std::string& word) {
    if (alone) return word != titles.front().front();  // the data set is its name
    return std::ranges::all_of(titles, [&](const Words& words) { return has(words, word); });
  };
  Family family{std::move(places)};
  Words shared;
  for (const std::string& word : titles.front()) {
    if (in_all(word)) shared.push_back(word);
  }
  family.shared = fmt::format("{}", fmt::join(shared, ", "));
  for (Words& words : titles) {
    std::erase_if(words, [&](const std::string& word) { return has(shared, word); });
    family.names.push_back(fmt::format("{}", fmt::join(words, ", ")));
  }
  return family;
}

}  // namespace

std::vector<Family> families_of(const Aggregate& all) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t s = 0; s < all.sections.size(); ++s) {
    const auto found = std::ranges::find_if(groups, [&](const auto& group) {
      return std::ranges::any_of(group, [&](std::size_t other) {
        return comparable(all.sections[other], all.sections[s]);
      });
    });
    if (found == groups.end()) {
      groups.push_back({s});
    } else {
      found->push_back(s);
    }
  }
  std::vector<Family> families;
  for (auto& group : groups) families.push_back(named(std::move(group), all));
  return families;
}

std::vector<std::vector<Family>> families_by_names(const std::vector<Family>& families) {
  std::vector<std::vector<Family>> together;
  for (const Family& family : families) {
    const auto found = std::ranges::find_if(
        together, [&](const auto& others) { return others.front().names == family.names; });
    if (found == together.end()) {
      together.push_back({family});
    } else {
      found->push_back(family);
    }
  }
  return together;
}

}  // namespace gapbench::compare

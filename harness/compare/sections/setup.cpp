#include "compare/sections/setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

namespace gapbench::compare {
namespace {

using records::Record;

std::string plural(std::size_t count, const std::string& word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

/// "letter after z" never comes up in practice; then numbers follow.
std::string letter(std::size_t index) {
  return index < 26 ? std::string(1, static_cast<char>('a' + index)) : std::to_string(index);
}

Page builds_note(const records::Records& records, const Builds& builds) {
  if (builds.size() == 1) return {Text(fmt::format("Build: {}.", builds.begin()->first))};
  if (builds.empty()) return {};
  Bullets list;
  for (const auto& [build, name] : builds) {
    const auto trials = std::count_if(records.good.begin(), records.good.end(),
                                      [&b = build](const Record& r) { return r.build == b; });
    list.items.push_back(
        fmt::format("{}: {} ({})", name, build, plural(static_cast<std::size_t>(trials), "trial")));
  }
  return {
      Text()
          .strong("Mixed builds")
          .add(": these trials were not made by one program; differences between rows of different "
               "builds may be the program's."),
      list};
}

/// Plugins are built apart from the program: one name may stand for several libraries.
Page plugins_note(const records::Records& records) {
  std::map<std::string, std::map<std::string, std::size_t>> libraries;
  for (const Record& record : records.good) {
    for (const auto& [plugin, hash] : record.plugins) ++libraries[plugin][hash];
  }
  Page page;
  for (const auto& [plugin, hashes] : libraries) {
    if (hashes.size() < 2) continue;
    std::vector<std::string> parts;
    for (const auto& [hash, count] : hashes) {
      parts.push_back(fmt::format("{:.12} in {}", hash, plural(count, "trial")));
    }
    page.push_back(Text()
                       .strong("Mixed plugin")
                       .add(fmt::format(": {} comes from different libraries: {}.", plugin,
                                        fmt::join(parts, ", "))));
  }
  return page;
}

/// What changes times but no other number.
Page machine_note(const records::Records& records) {
  std::map<std::string, std::size_t> setups;
  for (const Record& r : records.good) {
    ++setups[fmt::format("{}{}{}, {}", r.cpu, r.cpu.empty() ? "" : ", ",
                         plural(r.threads, "thread"),
                         r.shared_machine ? "beside other trials" : "alone on the machine")];
  }
  if (setups.size() < 2) return {};
  std::vector<std::string> parts;
  for (const auto& [setup, count] : setups) {
    parts.push_back(fmt::format("{} with {}", plural(count, "trial"), setup));
  }
  return {
      Text()
          .strong("Mixed timing")
          .add(fmt::format(": seconds are not comparable between {}.", fmt::join(parts, " and ")))};
}

}  // namespace

Builds builds_of(const records::Records& records) {
  Builds builds;
  for (const Record& record : records.good) {
    if (!record.build.empty()) builds.emplace(record.build, "");
  }
  std::size_t index = 0;
  for (auto& [build, name] : builds) name = letter(index++);
  return builds;
}

std::string build_letters(const Row& row, const Builds& builds) {
  std::set<std::string> letters;
  for (const auto* list : {&row.ok, &row.failed}) {
    for (const Record* record : *list) {
      const auto found = builds.find(record->build);
      if (found != builds.end()) letters.insert(found->second);
    }
  }
  return letters.empty() ? "–" : fmt::format("{}", fmt::join(letters, " "));
}

Page setup_notes(const records::Records& records, const Builds& builds) {
  Page page = builds_note(records, builds);
  append(page, plugins_note(records));
  append(page, machine_note(records));
  return page;
}

}  // namespace gapbench::compare

#include "plugin/example.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "core/nearest.h"
#include "gapbench/error.h"

namespace gapbench::plugin {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  std::vector<std::string_view> words;
  for (auto begin = text.find_first_not_of(blanks); begin != text.npos;
       begin = text.find_first_not_of(blanks)) {
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(blanks), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

template <class T>
std::optional<OptionValue> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return OptionValue(value);
}

std::optional<OptionValue> value_of(const OptionSpec& spec, std::string_view text) {
  switch (spec.kind) {
    case OptionKind::real:
      return number<double>(text);
    case OptionKind::integer:
      return number<std::int64_t>(text);
    case OptionKind::flag:
      if (text == "true") return OptionValue(true);
      if (text == "false") return OptionValue(false);
      return std::nullopt;
    case OptionKind::choice:
    case OptionKind::text:
    case OptionKind::optimizer:
    case OptionKind::trajectory:
    case OptionKind::parameters:
      return OptionValue(std::string(text));
  }
  return std::nullopt;
}

// Adds one word to the map, or says why it cannot.
std::optional<std::string> add(std::string_view word, std::span<const OptionSpec> specs,
                               OptionMap& map) {
  const auto equals = word.find('=');
  if (equals == word.npos) return fmt::format("\"{}\" is not of the form name=value", word);
  const std::string name(word.substr(0, equals));
  const auto spec =
      std::find_if(specs.begin(), specs.end(), [&](const OptionSpec& s) { return name == s.name; });
  if (spec == specs.end()) {
    std::vector<std::string> names;
    for (const OptionSpec& s : specs) names.emplace_back(s.name);
    return fmt::format("{}: unknown option{}", name, did_you_mean(name, names));
  }
  auto value = value_of(*spec, word.substr(equals + 1));
  if (!value) {
    return fmt::format("{}: must be {}, got \"{}\"", name, describe(*spec),
                       word.substr(equals + 1));
  }
  if (!map.emplace(name, *std::move(value)).second) return name + ": given twice";
  return std::nullopt;
}

}  // namespace

OptionMap parse_example(const std::string& owner, std::span<const OptionSpec> specs,
                        std::string_view text) {
  OptionMap map;
  std::vector<std::string> mistakes;
  for (const std::string_view word : words_of(text)) {
    if (auto mistake = add(word, specs, map)) mistakes.push_back(*std::move(mistake));
  }
  if (!mistakes.empty()) throw Error(owner, fmt::format("{}", fmt::join(mistakes, "; ")));
  return map;
}

}  // namespace gapbench::plugin

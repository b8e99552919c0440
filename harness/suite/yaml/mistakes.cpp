#include "suite/yaml/mistakes.h"

#include <fmt/format.h>

#include <algorithm>

namespace gapbench::suite {
namespace {

constexpr std::size_t longest_message = 600;

/// One line that a terminal can show, whatever the file held.
std::string printable(std::string text) {
  if (text.size() > longest_message) text = text.substr(0, longest_message) + "...";
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  return text;
}

}  // namespace

std::string Source::text(Place place) const {
  if (place.override_number > 0) return "--set " + overrides.at(place.override_number - 1);
  return fmt::format("{}:{}", file, place.line);
}

void Mistakes::add(Place place, const std::string& message) {
  if (!seen_.emplace(place.override_number, place.line, message).second) return;
  mistakes_.push_back({place, printable(message)});
}

void Mistakes::note(Place place, const std::string& message) {
  const std::string line = source_.text(place) + ": " + message;
  if (std::ranges::find(notes_, line) == notes_.end()) notes_.push_back(line);
}

void Mistakes::raise() const {
  if (!none()) throw error();
}

void Mistakes::refuse(Place place, const std::string& message) {
  add(place, message);
  throw error();
}

Error Mistakes::error() const {
  if (count() == 1) {
    return {printable(source_.text(mistakes_[0].place)), mistakes_[0].message};
  }
  std::vector<Mistake> sorted = mistakes_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Mistake& a, const Mistake& b) {
    return std::tuple(a.place.override_number, a.place.line) <
           std::tuple(b.place.override_number, b.place.line);
  });
  std::string text = fmt::format("{} mistakes", count());
  for (std::size_t i = 0; i < std::min(count(), shown_mistakes); ++i) {
    text += fmt::format("\n{}: {}", printable(source_.text(sorted[i].place)), sorted[i].message);
  }
  if (count() > shown_mistakes) text += fmt::format("\nand {} more", count() - shown_mistakes);
  return {source_.file, text};
}

}  // namespace gapbench::suite

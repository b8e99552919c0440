#include "records/outcomes.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "gapbench/error.h"
#include "records/kept.h"

namespace gapbench::records {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view mark = "gapbench-outcomes 1 ";
constexpr std::int32_t largest_byte = 255;
constexpr std::size_t longest_head = 64;

template <class T>
void put(T value, std::string& bytes) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <class T>
T take(const std::string& bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

template <class Class>
void put_classes(std::span<const train::ExampleOutcome> outcomes, std::string& bytes) {
  for (const auto& o : outcomes) put(static_cast<Class>(o.label), bytes);
  for (const auto& o : outcomes) put(static_cast<Class>(o.predicted), bytes);
}

template <class Class>
void take_classes(const std::string& bytes, std::size_t at, Outcomes& outcomes) {
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    outcomes[i].label = take<Class>(bytes, at + i * sizeof(Class));
    outcomes[i].predicted = take<Class>(bytes, at + (outcomes.size() + i) * sizeof(Class));
  }
}

struct Head {
  std::size_t examples = 0;
  std::size_t class_bytes = 0;
  std::size_t length = 0;  ///< its line feed included
};

/// "gapbench-outcomes 1 10000 1\n"
Head read_head(const std::string& bytes) {
  const std::size_t end = bytes.substr(0, longest_head).find('\n');
  const Error foreign("outcomes", "does not begin with \"gapbench-outcomes 1 N B\"");
  if (end == std::string::npos || !bytes.starts_with(mark)) throw foreign;
  Head head;
  head.length = end + 1;
  const char* last = bytes.data() + end;
  const auto [middle, first_code] =
      std::from_chars(bytes.data() + mark.size(), last, head.examples);
  if (first_code != std::errc() || middle == last || *middle != ' ') throw foreign;
  const auto [rest, second_code] = std::from_chars(middle + 1, last, head.class_bytes);
  if (second_code != std::errc() || rest != last) throw foreign;
  if (head.class_bytes != 1 && head.class_bytes != 2) throw foreign;
  return head;
}

}  // namespace

std::string outcomes_bytes(std::span<const train::ExampleOutcome> outcomes) {
  const bool wide = std::ranges::any_of(
      outcomes, [](const auto& o) { return std::max(o.label, o.predicted) > largest_byte; });
  std::string bytes = fmt::format("{}{} {}\n", mark, outcomes.size(), wide ? 2 : 1);
  wide ? put_classes<std::uint16_t>(outcomes, bytes) : put_classes<std::uint8_t>(outcomes, bytes);
  for (const auto& o : outcomes) put(o.probability, bytes);
  return bytes;
}

Outcomes parse_outcomes(const std::string& bytes) {
  const Head head = read_head(bytes);
  const std::size_t each = 2 * head.class_bytes + sizeof(float);
  const std::size_t there = bytes.size() - head.length;
  if (there % each != 0 || there / each != head.examples) {
    throw Error("outcomes", fmt::format("holds {} bytes after its head, {} examples of {} bytes "
                                        "were announced",
                                        there, head.examples, each));
  }
  Outcomes outcomes(head.examples);
  head.class_bytes == 1 ? take_classes<std::uint8_t>(bytes, head.length, outcomes)
                        : take_classes<std::uint16_t>(bytes, head.length, outcomes);
  const std::size_t first = head.length + 2 * head.class_bytes * head.examples;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const auto p = take<float>(bytes, first + i * sizeof(float));
    if (!(p >= 0 && p <= 1)) {
      throw Error("outcomes", fmt::format("example {} has the probability {}", i, p));
    }
    outcomes[i].probability = p;
  }
  return outcomes;
}

Outcomes read_outcomes(const Record& record) {
  const std::filesystem::path file = record.folder / outcomes_file;
  const std::string bytes = read_kept_file(record, outcomes_file);
  try {
    return parse_outcomes(bytes);
  } catch (const Error& e) {
    throw Error(file.string(), e.what());
  }
}

}  // namespace gapbench::records

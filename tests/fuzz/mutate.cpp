#include "fuzz/mutate.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <set>

namespace gapbench::fuzz {
namespace {

constexpr std::size_t longest = std::size_t{1} << 16;

bool is_part_of_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
}

struct Range {
  std::size_t begin = 0;
  std::size_t size = 0;
};

Range some_range(const std::string& text, Random& random) {
  constexpr std::size_t most = 64;
  if (text.empty()) return {};
  const std::size_t begin = random.below(text.size());
  return {begin, 1 + random.below(std::min(most, text.size() - begin))};
}

/// A word that lies there, or nothing.
Range some_word(const std::string& text, Random& random) {
  if (text.empty()) return {};
  std::size_t begin = random.below(text.size());
  while (begin > 0 && is_part_of_word(text[begin - 1])) --begin;
  std::size_t end = begin;
  while (end < text.size() && is_part_of_word(text[end])) ++end;
  return {begin, end - begin};
}

const std::string& one_of(std::span<const std::string> all, Random& random) {
  return all[random.below(all.size())];
}

void change(std::string& text, std::span<const std::string> corpus,
            std::span<const std::string> words, Random& random) {
  const auto byte = [&random] { return static_cast<char>(random.below(256)); };
  const std::size_t at = text.empty() ? 0 : random.below(text.size());
  switch (random.below(10)) {
    case 0:
      if (!text.empty()) text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
      break;
    case 1:
      if (!text.empty()) text[at] = byte();
      break;
    case 2:
      text.insert(at, 1, byte());
      break;
    case 3: {
      const Range r = some_range(text, random);
      text.erase(r.begin, r.size);
      break;
    }
    case 4: {
      const Range r = some_range(text, random);
      text.insert(at, text.substr(r.begin, r.size));
      break;
    }
    case 5: {
      const std::string& other = one_of(corpus, random);
      const Range r = some_range(other, random);
      text.insert(at, other.substr(r.begin, r.size));
      break;
    }
    case 6:
      text.resize(at);
      break;
    case 7: {
      const std::string& other = one_of(corpus, random);
      if (!other.empty()) text = text.substr(0, at) + other.substr(random.below(other.size()));
      break;
    }
    case 8: {
      const Range r = some_word(text, random);
      text.replace(r.begin, r.size, one_of(words, random));
      break;
    }
    default:
      text.insert(at, one_of(words, random));
  }
  if (text.size() > longest) text.resize(longest);
}

}  // namespace

std::vector<std::string> words_of(std::span<const std::string> corpus) {
  std::set<std::string> words{"0",
                              "-1",
                              "1e400",
                              "-1e-400",
                              "nan",
                              "NaN",
                              "inf",
                              "null",
                              "true",
                              "18446744073709551615",
                              "18446744073709551616",
                              "9223372036854775808",
                              "4294967296",
                              "2147483648",
                              "-2147483649",
                              "0x10",
                              "1e5",
                              "\"",
                              "\\",
                              "{",
                              "}",
                              "[",
                              "]",
                              "{}",
                              "[]",
                              ":",
                              ",",
                              "&a",
                              "*a",
                              "!!str",
                              "<<",
                              "|",
                              "---",
                              "\n",
                              " ",
                              "\t",
                              "../",
                              "/",
                              "%s%n",
                              "\xff\xfe",
                              "\xe2\x82",
                              "\xed\xa0\x80",
                              std::string(1, '\0'),
                              std::string(4, '\xff'),
                              std::string(300, 'a'),
                              std::string(100, '[')};
  for (const std::string& text : corpus) {
    for (std::size_t begin = 0; begin < text.size();) {
      std::size_t end = begin;
      while (end < text.size() && is_part_of_word(text[end])) ++end;
      if (end > begin && end - begin < 64) words.insert(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return {words.begin(), words.end()};
}

std::string mutated(std::span<const std::string> corpus, std::span<const std::string> words,
                    Random& random) {
  std::string text = one_of(corpus, random);
  const int changes =
      1 + std::countr_zero(random.bits() | 128);  // mostly few: what is near reads far
  for (int k = 0; k < changes; ++k) change(text, corpus, words, random);
  return text;
}

}  // namespace gapbench::fuzz

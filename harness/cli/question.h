// What `compare` and `report` can be asked, in the same words.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "compare/compare.h"

namespace gapbench::cli {

struct Question {
  std::vector<std::string> results;
  compare::CompareOptions options;
  std::string to;
  compare::At cost = compare::At::equal_samples;
  std::vector<std::string> listed;      ///< files of --subset
  std::vector<std::string> not_listed;  ///< files of --without-subset
  compare::At at = compare::At::final;
  compare::At equal = compare::At::final;

  /// The folders, and which rows, metrics, test images and point of each trial. `this` must live as
  /// long as the command.
  void add_to(CLI::App& command);
  /// Reads the lists of images. Throws Error.
  compare::CompareOptions answered() const;
};

/// An option that takes one of a few words.
template <class T>
CLI::Option* add_word(CLI::App& command, const char* name, T& target,
                      const std::vector<std::pair<std::string, T>>& words, const char* text) {
  std::vector<std::string> names;
  for (const auto& [word, value] : words) names.push_back(word);
  const auto choose = [&target, words](const std::string& given) {
    for (const auto& [word, value] : words) {
      if (word == given) target = value;
    }
  };
  return command.add_option_function<std::string>(name, choose, text)
      ->check(CLI::IsMember(names))
      ->option_text(fmt::format("{}", fmt::join(names, "|")));
}

}  // namespace gapbench::cli

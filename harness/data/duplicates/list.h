// The list of near duplicates as a file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/duplicates/duplicates.h"

namespace gapbench::data::duplicates {

/// What a list was made of.
struct Subject {
  std::string set;                  ///< "cifar10"
  OptionMap options;                ///< the set's own
  std::string checksum;             ///< of its contents
  std::size_t train = 0, test = 0;  ///< images
  double threshold = 0;
};

struct List {
  Subject subject;
  std::vector<Duplicate> duplicates;
};

/// Reads the set (of a request only name, options and root count) and searches it. Throws Error for
/// a set without images, and all that reading it and `find` throw.
List make_list(const Request& request, const Search& search);

/// CSV: lines that begin with '#' say what it is, then a heading, then a line a test image, whose
/// index is the first field; docs/data.md.
std::string to_text(const List& list);

/// Throws Error unless a list can be put there: the folder is missing or read-only, or the file is
/// there and no such list. To be asked before the search.
void require_place(const std::filesystem::path& file);

}  // namespace gapbench::data::duplicates

// Test numbers on some of the test images.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "records/record.h"

namespace gapbench::compare {

/// Test images by their official number, counted from 0.
struct Subset {
  std::filesystem::path file;
  std::string set;                  ///< the data set they are of; empty: any
  std::vector<std::size_t> images;  ///< ascending, each once
  std::string checksum{};           ///< of its contents, where the list says it
};

/// A CSV whose first column is the number of a test image. Empty lines, lines that begin with '#'
/// and one line of headings are skipped; "# set: NAME" says of which set the images are, "# checksum:
/// SHA-256" of which contents. What
/// `gapbench data duplicates` writes is of this form. Throws Error("file:line", ...) for a number
/// that is none or stands twice, and Error("file", ...) where there is none or it cannot be read.
Subset read_subset(const std::filesystem::path& file);

enum class Side { listed, not_listed };

/// Which images count: those of `subsets`, or all others. One list a data set, or one for any.
struct SubsetChoice {
  std::vector<Subset> subsets;
  Side side = Side::listed;
};

struct OnSubset {
  records::Records records;
  std::vector<std::string> rows;             ///< row_settings()
  std::map<std::string, std::string> notes;  ///< problem_key to "... on 9672 of 10000 test images"
};

/// The records with test accuracy and loss of `final` over these images alone; train numbers and
/// costs stay. The loss is the mean of -log p where that, over all images, is the recorded test
/// loss (to 1e-4 of it), and NaN else. A finished trial is moved to `broken`, with the reason, where
/// it kept no outcomes, they are damaged or not those of its accuracy, its data are not those that the
/// list was made of, or none of its test images is left. Failed trials stay. Reads one more file a trial. Throws Error where no finished trial is
/// left, and for two lists of one set.
OnSubset on_subset(records::Records records, const SubsetChoice& choice,
                   const std::vector<std::string>& asked_rows = {});

/// For the head of a page: which test images count, and for what.
std::string describe(const SubsetChoice& choice);

}  // namespace gapbench::compare

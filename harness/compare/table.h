// Tables: what `gapbench compare` makes of records.
#pragma once

#include <string>
#include <vector>

#include "run/record.h"

namespace gapbench::compare {

enum class Format { markdown, csv };

struct CompareOptions {
  std::string baseline;  ///< a method's name; empty: the one of the suite, else none
  Format format = Format::markdown;
};

/// Per data set and network, one row a method: train and test accuracy and loss, error gap and loss
/// gap as mean ± std (n=…), gradient samples, FLOPs, train seconds, peak memory, × baseline;
/// failures in the cell ("1/5 diverged"). CSV: tidy, one line a trial, full precision, units in the
/// names.
std::string compare(const run::Records& records, const CompareOptions& options);

}  // namespace gapbench::compare

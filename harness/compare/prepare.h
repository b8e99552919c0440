// From records and what is asked of them to what tables and report show.
#pragma once

#include <optional>

#include "compare/compare.h"
#include "compare/rows/aggregate.h"
#include "compare/rows/point.h"
#include "compare/sections/tables.h"

namespace gapbench::compare {

/// Rows, answers and brackets point into the records beside them (and into those given, which must
/// live as long): moving is allowed, copying is not.
struct Prepared {
  std::optional<OnSubset> subset{};
  std::optional<records::Records> referred{};  ///< with nearness to a reference
  records::Records records;
  Brackets brackets{};
  Aggregate all;
  TableOptions table{};

  Prepared() = default;
  Prepared(Prepared&&) = default;
  Prepared& operator=(Prepared&&) = default;
};

/// `single`: of trials that are one training, only one (folded()). Throws Error as compare() does.
Prepared prepare(const records::Records& given, const CompareOptions& options, bool single);

}  // namespace gapbench::compare

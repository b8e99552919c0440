#include "compare/table.h"

#include "compare/aggregate.h"
#include "compare/csv.h"
#include "compare/markdown.h"

namespace gapbench::compare {

std::string compare(const run::Records& records, const CompareOptions& options) {
  const Aggregate all = aggregate(records, options.baseline);
  return options.format == Format::csv ? csv(records, all) : markdown(records, all);
}

}  // namespace gapbench::compare

#include "compare/table.h"

#include "compare/aggregate.h"
#include "compare/csv.h"
#include "compare/markdown.h"

namespace gapbench::compare {

std::string compare(const run::Records& records, const CompareOptions& options) {
  const Aggregate all = aggregate(records, options.baseline);
  if (options.format == Format::csv) return csv(records, all);
  return markdown(records, all, options.explain);
}

}  // namespace gapbench::compare

#include "compare/table.h"

#include "compare/aggregate.h"
#include "compare/csv.h"
#include "compare/markdown.h"
#include "compare/recoveries.h"

namespace gapbench::compare {

std::string compare(const run::Records& records, const CompareOptions& options) {
  const Aggregate all = aggregate(records, options.baseline);
  if (options.format == Format::csv) return csv(records, all);
  const RecoveryEnds ends{options.large_batch, options.small_batch};
  require_ends(all, ends);
  return markdown(records, all, options.explain, ends);
}

}  // namespace gapbench::compare

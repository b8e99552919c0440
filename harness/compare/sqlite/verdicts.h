// What the records say, as tables of the export.
#pragma once

#include "compare/sqlite/database.h"
#include "records/record.h"

namespace gapbench::compare {

/// Fills the tables `claims` (what became of what the suites declared, claims.h) and `verdicts` (every
/// method and metric from data set to data set, findings.h), over all records at their final
/// parameters. `units`: the table of units.
void add_verdicts(Database& database, Insert& units, const records::Records& records);

}  // namespace gapbench::compare

// Tables of the export: their columns, with units.
#pragma once

#include <span>
#include <string>

#include "compare/sqlite/database.h"

namespace gapbench::compare {

struct Field {
  std::string name;
  const char* type;
  const char* unit;
};

/// Creates the table. The database must outlive the result.
Insert make_table(Database& database, const char* name, std::span<const Field> fields);

/// A row of the table of units for each column that has one.
void add_units(const char* table, std::span<const Field> fields, Insert& units);

}  // namespace gapbench::compare

#include "compare/sqlite/table.h"

#include <fmt/format.h>

namespace gapbench::compare {

Insert make_table(Database& database, const char* name, std::span<const Field> fields) {
  std::string columns;
  for (const Field& f : fields) {
    columns += fmt::format("{}{} {}", columns.empty() ? "" : ", ", f.name, f.type);
  }
  database.run(fmt::format("CREATE TABLE {} ({})", name, columns));
  return Insert(database, name, fields.size());
}

void add_units(const char* table, std::span<const Field> fields, Insert& units) {
  for (const Field& f : fields) {
    if (*f.unit != '\0') units.row({table, f.name, f.unit});
  }
}

}  // namespace gapbench::compare

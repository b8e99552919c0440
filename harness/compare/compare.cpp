#include "compare/compare.h"

#include <cassert>
#include <nlohmann/json.hpp>

#include "compare/by_image_json.h"
#include "compare/csv.h"
#include "compare/json.h"
#include "compare/pages/page.h"
#include "compare/prepare.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

records::Json whole_json(const records::Records& records, const Aggregate& all,
                         const TableOptions& table, bool with_images) {
  records::Json json = to_json(records, all, table);
  if (with_images) json["by_image"] = by_image_json(all);
  return json;
}

}  // namespace

std::string compare(const records::Records& given, const CompareOptions& options) {
  const bool is_csv = options.format == Format::csv;  // a line a trial
  if (is_csv && options.by_image) throw Error("by-image", "is not for --format csv");
  const Prepared prepared = prepare(given, options, !is_csv);
  const records::Records& records = prepared.records;
  const Aggregate& all = prepared.all;
  const TableOptions& table = prepared.table;
  switch (options.format) {
    case Format::markdown:
      return to_markdown(tables(records, all, table));
    case Format::terminal:
      return to_terminal(tables(records, all, table), options.style);
    case Format::latex:
      return to_latex(tables(records, all, table));
    case Format::csv:
      return csv(records, all, table.to, table.costs);
    case Format::json:
      return whole_json(records, all, table, options.by_image)
                 .dump(1, ' ', false, records::Json::error_handler_t::replace) +
             "\n";
  }
  assert(false);
  return "";
}

}  // namespace gapbench::compare

#include "compare/sqlite/verdicts.h"

#include <fmt/format.h>

#include <cmath>

#include "compare/findings/claims.h"
#include "compare/findings/findings.h"
#include "compare/rows/twins.h"
#include "compare/sqlite/table.h"

namespace gapbench::compare {
namespace {

using SqlRow = std::vector<SqlValue>;

const Field claim_fields[] = {
    {"suite", "TEXT", ""},
    {"claim", "TEXT", "as in the suite file"},
    {"on_sections", "TEXT", ""},
    {"declared", "INTEGER", "1: before the first test evaluation"},
    {"evaluated_before", "INTEGER", "trials"},
    {"became", "TEXT", ""},
    {"value", "REAL", "carried share, recovery, or the metric's"},
    {"low", "REAL", "as value"},
    {"high", "REAL", "as value"},
    {"decided_by", "TEXT", ""},
    {"given", "TEXT", ""},
    {"why", "TEXT", ""},
};

const Field verdict_fields[] = {
    {"method", "TEXT", ""},
    {"baseline", "TEXT", ""},
    {"metric", "TEXT", ""},
    {"unit", "TEXT", ""},
    {"from_section", "TEXT", ""},
    {"to_section", "TEXT", ""},
    {"from_seeds", "INTEGER", "seeds"},
    {"from_failed", "INTEGER", "seeds"},
    {"from_difference", "REAL", "see unit"},
    {"from_low", "REAL", "see unit"},
    {"from_high", "REAL", "see unit"},
    {"to_seeds", "INTEGER", "seeds"},
    {"to_failed", "INTEGER", "seeds"},
    {"to_difference", "REAL", "see unit"},
    {"to_low", "REAL", "see unit"},
    {"to_high", "REAL", "see unit"},
    {"declared_share", "REAL", "share"},
    {"share", "REAL", "share"},
    {"share_low", "REAL", "share"},
    {"share_high", "REAL", "share"},
    {"lost_low", "REAL", "see unit"},
    {"lost_high", "REAL", "see unit"},
    {"verdict", "TEXT", ""},
    {"why", "TEXT", ""},
};

void add(const std::optional<Interval>& interval, SqlRow& row) {
  const bool known = interval && std::isfinite(interval->low) && std::isfinite(interval->high);
  row.push_back(known ? SqlValue(interval->low) : SqlValue());
  row.push_back(known ? SqlValue(interval->high) : SqlValue());
}

void add(const Effect& effect, SqlRow& row) {
  row.emplace_back(std::uint64_t{effect.differences.n});
  row.emplace_back(std::uint64_t{effect.failed});
  row.push_back(effect.differences.n > 0 ? SqlValue(effect.differences.mean) : SqlValue());
  add(effect.spread ? effect.interval : std::nullopt, row);
}

SqlRow claim_row(const Answer& a) {
  SqlRow row{a.suite->name,   suite::to_text(a.declared->claim),           a.where,
             a.is_declared(), std::uint64_t{a.declared->evaluated_before}, a.word,
             a.value};
  add(a.interval, row);
  row.emplace_back(a.numbers);
  row.emplace_back(fmt::format("{}", fmt::join(a.given, "; ")));
  row.emplace_back(a.why);
  return row;
}

SqlRow verdict_row(const Carried& c, const std::string& baseline) {
  SqlRow row{c.method, baseline, c.metric.name, c.metric.unit, c.from->title, c.to->title};
  add(c.transfer.a, row);
  add(c.transfer.b, row);
  row.emplace_back(c.transfer.options.share);
  row.emplace_back(c.transfer.share.value);
  add(c.transfer.share.interval, row);
  add(c.transfer.share.lost, row);
  row.emplace_back(c.transfer.word());
  row.emplace_back(explain(c.transfer, c.from->title, c.to->title));
  return row;
}

}  // namespace

void add_verdicts(Database& database, Insert& units, const records::Records& records) {
  Insert claims = make_table(database, "claims", claim_fields);
  Insert verdicts = make_table(database, "verdicts", verdict_fields);
  add_units("claims", claim_fields, units);
  add_units("verdicts", verdict_fields, units);
  const Folded once = folded(records);
  const Aggregate all = aggregate(once.records, "");
  for (const Answer& answer : answers(records, all)) claims.row(claim_row(answer));
  for (const Carried& c : carried(all)) verdicts.row(verdict_row(c, all.baseline));
}

}  // namespace gapbench::compare

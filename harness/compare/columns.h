// The columns of the result table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/aggregate.h"

namespace gapbench::compare {

enum class Better { none, higher, lower };

struct Column {
  std::string heading;
  Measure measure;
  Style style;
  Better better = Better::none;
  bool marked = false;  ///< the best entries are set in bold
  bool timed = false;   ///< marked where trials ran side by side
};

/// Those a section has numbers for: no accuracy for regression, no test for a problem without one.
std::vector<Column> columns_of(const Section& section);

/// What the probes measured at the end of training; empty where there were none.
std::vector<Column> probe_columns_of(const Section& section);

/// "probe.metric", with the unit in brackets where there is one.
std::string probe_name(const train::ProbeValue& value);

/// The value of that name among the final evaluation's.
std::optional<double> probe_value(const run::Record& record, const std::string& name);

/// The text of each row's entry; "–" where it has none.
std::vector<std::string> entries(const Section& section, const Column& column);

/// "× FLOPs" and "× train s" of each row: its mean over the baseline's; "–" where either is
/// missing. Nothing where the section has not exactly one row of the baseline.
std::optional<std::vector<std::string>> ratios(const Section& section, const std::string& baseline,
                                               const Measure& measure);

std::optional<double> train_flops(const run::Record& record);
std::optional<double> train_seconds(const run::Record& record);

}  // namespace gapbench::compare

// The columns of the result table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"

namespace gapbench::compare {

enum class Better { none, higher, lower };

struct Column {
  std::string name;     ///< "test_accuracy": for --metric, JSON and charts; never changes
  std::string heading;  ///< "Test acc %"
  std::string unit;     ///< "%", "points", "the loss's" (cross-entropy: nats), "samples", "s", ...
  Measure measure;
  Style style;
  Better better = Better::none;
  bool marked = false;         ///< the best entries are set in bold
  bool timed = false;          ///< marked where trials ran side by side
  bool is_cost = false;        ///< what it took, as opposed to what came out
  bool is_gap = false;         ///< train against test: small, too, where training has not gone far
  bool is_predictive = false;  ///< of the predictions, averaged over draws where there are some
};

/// Every column there is but probes, in the order of the table.
std::vector<Column> all_columns();

/// Of an evaluation on the way, for learning curves; nothing for costs and other names.
std::optional<double> metric_of(const train::Evaluation& evaluation, const std::string& name);

/// Those a section has numbers for: no accuracy for regression, no test for a problem without one.
/// Where `metrics` names some, of the others only train accuracy and the costs are kept; a name
/// "probe.<probe>.<metric>" adds that probe.
std::vector<Column> columns_of(const Section& section,
                               const std::vector<std::string>& metrics = {});

/// Throws Error for a name that is no column and no probe of any section.
void require_metrics(const Aggregate& all, const std::vector<std::string>& metrics);

/// " (not fitted)" or " (1/5 not fitted)", to stand behind a number; empty where all have.
std::string fitting_note(const Row& row);

/// What the probes measured at the end of training; empty where there were none.
std::vector<Column> probe_columns_of(const Section& section);

/// "probe.metric", with the unit in brackets where there is one.
std::string probe_name(const train::ProbeValue& value);

/// The value of that name among the final evaluation's.
std::optional<double> probe_value(const records::Record& record, const std::string& name);

/// Each row's label, the first column of every table of a section.
Cells labels(const Section& section);

/// Whether the numbers of a column have their own digits each, or the same decimals.
enum class Digits { own, uniform };

/// Each row's entry; "–" where it has none. Train accuracies say "not fitted".
Cells entries(const Section& section, const Column& column, Digits digits = Digits::own);

/// May be the best of a column: not by a gap that is small for want of fitting.
bool competes(const Row& row, const Column& column);

/// Which rows have the best entry of a marked column, and which are tied with it by seed (ties.h).
std::vector<bool> best_rows(const Section& section, const Column& column);

/// "× FLOPs" and "× train s" of each row: its mean over the baseline's; "–" where either is
/// missing, and where `timed` and the seconds of the two cannot be compared (timing.h). Nothing where
/// the section has not exactly one row of the baseline.
std::optional<Cells> ratios(const Section& section, const std::string& baseline,
                            const Measure& measure, bool timed = false);

std::optional<double> train_flops(const records::Record& record);
std::optional<double> train_seconds(const records::Record& record);

}  // namespace gapbench::compare

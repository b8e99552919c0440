#include "compare/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gapbench::compare {
namespace {

using run::Record;
using train::Evaluation;

template <class OfFinal>
Measure of_final(OfFinal of) {
  return [of](const Record& record) -> std::optional<double> {
    if (!record.outcome.final) return std::nullopt;
    return of(*record.outcome.final);
  };
}

std::optional<double> times_100(std::optional<double> fraction) {
  return fraction ? std::optional(100 * *fraction) : std::nullopt;
}

std::optional<double> test_loss(const Evaluation& e) {
  return e.test ? std::optional(e.test->loss) : std::nullopt;
}

std::optional<double> test_accuracy(const Evaluation& e) {
  return e.test ? times_100(e.test->accuracy) : std::nullopt;
}

std::vector<Column> all_columns() {
  const auto quality = [](const char* heading, auto of, Style style, Better better, bool marked) {
    return Column{heading, of_final(of), style, better, marked, false};
  };
  const auto cost = [](const char* heading, auto of, Style style, bool timed) {
    const auto measure = [of](const Record& r) { return std::optional<double>(of(r)); };
    return Column{heading, measure, style, Better::lower, false, timed};
  };
  const auto train_accuracy = [](const Evaluation& e) { return times_100(e.train.accuracy); };
  const auto train_loss = [](const Evaluation& e) { return std::optional(e.train.loss); };
  const auto gap_points = [](const Evaluation& e) { return times_100(error_gap(e)); };
  const auto samples = [](const Record& r) { return r.outcome.cost.gradient_samples(); };
  const auto memory = [](const Record& r) {
    return static_cast<double>(r.outcome.cost.peak_memory_bytes) / (1024.0 * 1024.0);
  };
  return {quality("Train acc %", train_accuracy, Style::two_decimals, Better::higher, false),
          quality("Test acc %", test_accuracy, Style::two_decimals, Better::higher, true),
          quality("Train loss", train_loss, Style::loss, Better::lower, false),
          quality("Test loss", test_loss, Style::loss, Better::lower, true),
          quality("Error gap (points)", gap_points, Style::two_decimals, Better::lower, true),
          quality("Loss gap", loss_gap, Style::loss, Better::lower, true),
          cost("Gradient samples", samples, Style::prefixed, false),
          cost("FLOPs", train_flops, Style::prefixed, false),
          cost("Train s", train_seconds, Style::three_digits, true),
          cost("Peak MiB", memory, Style::three_digits, false)};
}

bool is_shared(const Row& row) {
  return std::any_of(row.ok.begin(), row.ok.end(),
                     [](const Record* r) { return r->shared_machine; });
}

/// A row whose mean stands for some of its seeds only is no candidate for the best.
std::vector<bool> marks(const Section& section, const Column& column) {
  std::vector<std::optional<Statistic>> candidates;
  for (const Row& row : section.rows) {
    candidates.push_back(row.failed.empty() ? over_seeds(row, column.measure) : std::nullopt);
  }
  return mark_best(candidates, column.better == Better::higher);
}

}  // namespace

std::optional<double> train_flops(const Record& record) {
  return record.outcome.cost.train_passes.flops;
}

std::optional<double> train_seconds(const Record& record) {
  return record.outcome.cost.train.wall_seconds;
}

std::vector<Column> columns_of(const Section& section) {
  std::vector<Column> columns = all_columns();
  std::erase_if(columns, [&](const Column& column) {
    return std::none_of(section.rows.begin(), section.rows.end(), [&](const Row& row) {
      return over_seeds(row, column.measure).has_value();
    });
  });
  return columns;
}

std::string probe_name(const train::ProbeValue& value) {
  const std::string unit = value.unit.empty() ? "" : fmt::format(" [{}]", value.unit);
  return fmt::format("{}.{}{}", value.probe, value.metric, unit);
}

std::optional<double> probe_value(const Record& record, const std::string& name) {
  if (!record.outcome.final) return std::nullopt;
  for (const auto& value : record.outcome.final->probes) {
    if (probe_name(value) == name) return value.value;
  }
  return std::nullopt;
}

std::vector<Column> probe_columns_of(const Section& section) {
  std::set<std::string> names;
  for (const Row& row : section.rows) {
    for (const Record* record : row.ok) {
      for (const auto& value : record->outcome.final->probes) names.insert(probe_name(value));
    }
  }
  std::vector<Column> columns;
  for (const std::string& name : names) {
    const auto measure = [name](const Record& r) { return probe_value(r, name); };
    columns.push_back({name, measure, Style::loss});
  }
  return columns;
}

std::vector<std::string> entries(const Section& section, const Column& column) {
  const std::vector<bool> best =
      column.marked ? marks(section, column) : std::vector<bool>(section.rows.size(), false);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < section.rows.size(); ++i) {
    const Row& row = section.rows[i];
    const auto value = over_seeds(row, column.measure);
    std::string text = value ? to_text(*value, column.style) : "–";
    if (value && column.timed && is_shared(row)) text += " †";
    texts.push_back(best[i] ? fmt::format("**{}**", text) : text);
  }
  return texts;
}

std::optional<std::vector<std::string>> ratios(const Section& section, const std::string& baseline,
                                               const Measure& measure) {
  const auto is_baseline = [&](const Row& row) { return row.method == baseline; };
  const auto& rows = section.rows;
  if (std::count_if(rows.begin(), rows.end(), is_baseline) != 1) return std::nullopt;
  const auto unit = over_seeds(*std::find_if(rows.begin(), rows.end(), is_baseline), measure);
  std::vector<std::string> texts;
  for (const Row& row : rows) {
    const auto value = over_seeds(row, measure);
    const bool known = value && unit && unit->mean > 0;
    texts.push_back(known ? fmt::format("{:.2f}", value->mean / unit->mean) : "–");
  }
  return texts;
}

}  // namespace gapbench::compare

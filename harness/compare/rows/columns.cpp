#include "compare/rows/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numbers>
#include <utility>

#include "compare/rows/by_seed.h"
#include "compare/rows/drawn.h"
#include "compare/rows/timing.h"
#include "compare/statistics/ties.h"
#include "compare/statistics/uniform.h"
#include "core/natural.h"
#include "core/nearest.h"
#include "gapbench/error.h"
#include "train/traces.h"

namespace gapbench::compare {
namespace {

using records::Record;
using train::Evaluation;

template <class OfFinal>
Measure of_final(OfFinal of) {
  return [of](const Record& record) -> std::optional<double> {
    if (!record.outcome.final) return std::nullopt;
    return of(*record.outcome.final);
  };
}

constexpr const char* loss_unit = "the loss's";  // cross-entropy: nats

std::optional<double> times_100(std::optional<double> fraction) {
  return fraction ? std::optional(100 * *fraction) : std::nullopt;
}

std::optional<double> test_loss(const Evaluation& e) {
  return e.test ? std::optional(e.test->loss) : std::nullopt;
}

std::optional<double> test_accuracy(const Evaluation& e) {
  return e.test ? times_100(e.test->accuracy) : std::nullopt;
}

std::optional<double> draws(const Evaluation& e) {
  if (!e.predictive || !e.predictive->posterior) return std::nullopt;
  return static_cast<double>(e.predictive->posterior->draws);
}

std::optional<double> mixing(const Evaluation& e, const std::string& metric) {
  if (!e.predictive || !e.predictive->posterior) return std::nullopt;
  for (const train::ProbeValue& value : e.predictive->posterior->values) {
    if (value.probe == train::mixing_name && value.metric == metric) return value.value;
  }
  return std::nullopt;
}

/// The description length of the parameters.
std::optional<double> kl_bits(const Evaluation& e) {
  if (!e.predictive || !e.predictive->posterior) return std::nullopt;
  const train::PosteriorNumbers& posterior = *e.predictive->posterior;
  if (!posterior.kl_nats) return std::nullopt;
  return (*posterior.kl_nats + posterior.choice_nats.value_or(0)) / std::numbers::ln2;
}

std::optional<double> bits_per_parameter(const Record& record) {
  if (!record.outcome.final || record.outcome.dimension == 0) return std::nullopt;
  const auto bits = kl_bits(*record.outcome.final);
  if (!bits) return std::nullopt;
  return *bits / static_cast<double>(record.outcome.dimension);
}

std::optional<double> log_evidence(const Evaluation& e) {
  if (!e.predictive || !e.predictive->posterior) return std::nullopt;
  return e.predictive->posterior->log_evidence_nats;
}

/// The evidence lower bound -N E[loss] - KL, where the loss is a negative log likelihood; the mean over
/// the training examples that were scored stands for that over all N.
std::optional<double> elbo(const Record& record) {
  if (!record.outcome.final || !record.outcome.final->predictive) return std::nullopt;
  const train::Predictive& predictive = *record.outcome.final->predictive;
  if (!predictive.train || !predictive.posterior) return std::nullopt;
  const auto loss = predictive.train->gibbs_loss;
  const auto kl = predictive.posterior->kl_nats;
  const bool is_likelihood =
      predictive.train->gibbs_error || record.settings.contains("data.deviation");
  if (!loss || !kl || !is_likelihood) return std::nullopt;
  const double choice = predictive.posterior->choice_nats.value_or(0);
  return -static_cast<double>(record.outcome.training_examples) * *loss - *kl - choice;
}

template <std::optional<double> train::PartPrediction::*score, int factor = 1>
std::optional<double> test_prediction(const Evaluation& e) {
  if (!e.predictive || !e.predictive->test) return std::nullopt;
  const std::optional<double> value = (*e.predictive->test).*score;
  return value ? std::optional(factor * *value) : std::nullopt;
}

/// Of the classes that were kept out.
std::optional<double> unseen_entropy(const Evaluation& e) {
  if (!e.predictive || !e.predictive->unseen) return std::nullopt;
  return e.predictive->unseen->entropy;
}

using OfEvaluation = std::optional<double> (*)(const Evaluation&);

struct Quality {
  const char* name;
  const char* heading;
  const char* unit;
  OfEvaluation of;
  Style style;
  Better better;
  bool marked;
  bool is_gap = false;
  bool is_predictive = false;
};

constexpr Quality qualities[] = {
    {"train_accuracy", "Train acc %", "%",
     [](const Evaluation& e) { return times_100(e.train.accuracy); }, Style::two_decimals,
     Better::higher, false},
    {"test_accuracy", "Test acc %", "%", test_accuracy, Style::two_decimals, Better::higher, true},
    {"train_loss", "Train loss", loss_unit,
     [](const Evaluation& e) { return std::optional(e.train.loss); }, Style::loss, Better::lower,
     false},
    {"test_loss", "Test loss", loss_unit, test_loss, Style::loss, Better::lower, true},
    {"averaged_accuracy", "Averaged test acc %", "%",
     test_prediction<&train::PartPrediction::accuracy, 100>, Style::two_decimals, Better::higher,
     true, false, true},
    {"test_nll", "Test NLL", "nats", test_prediction<&train::PartPrediction::nll>, Style::loss,
     Better::lower, true, false, true},
    {"rmse", "Test RMSE", "the targets'", test_prediction<&train::PartPrediction::rmse>,
     Style::loss, Better::lower, true, false, true},
    {"ece", "ECE %", "%", test_prediction<&train::PartPrediction::ece, 100>, Style::two_decimals,
     Better::lower, true, false, true},
    {"brier", "Brier", "", test_prediction<&train::PartPrediction::brier>, Style::loss,
     Better::lower, true, false, true},
    {"entropy", "Entropy", "nats", test_prediction<&train::PartPrediction::entropy>, Style::loss,
     Better::none, false, false, true},
    {"unseen_entropy", "Entropy, unseen", "nats", unseen_entropy, Style::loss, Better::none, false,
     false, true},
    {"gibbs_loss", "Gibbs loss", loss_unit, test_prediction<&train::PartPrediction::gibbs_loss>,
     Style::loss, Better::none, false, false, true},
    {"draws", "Draws", "", draws, Style::prefixed, Better::none, false},
    {"error_gap", "Error gap (points)", "percentage points",
     [](const Evaluation& e) { return times_100(error_gap(e)); }, Style::two_decimals,
     Better::lower, true, true},
    {"loss_gap", "Loss gap", loss_unit, loss_gap, Style::loss, Better::lower, true, true},
    {"ess_min", "Least ESS", "draws", [](const Evaluation& e) { return mixing(e, "ess_min"); },
     Style::three_digits, Better::higher, false},
    {"r_hat", "R-hat", "", [](const Evaluation& e) { return mixing(e, "r_hat_max"); },
     Style::two_decimals, Better::lower, false},
    {"kl_bits", "KL bits", "bits", kl_bits, Style::prefixed, Better::none, false},
    {"log_evidence", "Log evidence", "nats", log_evidence, Style::two_decimals, Better::higher,
     false},
};

/// Of points alone they would say once more what stands beside them.
bool is_of_draws_alone(const std::string& name) {
  return name == "averaged_accuracy" || name == "gibbs_loss";
}

/// Of one training set alone: beside rows of another it says nothing.
bool is_asked_for(const std::string& name) { return name == "log_evidence" || name == "elbo"; }

std::vector<Column> costs() {
  const auto cost = [](const char* name, const char* heading, const char* unit, auto of,
                       Style style, bool timed) {
    const auto measure = [of](const Record& r) { return std::optional<double>(of(r)); };
    return Column{name, heading, unit, measure, style, Better::lower, false, timed, true};
  };
  const auto samples = [](const Record& r) { return r.outcome.cost.gradient_samples(); };
  const auto memory = [](const Record& r) {
    return static_cast<double>(r.outcome.cost.peak_memory_bytes) / (1024.0 * 1024.0);
  };
  return {cost("gradient_samples", "Gradient samples", "examples", samples, Style::prefixed, false),
          cost("flops", "FLOPs", "operations", train_flops, Style::prefixed, false),
          cost("train_seconds", "Train s", "s", train_seconds, Style::three_digits, true),
          cost("peak_memory", "Peak MiB", "MiB", memory, Style::three_digits, false)};
}

/// " †", " (2/5 under load)", both.
std::string timing_note(const Row& row) {
  const bool shared =
      std::any_of(row.ok.begin(), row.ok.end(), [](const Record* r) { return r->shared_machine; });
  const std::size_t loaded = under_load(row);
  return fmt::format("{}{}", shared ? " †" : "",
                     loaded > 0 ? fmt::format(" ({}/{} under load)", loaded, row.ok.size()) : "");
}

/// Two decimals; two digits of what these would round away.
std::string ratio_text(double ratio) {
  constexpr double least = 0.1;
  return ratio > 0 && ratio < least ? fmt::format("{:.2g}", ratio) : fmt::format("{:.2f}", ratio);
}

bool has_numbers(const Section& section, const Column& column) {
  return std::any_of(section.rows.begin(), section.rows.end(),
                     [&](const Row& row) { return over_seeds(row, column.measure).has_value(); });
}

bool predicts_by_draws(const Row& row) {
  return std::any_of(row.ok.begin(), row.ok.end(), [](const Record* r) {
    return r->outcome.final && draws(*r->outcome.final).has_value();
  });
}

bool is_named(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<double> train_flops(const Record& record) {
  return record.outcome.cost.train_passes.flops;
}

std::optional<double> train_seconds(const Record& record) {
  return record.outcome.cost.train.wall_seconds;
}

std::vector<Column> all_columns() {
  std::vector<Column> columns;
  for (const Quality& q : qualities) {
    columns.push_back({q.name, q.heading, q.unit, of_final(q.of), q.style, q.better, q.marked,
                       false, false, q.is_gap, q.is_predictive});
  }
  columns.push_back({"bits_per_parameter", "Bits a parameter", "bits", bits_per_parameter,
                     Style::two_decimals, Better::none});
  columns.push_back({"elbo", "ELBO", "nats", elbo, Style::two_decimals, Better::higher});
  for (Column& column : costs()) columns.push_back(std::move(column));
  return columns;
}

std::optional<double> metric_of(const Evaluation& evaluation, const std::string& name) {
  for (const Quality& q : qualities) {
    if (name == q.name) return q.of(evaluation);
  }
  return std::nullopt;
}

std::vector<Column> columns_of(const Section& section, const std::vector<std::string>& metrics) {
  std::vector<Column> columns = all_columns();
  const bool averages = std::any_of(section.rows.begin(), section.rows.end(), predicts_by_draws);
  std::erase_if(columns, [&](const Column& column) {
    const bool repeats = !averages && is_of_draws_alone(column.name);
    const bool usual = metrics.empty() && !repeats && !is_asked_for(column.name);
    const bool kept = usual || column.is_cost || column.name == "train_accuracy" ||
                      is_named(metrics, column.name);
    return !kept || !has_numbers(section, column);
  });
  const auto first_cost = std::find_if(columns.begin(), columns.end(),
                                       [](const Column& column) { return column.is_cost; });
  std::vector<Column> probes = probe_columns_of(section);
  std::erase_if(probes, [&](const Column& column) { return !is_named(metrics, column.name); });
  columns.insert(first_cost, probes.begin(), probes.end());
  return columns;
}

void require_metrics(const Aggregate& all, const std::vector<std::string>& metrics) {
  std::vector<std::string> valid;
  for (const Column& column : all_columns()) valid.push_back(column.name);
  for (const Section& section : all.sections) {
    for (const Column& probe : probe_columns_of(section)) valid.push_back(probe.name);
  }
  for (const std::string& name : metrics) {
    if (is_named(valid, name)) continue;
    throw Error("metric", fmt::format("no metric \"{}\"{}", name, did_you_mean(name, valid)));
  }
}

std::string fitting_note(const Row& row) {
  const std::size_t count = row.not_fitted.value_or(0);
  if (count == 0) return "";
  if (count == row.ok.size()) return " (not fitted)";
  return fmt::format(" ({}/{} not fitted)", count, row.ok.size());
}

bool competes(const Row& row, const Column& column) {
  return !column.is_gap || row.not_fitted.value_or(0) == 0;
}

std::vector<bool> best_rows(const Section& section, const Column& column) {
  if (!column.marked) return std::vector<bool>(section.rows.size(), false);
  std::vector<BySeed> candidates;
  for (const Row& row : section.rows) {
    // A row whose mean stands for some of its seeds only is no candidate for the best.
    const bool counts = row.failed.empty() && competes(row, column);
    BySeed& values = candidates.emplace_back();
    if (counts) values = by_seed(row, column.measure);
    // What the seed decides nothing of has no spread to judge by.
    if (row.seeds_agree && !values.empty()) values.erase(std::next(values.begin()), values.end());
  }
  const auto each = section.rows.empty() ? 0 : section.rows.front().seeds_per_draw;
  return tied_with_best(blocks(candidates, each), column.better == Better::higher);
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
  std::map<std::string, const train::ProbeValue*, NaturalLess> found;
  for (const Row& row : section.rows) {
    for (const Record* record : row.ok) {
      for (const auto& value : record->outcome.final->probes) {
        if (!is_drawn(value)) found.emplace(probe_name(value), &value);
      }
    }
  }
  std::vector<Column> columns;
  for (const auto& [heading, value] : found) {
    const auto measure = [shown = heading](const Record& r) { return probe_value(r, shown); };
    columns.push_back({fmt::format("probe.{}.{}", value->probe, value->metric), heading,
                       value->unit, measure, Style::loss});
  }
  return columns;
}

Cells labels(const Section& section) {
  Cells cells;
  for (const Row& row : section.rows) cells.push_back(row.label);
  return cells;
}

Cells entries(const Section& section, const Column& column, Digits digits) {
  std::vector<Statistic> values;
  for (const Row& row : section.rows) {
    if (const auto value = over_seeds(row, column.measure)) values.push_back(*value);
  }
  const UniformStyle uniform(values, column.style);
  const auto text = [&](const Statistic& value) {
    return digits == Digits::uniform ? uniform.text(value) : to_text(value, column.style);
  };
  // Where some rows predict by draws, those that predict by their point say so.
  const bool names_points =
      column.is_predictive &&
      std::any_of(section.rows.begin(), section.rows.end(), predicts_by_draws);
  const std::vector<bool> best = best_rows(section, column);
  Cells cells;
  for (std::size_t i = 0; i < section.rows.size(); ++i) {
    const Row& row = section.rows[i];
    const auto value = over_seeds(row, column.measure);
    Cell& cell = cells.emplace_back(value ? text(*value) : "–");
    if (!value) continue;
    cell.order = value->mean;
    cell.best = best[i];
    if (value->n < row.ok.size() && !row.seeds_agree)
      cell.text += fmt::format(" (n = {})", value->n);
    if (column.timed) cell.text += timing_note(row);
    if (names_points && !predicts_by_draws(row)) cell.text += " (point)";
    if (column.name == "train_accuracy") cell.text += fitting_note(row);
  }
  return cells;
}

std::optional<Cells> ratios(const Section& section, const std::string& baseline,
                            const Measure& measure, bool timed) {
  const Row* base = only_row(section, baseline);
  if (base == nullptr) return std::nullopt;
  const auto unit = over_seeds(*base, measure);
  Cells cells;
  for (const Row& row : section.rows) {
    const auto value = over_seeds(row, measure);
    const bool known = value && unit && unit->mean > 0;
    Cell& cell = cells.emplace_back("–");
    if (!known || (timed && !why_not_timed({&row, base}).empty())) continue;
    cell.order = value->mean / unit->mean;
    cell.text = ratio_text(*cell.order);
  }
  return cells;
}

}  // namespace gapbench::compare

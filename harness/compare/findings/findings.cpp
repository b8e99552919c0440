#include "compare/findings/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "compare/rows/timing.h"
#include "compare/statistics/many_to_one.h"
#include "compare/statistics/paired_t.h"
#include "compare/statistics/sample.h"
#include "compare/statistics/signed_rank.h"
#include "compare/statistics/superiority.h"

namespace gapbench::compare {
namespace {

using records::Record;

bool same_sign(double x, double y) { return (x > 0) == (y > 0); }

/// What is known only between two evaluations is no surer than the worst of their ends.
void widen(const Row& row, const Row& baseline, const Measure& measure, double confidence,
           Finding& f) {
  for (const Ends& end : bracket_ends) {
    const auto differences = paired_differences(row, baseline, measure, end.method, end.baseline);
    const double mean = summary(differences).mean;
    f.interval = hull(*f.interval, has_spread(differences) ? *t_interval(differences, confidence)
                                                           : Interval{mean, mean});
    const bool agrees = same_sign(mean, f.statistic->mean);
    const double p = has_spread(differences) ? paired_t_test(differences)->p : 0;
    f.p = agrees ? std::max(*f.p, p) : 1;
    if (f.wilcoxon_p) {
      f.wilcoxon_p = agrees ? std::max(*f.wilcoxon_p, signed_rank_test(differences)->p) : 1;
    }
  }
}

/// Seconds that are no measure of one row against the other.
bool column_is_void(const Column& metric, std::initializer_list<const Row*> rows) {
  return metric.timed && !why_not_timed(rows).empty();
}

Finding finding(const Row& row, const Row& baseline, const Column& metric, double confidence) {
  Finding result;
  result.failed = failed_seeds({&row, &baseline});
  if (column_is_void(metric, {&row, &baseline})) return result;
  result.differences = paired_differences(row, baseline, metric.measure);
  if (result.differences.empty()) return result;
  const auto draws = differences_by_draw(row, baseline, metric.measure);
  if (!draws.empty()) result.draws = over_draws(draws, confidence);
  result.statistic = summary(result.differences);
  result.superiority = superiority(result.differences);
  if (!has_spread(result.differences)) return result;
  result.interval = t_interval(result.differences, confidence);
  result.p = paired_t_test(result.differences)->p;
  if (least_signed_rank_p(result.differences.size()) < 1 - confidence) {
    result.wilcoxon_p = signed_rank_test(result.differences)->p;
  }
  if (!row.brackets.empty()) widen(row, baseline, metric.measure, confidence, result);
  return result;
}

/// Why the row is no part of a comparison that takes all errors for alike.
std::string why_outside(const Row& row, const Row& baseline, const Finding& f) {
  if (!baseline.failed.empty()) return "the baseline has failed trials";
  if (!row.failed.empty()) return "failed trials";
  if (baseline.not_fitted.value_or(0) == 0 && row.not_fitted.value_or(0) > 0) return "not fitted";
  return f.differences.size() < 2 ? "fewer than two seeds in common" : "";
}

ManyToOne among(const std::vector<const Row*>& rows, const Row& baseline, const Measure& measure,
                const Ends& end, double confidence, Dunnett& dunnett) {
  std::vector<BySeed> values{by_seed(baseline, measure, end.baseline)};
  for (const Row* row : rows) values.push_back(by_seed(*row, measure, end.method));
  const std::vector<Blocks> all = blocks(values, baseline.seeds_per_draw);
  return many_to_one(all.front(), std::span(all).subspan(1), confidence, dunnett);
}

/// A row whose error cannot be told at one of the ends has no place in the comparison.
void widen(const std::optional<AgainstBaseline>& end, std::optional<Finding::Among>& f,
           double difference) {
  if (!f) return;
  if (!end) return f.reset();
  f->interval = hull(f->interval, end->interval);
  f->p = same_sign(end->difference, difference) ? std::max(f->p, end->p) : 1;
}

void compare_all(const Row& baseline, const Measure& measure, std::vector<Finding>& found,
                 Comparison& result, Dunnett& dunnett) {
  const auto& table = result.section->rows;
  std::vector<const Row*> rows;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (&table[i] == &baseline) continue;
    result.outside[i] = why_outside(table[i], baseline, found[i]);
    if (!result.outside[i].empty()) continue;
    rows.push_back(&table[i]);
    places.push_back(i);
  }
  const double confidence = result.section->confidence;
  const ManyToOne point =
      among(rows, baseline, measure, {End::point, End::point}, confidence, dunnett);
  result.methods = point.methods;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const auto& row = point.rows[k];
    if (row) found[places[k]].among = {row->interval, row->p};
    if (!row) result.outside[places[k]] = "all differences are equal";
  }
  if (!baseline.brackets.empty()) {
    for (const Ends& end : bracket_ends) {
      const ManyToOne there = among(rows, baseline, measure, end, confidence, dunnett);
      for (std::size_t k = 0; k < rows.size(); ++k) {
        Finding& f = found[places[k]];
        widen(there.rows[k], f.among, f.statistic->mean);
      }
    }
  }
  for (std::size_t k = 0; k < point.spread.size(); ++k) {
    if (!point.spread[k] || !(*point.spread[k] > ManyToOne::uneven)) continue;
    const Row& row = k == 0 ? baseline : *rows[k - 1];
    result.uneven.push_back(fmt::format("{} {:.1f} times", row.label, *point.spread[k]));
  }
}

OptionMap network_options(const Section& section) {
  OptionMap options = section.problem;
  std::erase_if(options,
                [](const auto& setting) { return !setting.first.starts_with("network."); });
  return options;
}

/// The metrics of the first that the second has, too.
std::vector<Column> metrics_of_both(const Section& a, const Section& b,
                                    const std::vector<std::string>& names) {
  std::vector<Column> metrics = metrics_of(a, names);
  const std::vector<Column> others = metrics_of(b, names);
  std::erase_if(metrics, [&](const Column& metric) {
    return std::none_of(others.begin(), others.end(),
                        [&](const Column& c) { return c.name == metric.name; });
  });
  return metrics;
}

void carry(const Section& a, const Section& b, const std::string& baseline,
           const std::vector<std::string>& names, std::vector<Carried>& out) {
  const Row* base_a = only_row(a, baseline);
  const Row* base_b = only_row(b, baseline);
  if (base_a == nullptr || base_b == nullptr || !comparable(a, b)) return;
  const std::vector<Column> metrics = metrics_of_both(a, b, names);
  const CarriedShareOptions options{std::max(a.confidence, b.confidence)};
  for (const Row& row : a.rows) {
    if (row.method == baseline || only_row(a, row.method) == nullptr) continue;
    const Row* other = only_row(b, row.method);
    if (other == nullptr) continue;
    for (const Column& metric : metrics) {
      if (column_is_void(metric, {&row, base_a, other, base_b})) continue;
      out.push_back({row.method, metric, &a, &b,
                     transfer_between(row, *base_a, *other, *base_b, metric.measure, options)});
    }
  }
}

}  // namespace

bool Finding::beyond_doubt() const {
  return among && !among->interval.covers(0) && interval && !interval->covers(0);
}

std::vector<Column> metrics_of(const Section& section, const std::vector<std::string>& names) {
  std::vector<Column> columns = columns_of(section, names);
  if (!names.empty()) {
    std::erase_if(columns, [&](const Column& column) {
      return std::find(names.begin(), names.end(), column.name) == names.end();
    });
    return columns;
  }
  std::vector<Column> metrics;
  const auto first_of = [&](std::initializer_list<std::string> wanted) {
    for (const std::string& name : wanted) {
      const auto is_it = [&](const Column& c) { return c.name == name; };
      const auto found = std::find_if(columns.begin(), columns.end(), is_it);
      if (found == columns.end()) continue;
      if (std::none_of(metrics.begin(), metrics.end(), is_it)) metrics.push_back(*found);
      return;
    }
  };
  first_of({section.metric, "test_loss", "train_loss"});
  first_of({"test_accuracy", "test_loss"});
  first_of({"error_gap"});
  first_of({"loss_gap"});
  for (const char* of_predictions : {"test_nll", "ece", "rmse"}) first_of({of_predictions});
  return metrics;
}

Comparison compare_rows(const Section& section, const std::string& baseline,
                        const std::vector<Column>& metrics, Dunnett& dunnett) {
  const Row* base = only_row(section, baseline);
  Comparison result;
  result.section = &section;
  result.metrics = metrics;
  result.outside.resize(section.rows.size());
  for (const Column& metric : metrics) {
    auto& of_metric = result.found.emplace_back();
    for (const Row& row : section.rows) {
      const bool compared = base != nullptr && &row != base;
      of_metric.push_back(compared ? finding(row, *base, metric, section.confidence) : Finding());
    }
    if (base == nullptr || metric.name != section.metric) continue;
    result.primary = result.found.size() - 1;
    compare_all(*base, metric.measure, of_metric, result, dunnett);
  }
  return result;
}

std::vector<Comparison> comparisons(const Aggregate& all, const std::vector<std::string>& metrics) {
  Dunnett dunnett;
  std::vector<Comparison> result;
  for (const Section& section : all.sections) {
    result.push_back(compare_rows(section, all.baseline, metrics_of(section, metrics), dunnett));
  }
  return result;
}

bool comparable(const Section& a, const Section& b) {
  const Record& x = any_record(a);
  const Record& y = any_record(b);
  if (&a == &b || x.network != y.network) return false;
  if (network_options(a) != network_options(b)) return false;
  const std::set<std::string> suites = suites_of(b);
  for (const std::string& suite : suites_of(a)) {
    if (suites.contains(suite)) return true;
  }
  return false;
}

Transfer transfer_between(const Row& on_a, const Row& base_a, const Row& on_b, const Row& base_b,
                          const Measure& measure, const CarriedShareOptions& options) {
  const auto at = [&](const Ends& a, const Ends& b) {
    return transfer(paired_differences(on_a, base_a, measure, a.method, a.baseline),
                    paired_differences(on_b, base_b, measure, b.method, b.baseline), options);
  };
  Transfer result = at({End::point, End::point}, {End::point, End::point});
  result.a.failed = failed_seeds({&on_a, &base_a});
  result.b.failed = failed_seeds({&on_b, &base_b});
  if (on_a.brackets.empty() || on_b.brackets.empty()) return result;
  for (const Ends& a : bracket_ends) {
    for (const Ends& b : bracket_ends) widen(result, at(a, b));
  }
  return result;
}

std::vector<Carried> carried(const Aggregate& all, const std::vector<std::string>& metrics) {
  std::vector<Carried> result;
  const auto& sections = all.sections;
  for (auto a = sections.begin(); a != sections.end(); ++a) {
    for (auto b = a + 1; b != sections.end(); ++b) carry(*a, *b, all.baseline, metrics, result);
  }
  return result;
}

}  // namespace gapbench::compare

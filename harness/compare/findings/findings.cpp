#include "compare/findings/findings.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "compare/statistics/holm.h"
#include "compare/statistics/paired_t.h"
#include "compare/statistics/sample.h"
#include "compare/statistics/signed_rank.h"
#include "compare/statistics/superiority.h"

namespace gapbench::compare {
namespace {

using records::Record;

/// A number of the i-th finished trial of the row.
std::optional<double> at_end(const Row& row, std::size_t i, const Measure& measure, End end) {
  if (end == End::point || row.brackets.empty()) return measure(*row.ok[i]);
  Record there;
  there.outcome.final = end == End::before ? row.brackets[i]->before : row.brackets[i]->after;
  there.outcome.cost = there.outcome.final->cost;
  return measure(there);
}

constexpr std::pair<End, End> ends[] = {{End::before, End::before},
                                        {End::before, End::after},
                                        {End::after, End::before},
                                        {End::after, End::after}};

/// What is known only between two evaluations is no surer than the worst of their ends.
void widen(const Row& row, const Row& baseline, const Measure& measure, Finding& f) {
  for (const auto& [ours, theirs] : ends) {
    const auto differences = paired_differences(row, baseline, measure, ours, theirs);
    const double mean = summary(differences).mean;
    f.interval = hull(*f.interval,
                      has_spread(differences) ? *t_interval(differences) : Interval{mean, mean});
    const bool same_sign = (mean > 0) == (f.statistic->mean > 0);
    const double p = has_spread(differences) ? paired_t_test(differences)->p : 0;
    f.p = same_sign ? std::max(*f.p, p) : 1;
    f.wilcoxon_p = same_sign ? std::max(*f.wilcoxon_p, signed_rank_test(differences)->p) : 1;
  }
}

Finding finding(const Row& row, const Row& baseline, const Column& metric) {
  Finding result;
  result.differences = paired_differences(row, baseline, metric.measure);
  if (result.differences.empty()) return result;
  result.statistic = summary(result.differences);
  result.superiority = superiority(result.differences);
  if (!has_spread(result.differences)) return result;
  result.interval = t_interval(result.differences);
  result.p = paired_t_test(result.differences)->p;
  result.wilcoxon_p = signed_rank_test(result.differences)->p;
  if (!row.brackets.empty()) widen(row, baseline, metric.measure, result);
  return result;
}

void correct(std::vector<std::vector<Finding>>& all, std::optional<double> Finding::*which) {
  std::vector<double> p;
  for (const auto& of_metric : all) {
    for (const Finding& f : of_metric) {
      if (f.*which) p.push_back(*(f.*which));
    }
  }
  const std::vector<double> corrected = holm(p);
  auto next = corrected.begin();
  for (auto& of_metric : all) {
    for (Finding& f : of_metric) {
      if (f.*which) f.*which = *next++;
    }
  }
}

std::set<std::string> suites_of(const Section& section) {
  std::set<std::string> suites;
  for (const Row& row : section.rows) {
    for (const auto* list : {&row.ok, &row.failed}) {
      for (const Record* record : *list) suites.insert(record->suite);
    }
  }
  return suites;
}

OptionMap network_options(const Record& record) {
  OptionMap options = record.settings;
  std::erase_if(options,
                [](const auto& setting) { return !setting.first.starts_with("network."); });
  return options;
}

bool comparable(const Section& a, const Section& b) {
  const Record& x = any_record(a);
  const Record& y = any_record(b);
  if (x.dataset == y.dataset || x.network != y.network) return false;
  if (network_options(x) != network_options(y)) return false;
  const std::set<std::string> suites = suites_of(b);
  for (const std::string& suite : suites_of(a)) {
    if (suites.contains(suite)) return true;
  }
  return false;
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
  for (const Row& row : a.rows) {
    if (row.method == baseline || only_row(a, row.method) == nullptr) continue;
    const Row* other = only_row(b, row.method);
    if (other == nullptr) continue;
    for (const Column& metric : metrics) {
      out.push_back({row.method, metric, &a, &b,
                     transfer(paired_differences(row, *base_a, metric.measure),
                              paired_differences(*other, *base_b, metric.measure))});
    }
  }
}

}  // namespace

std::vector<double> paired_differences(const Row& method, const Row& baseline,
                                       const Measure& measure, End of_method, End of_baseline) {
  if (method.seeds_repeat || baseline.seeds_repeat) return {};
  if (method.too_wide() > 0 || baseline.too_wide() > 0) return {};
  std::map<std::uint64_t, std::size_t> by_seed;
  for (std::size_t i = 0; i < baseline.ok.size(); ++i) by_seed[baseline.ok[i]->seed] = i;
  std::map<std::uint64_t, double> differences;
  for (std::size_t i = 0; i < method.ok.size(); ++i) {
    const auto found = by_seed.find(method.ok[i]->seed);
    if (found == by_seed.end()) continue;
    const auto ours = at_end(method, i, measure, of_method);
    const auto theirs = at_end(baseline, found->second, measure, of_baseline);
    if (!ours || !theirs || !std::isfinite(*ours - *theirs)) return {};
    differences[method.ok[i]->seed] = difference(*ours, *theirs);
  }
  std::vector<double> values;
  for (const auto& [seed, difference] : differences) values.push_back(difference);
  if (method.seeds_agree && baseline.seeds_agree && all_equal(values) && !values.empty()) {
    values.resize(1);
  }
  return values;
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
  const auto first_of = [&](std::initializer_list<const char*> wanted) {
    for (const char* name : wanted) {
      const auto found = std::find_if(columns.begin(), columns.end(),
                                      [&](const Column& c) { return c.name == name; });
      if (found == columns.end()) continue;
      metrics.push_back(*found);
      return;
    }
  };
  first_of({"test_accuracy", "test_loss", "train_loss"});
  first_of({"error_gap"});
  first_of({"loss_gap"});
  return metrics;
}

std::vector<std::vector<Finding>> findings(const Section& section, const std::string& baseline,
                                           const std::vector<Column>& metrics) {
  const Row* base = only_row(section, baseline);
  std::vector<std::vector<Finding>> result;
  for (const Column& metric : metrics) {
    auto& of_metric = result.emplace_back();
    for (const Row& row : section.rows) {
      const bool compared = base != nullptr && &row != base;
      of_metric.push_back(compared ? finding(row, *base, metric) : Finding());
    }
  }
  correct(result, &Finding::p);
  correct(result, &Finding::wilcoxon_p);
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

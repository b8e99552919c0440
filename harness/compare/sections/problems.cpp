#include "compare/sections/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "compare/findings/findings.h"
#include "compare/rows/columns.h"
#include "compare/statistics/over_problems.h"

namespace gapbench::compare {
namespace {

std::optional<double> test_error_percent(const records::Record& record) {
  const auto& last = record.outcome.final;
  if (!last || !last->test || !last->test->accuracy) return std::nullopt;
  return 100 * (1 - *last->test->accuracy);
}

bool has_accuracies(const Section& section) {
  return std::any_of(section.rows.begin(), section.rows.end(), [](const Row& row) {
    return over_seeds(row, test_error_percent).has_value();
  });
}

/// A mean error of 0 has no ratio to the best; it counts as the smallest there is.
std::optional<double> cost_of(const Row& row) {
  constexpr double smallest = 1e-9;
  const auto error = over_seeds(row, test_error_percent);
  if (!row.failed.empty() || !error) return std::nullopt;
  return std::max(error->mean, smallest);
}

struct Collected {
  Costs costs;
  std::vector<double> accuracies;
  std::size_t failed = 0;
};

std::optional<Collected> collect(const std::vector<const Section*>& sections,
                                 const std::string& method) {
  Collected all;
  for (const Section* section : sections) {
    const Row* row = only_row(*section, method);
    if (row == nullptr) return std::nullopt;
    all.costs.push_back(cost_of(*row));
    all.failed += row->failed.size();
    for (const records::Record* record : row->ok) {
      if (const auto error = test_error_percent(*record)) all.accuracies.push_back(100 - *error);
    }
  }
  return all;
}

std::vector<std::string> methods_of(const std::vector<const Section*>& sections) {
  std::vector<std::string> methods;
  for (const Section* section : sections) {
    for (const Row& row : section->rows) {
      if (std::find(methods.begin(), methods.end(), row.method) == methods.end()) {
        methods.push_back(row.method);
      }
    }
  }
  return methods;
}

Table table_of(const OverProblems& summary) {
  Table table(fmt::format("Over {} problems", summary.problems.size()));
  Cells methods;
  Cells counts;
  Cells means;
  for (const auto& line : summary.lines) {
    methods.push_back(line.method);
    counts.push_back(seeds_text(line.trials, line.failed));
    Cell& mean = means.emplace_back(
        line.inter_quartile_mean ? fmt::format("{:.2f}", *line.inter_quartile_mean) : "–");
    mean.order = line.inter_quartile_mean;
  }
  table.add("Method", std::move(methods));
  table.add("Trials", std::move(counts));
  table.add("IQM test acc %", std::move(means));
  for (std::size_t i = 0; i < std::size(profile_ratios); ++i) {
    Cells shares;
    for (const auto& line : summary.lines) {
      shares.emplace_back(fmt::format("{:.2f}", line.profile[i])).order = line.profile[i];
    }
    table.add(fmt::format("≤ {:g} × best", profile_ratios[i]), std::move(shares));
  }
  return table;
}

}  // namespace

OverProblems summarize_problems(const Aggregate& all) {
  OverProblems summary;
  std::vector<const Section*> sections;
  for (const Section& section : all.sections) {
    if (!has_accuracies(section)) continue;
    sections.push_back(&section);
    summary.problems.push_back(section.title);
  }
  std::vector<Costs> costs;
  for (const std::string& method : methods_of(sections)) {
    const auto collected = collect(sections, method);
    if (!collected) {
      summary.left_out.push_back(method);
      continue;
    }
    summary.lines.push_back({method,
                             inter_quartile_mean(collected->accuracies),
                             collected->accuracies.size(),
                             {},
                             collected->failed});
    costs.push_back(collected->costs);
  }
  const auto profiles = performance_profiles(costs, profile_ratios);
  for (std::size_t i = 0; i < profiles.size(); ++i) summary.lines[i].profile = profiles[i];
  return summary;
}

Page over_problems(const Aggregate& all) {
  const OverProblems summary = summarize_problems(all);
  Page page{Heading{2, "Over problems"}};
  if (summary.problems.size() < 2) {
    page.push_back(Text("Needs two data sets or networks with test accuracies."));
    return page;
  }
  page.push_back(Text(
      fmt::format("Problems: {}. IQM: inter-quartile mean of the test accuracies of all finished "
                  "trials of all of them. ≤ τ × best: share of problems on which the mean test "
                  "error is at most τ times the best method's here; a row with failed trials is "
                  "never within.",
                  fmt::join(summary.problems, "; "))));
  if (!summary.lines.empty()) page.push_back(table_of(summary));
  if (!summary.left_out.empty()) {
    page.push_back(Text(fmt::format("Without exactly one row on every problem: {}.",
                                    fmt::join(summary.left_out, ", "))));
  }
  return page;
}

}  // namespace gapbench::compare

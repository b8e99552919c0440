#include "compare/sections/published.h"

#include <fmt/format.h>

#include <algorithm>

namespace gapbench::compare {
namespace {

const records::Record& any_trial(const Row& row) {
  return row.ok.empty() ? *row.failed.front() : *row.ok.front();
}

std::size_t number_of(const std::string& source, std::vector<std::string>& sources) {
  const auto found = std::find(sources.begin(), sources.end(), source);
  const auto place = static_cast<std::size_t>(found - sources.begin());
  if (found == sources.end()) sources.push_back(source);
  return place + 1;
}

/// As precise as it was published: no digits are made up.
std::string text_of(const suite::Published& p) {
  std::string text = fmt::format("{}", p.value);
  if (p.deviation) text += fmt::format(" ± {}", *p.deviation);
  if (p.n) text += fmt::format(" (n={})", *p.n);
  return text;
}

}  // namespace

const suite::Published* published_of(const records::Records& records, const Row& row,
                                     const Column& column) {
  const records::Record& trial = any_trial(row);
  for (const records::SuiteNote& note : records.suites) {
    if (note.name != trial.suite) continue;
    for (const suite::Published& p : note.published) {
      const bool of_network = p.network.empty() || p.network == trial.network;
      if (p.metric == column.name && p.dataset == trial.dataset && of_network &&
          p.method == trial.method && row.pooled.empty()) {
        return &p;
      }
    }
  }
  return nullptr;
}

std::optional<Cells> published_cells(const records::Records& records, const Section& section,
                                     const Column& column, std::vector<std::string>& sources) {
  Cells cells;
  bool any = false;
  for (const Row& row : section.rows) {
    const suite::Published* p = published_of(records, row, column);
    Cell& cell = cells.emplace_back("–");
    if (p == nullptr) continue;
    any = true;
    cell.text = fmt::format("{} [{}]", text_of(*p), number_of(p->source, sources));
    cell.order = p->value;
  }
  return any ? std::optional(cells) : std::nullopt;
}

}  // namespace gapbench::compare

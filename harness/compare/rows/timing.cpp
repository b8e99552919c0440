#include "compare/rows/timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gapbench::compare {
namespace {

using records::Record;

std::string or_unknown(const std::string& cpu) { return cpu.empty() ? "an unknown one" : cpu; }

}  // namespace

bool under_load(const Record& record) {
  constexpr double shortest = 0.1;
  const train::Cost::Bucket& train = record.outcome.cost.train;
  if (!(train.wall_seconds >= shortest)) return false;
  const auto threads = static_cast<double>(std::max<std::size_t>(record.threads, 1));
  return train.cpu_seconds / train.wall_seconds / threads < loaded_share;
}

std::size_t under_load(const Row& row) {
  return static_cast<std::size_t>(
      std::ranges::count_if(row.ok, [](const Record* r) { return under_load(*r); }));
}

std::string why_not_timed(std::initializer_list<const Row*> rows) {
  std::set<std::string> cpus;
  std::set<std::size_t> threads;
  std::size_t trials = 0;
  std::size_t loaded = 0;
  for (const Row* row : rows) {
    trials += row->ok.size();
    loaded += under_load(*row);
    for (const Record* record : row->ok) {
      cpus.insert(or_unknown(record->cpu));
      threads.insert(record->threads);
    }
  }
  std::vector<std::string> reasons;
  if (cpus.size() > 1) {
    reasons.push_back(fmt::format("on {} processors ({})", cpus.size(), fmt::join(cpus, ", ")));
  }
  if (threads.size() > 1) {
    reasons.push_back(fmt::format("with {} threads", fmt::join(threads, " and ")));
  }
  if (loaded > 0) reasons.push_back(fmt::format("{} of {} trials under load", loaded, trials));
  return fmt::format("{}", fmt::join(reasons, ", "));
}

std::vector<std::string> untimed_rows(const Section& section, const std::string& baseline) {
  const Row* base = only_row(section, baseline);
  std::vector<std::string> rows;
  if (base == nullptr) return rows;
  for (const Row& row : section.rows) {
    const std::string why = why_not_timed({&row, base});
    if (&row != base && !why.empty()) rows.push_back(fmt::format("{}: {}", row.label, why));
  }
  return rows;
}

}  // namespace gapbench::compare

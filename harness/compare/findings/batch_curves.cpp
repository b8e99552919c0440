#include "compare/findings/batch_curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "compare/rows/grouping.h"
#include "compare/rows/twins.h"
#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// "sgd" of "sgd[batch=32]", "sgd [network.width=8]" of "sgd[batch=32] [network.width=8]", and "ghost"
/// of "ghost-32" at batch 32.
std::string base_of(const std::string& method, std::int64_t batch) {
  const std::size_t rows = method.find(" [");
  const std::string name = method.substr(0, rows);
  std::string base = name.substr(0, name.find('['));
  const std::string size = fmt::format("-{}", batch);
  if (base.size() > size.size() && base.ends_with(size)) base.resize(base.size() - size.size());
  return base + (rows == std::string::npos ? "" : method.substr(rows));
}

std::optional<std::int64_t> batch_of(const Row& row) {
  const auto found = row.settings.find("batch");
  if (found == row.settings.end()) return std::nullopt;
  const auto* size = std::get_if<std::int64_t>(&found->second);
  return size == nullptr ? std::nullopt : std::optional(*size);
}

/// What one setting came to: steps by seed, infinite for a miss.
struct Candidate {
  const Row* row;
  std::map<std::uint64_t, double> steps;

  /// Over the other seeds, or over all where there are no others.
  double median_without(std::uint64_t seed) const {
    std::vector<double> values;
    for (const auto& [s, value] : steps) {
      if (s != seed || steps.size() == 1) values.push_back(value);
    }
    std::ranges::sort(values);
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  }
};

/// Nothing of a row in which a seed comes twice: its trials are no repetitions of each other.
Candidate candidate(const Row& row, const CostsToTarget& costs) {
  Candidate result{&row, {}};
  for (const auto* list : {&row.ok, &row.failed}) {
    for (const records::Record* record : *list) {
      const auto found = costs.find(record);
      if (found == costs.end()) continue;
      const double steps = found->second.value_or(infinite);
      if (!result.steps.emplace(record->seed, steps).second) return {&row, {}};
    }
  }
  return result;
}

const Candidate* best_for(std::uint64_t seed, const std::vector<Candidate>& candidates) {
  const Candidate* best = nullptr;
  double least = infinite;
  for (const Candidate& c : candidates) {
    if (!c.steps.contains(seed)) continue;
    const double median = c.median_without(seed);
    if (best == nullptr || median < least) {
      best = &c;
      least = median;
    }
  }
  return best;
}

std::optional<double> number_of(const Row& row, const std::string& key) {
  const auto found = row.settings.find(key);
  if (found == row.settings.end()) return std::nullopt;
  if (const auto* real = std::get_if<double>(&found->second)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&found->second)) {
    return static_cast<double>(*whole);
  }
  return std::nullopt;
}

std::vector<std::string> tuned_by(const std::vector<Candidate>& candidates) {
  std::vector<const OptionMap*> maps;
  for (const Candidate& c : candidates) maps.push_back(&c.row->settings);
  std::vector<std::string> keys = keys_that_differ(maps);
  std::erase_if(keys, is_measuring);
  return keys;
}

std::vector<std::string> ends_of(const std::vector<Candidate>& candidates, const BatchSize& size) {
  std::vector<std::string> ends;
  for (const std::string& key : size.tuned) {
    double least = infinite, largest = -infinite;
    for (const Candidate& c : candidates) {
      const auto value = number_of(*c.row, key);
      least = std::min(least, value.value_or(-infinite));
      largest = std::max(largest, value.value_or(infinite));
    }
    if (!std::isfinite(least) || !std::isfinite(largest)) continue;  // no number
    const auto all_at = [&](double end) {
      return std::ranges::all_of(
          size.chosen, [&](const auto& entry) { return *number_of(*entry.first, key) == end; });
    };
    if (all_at(least)) ends.push_back(fmt::format("{} at its smallest", key));
    if (all_at(largest)) ends.push_back(fmt::format("{} at its largest", key));
  }
  return ends;
}

void summarize(BatchSize& size) {
  std::vector<double> logs;
  for (const auto& [seed, steps] : size.steps) {
    if (!steps || !(*steps > 0)) return;
    logs.push_back(std::log(*steps));
  }
  if (logs.empty()) return;
  const Statistic s = summary(logs);
  size.mean = std::exp(s.mean);
  if (s.n > 1) size.deviation = std::exp(s.deviation);
}

BatchSize batch_size(std::int64_t batch, const std::vector<Candidate>& candidates) {
  BatchSize size;
  size.batch = batch;
  size.tuned = tuned_by(candidates);
  std::set<std::uint64_t> seeds;
  for (const Candidate& c : candidates) {
    for (const auto& [seed, steps] : c.steps) seeds.insert(seed);
  }
  for (const std::uint64_t seed : seeds) {
    const Candidate* best = best_for(seed, candidates);
    const double steps = best->steps.at(seed);
    size.steps[seed] = std::isfinite(steps) ? std::optional(steps) : std::nullopt;
    ++size.chosen[best->row];
  }
  size.at_an_end = ends_of(candidates, size);
  summarize(size);
  return size;
}

std::optional<BatchScaling> fit_of(const BatchCurve& curve) {
  std::vector<StepsAtBatch> points;
  for (const BatchSize& size : curve.sizes) {
    if (size.mean) points.push_back({static_cast<double>(size.batch), *size.mean});
  }
  return points.size() < 3 ? std::nullopt : std::optional(batch_scaling(points));
}

}  // namespace

std::size_t BatchSize::missed() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(steps, [](const auto& entry) { return !entry.second; }));
}

std::vector<BatchCurve> batch_curves(const Section& section, const CostsToTarget& costs) {
  std::vector<std::string> order;
  std::map<std::string, std::map<std::int64_t, std::vector<Candidate>>> methods;
  for (const Row& row : section.rows) {
    const auto batch = batch_of(row);
    Candidate tried = candidate(row, costs);
    if (!batch || tried.steps.empty()) continue;
    const std::string base = base_of(row.method, *batch);
    if (!methods.contains(base)) order.push_back(base);
    methods[base][*batch].push_back(std::move(tried));
  }
  std::vector<BatchCurve> curves;
  for (const std::string& base : order) {
    if (methods[base].size() < 3) continue;
    BatchCurve& curve = curves.emplace_back();
    curve.method = base;
    for (const auto& [batch, candidates] : methods[base]) {
      curve.sizes.push_back(batch_size(batch, candidates));
    }
    curve.fit = fit_of(curve);
  }
  return curves;
}

}  // namespace gapbench::compare

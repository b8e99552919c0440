#include "compare/sections/same_rate.h"

#include <fmt/format.h>

#include <map>
#include <numeric>

#include "compare/rows/twins.h"
#include "compare/sections/cells.h"

namespace gapbench::compare {
namespace {

using records::Record;

constexpr const char* rate_key = "optimizer.learning_rate";

std::optional<double> rate_of(const OptionMap& settings) {
  const auto found = settings.find(rate_key);
  if (found == settings.end()) return std::nullopt;
  const auto* rate = std::get_if<double>(&found->second);
  return rate != nullptr ? std::optional(*rate) : std::nullopt;
}

/// What decides the training: tuning trials are not measured on the way, and know of no choice.
OptionMap training_only(const OptionMap& settings) {
  OptionMap rest = without_measuring(settings);
  std::erase_if(rest, [](const auto& setting) {
    return setting.first.starts_with("tun") || setting.first.starts_with("posterior");
  });
  return rest;
}

/// Validation accuracy by tuning seed of the trials of this method with these settings.
std::map<std::uint64_t, double> validated(const records::Records& records,
                                          const std::string& method, const OptionMap& settings) {
  std::map<std::uint64_t, double> found;
  for (const Record& r : records.tuning) {
    if (r.method.substr(0, r.method.find('[')) != method) continue;
    const auto& final = r.outcome.final;
    if (r.outcome.status != train::Status::ok || !final || !final->validation) continue;
    if (!final->validation->accuracy || training_only(r.settings) != settings) continue;
    found[r.seed] = *final->validation->accuracy;
  }
  return found;
}

bool is_tuned(const Row& row) { return row.settings.contains("tune.configurations"); }

}  // namespace

std::vector<AtSameRate> at_same_rate(const records::Records& records, const Section& section,
                                     const std::string& baseline) {
  const Row* base = only_row(section, baseline);
  if (base == nullptr || records.tuning.empty()) return {};
  const auto base_rate = rate_of(base->settings);
  std::vector<AtSameRate> all;
  for (const Row& row : section.rows) {
    const auto rate = rate_of(row.settings);
    if (&row == base || !is_tuned(row) || !rate || !base_rate || *rate == *base_rate) continue;
    OptionMap of_base = training_only(base->settings);
    of_base[rate_key] = *rate;
    const auto theirs = validated(records, base->method, of_base);
    AtSameRate found{&row, *rate};
    for (const auto& [seed, accuracy] :
         validated(records, row.method, training_only(row.settings))) {
      const auto there = theirs.find(seed);
      if (there != theirs.end()) found.differences.push_back(accuracy - there->second);
    }
    if (found.differences.empty()) continue;
    found.interval = t_interval(found.differences);
    all.push_back(std::move(found));
  }
  return all;
}

Page same_rate(const records::Records& records, const Section& section,
               const std::string& baseline) {
  const std::vector<AtSameRate> rows = at_same_rate(records, section, baseline);
  if (rows.empty()) return {};
  Cells labels, rates, seeds, differences;
  for (const AtSameRate& r : rows) {
    const double sum = std::accumulate(r.differences.begin(), r.differences.end(), 0.0);
    const double mean = 100 * sum / static_cast<double>(r.differences.size());
    labels.emplace_back(r.row->label);
    rates.emplace_back(fmt::format("{:g}", r.rate)).order = r.rate;
    seeds.emplace_back(fmt::format("{}", r.differences.size()));
    differences
        .emplace_back(r.interval ? fmt::format("{:+.2f} [{:+.2f}, {:+.2f}]", mean,
                                               100 * r.interval->low, 100 * r.interval->high)
                                 : fmt::format("{:+.2f}", mean))
        .order = mean;
  }
  Table table(
      fmt::format("{}: against {} at one learning rate, on validation", section.title, baseline));
  table.add(fmt::format("Against {}, at the row's rate", baseline), labels);
  table.add("Learning rate", rates);
  table.add("Tuning seeds", seeds);
  table.add("Δ Validation acc %", differences);
  return {
      Text(fmt::format("Chosen at another learning rate than {}: what they gain where both train "
                       "at the row's, on the validation part, by tuning seed.",
                       baseline)),
      table};
}

}  // namespace gapbench::compare

#include "suite/language/published.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/nearest.h"
#include "suite/language/parts.h"

namespace gapbench::suite {
namespace {

/// What the entries may refer to.
struct Known {
  std::vector<std::string> datasets;
  std::vector<std::string> networks;
  std::vector<std::string> methods;
  std::vector<std::string> metrics;
};

Known known(const Parts& parts) {
  Known names;
  for (const DataBlock& data : parts.datasets) names.datasets.push_back(data.settings.set.name);
  for (const ChoiceBlock& problem : parts.problems) names.datasets.push_back(problem.choice.name);
  for (const ChoiceBlock& network : parts.networks) names.networks.push_back(network.choice.name);
  for (const Method& method : parts.methods) names.methods.push_back(method.name);
  names.metrics.assign(std::begin(published_metrics), std::end(published_metrics));
  return names;
}

std::string name_of(Block& block, const char* key, const std::vector<std::string>& valid,
                    bool is_required) {
  const std::string name = block.text(key, is_required).value_or("");
  if (!name.empty() && std::find(valid.begin(), valid.end(), name) == valid.end()) {
    block.mistakes().add(block.place_of(key), fmt::format("published: no {} \"{}\" in this suite{}",
                                                          key, name, did_you_mean(name, valid)));
  }
  return name;
}

/// 0.952 is a fraction that somebody forgot to turn into a percentage.
void check_accuracy(const Block& block, const Published& entry) {
  if (!entry.metric.ends_with("_accuracy")) return;
  if (entry.value > 1 && entry.value <= 100) return;
  block.mistakes().add(block.place_of("value"),
                       fmt::format("published: {} {} is not in percent, above 1 and at most 100",
                                   entry.metric, entry.value));
}

Published read_entry(const Node& node, const Known& names, Mistakes& mistakes) {
  Block block(node, "published", mistakes);
  Published entry;
  entry.dataset = name_of(block, "dataset", names.datasets, true);
  entry.network = name_of(block, "network", names.networks, false);
  entry.method = name_of(block, "method", names.methods, true);
  entry.metric = name_of(block, "metric", names.metrics, true);
  const auto value = block.real(option::real("value", "in the metric's unit"));
  entry.deviation = block.real(option::real("deviation", "").at_least(0).by_default(0.0));
  entry.n = block.whole(option::integer("n", "").at_least(1).by_default(1.0));
  entry.source = block.text("source", true).value_or("");
  block.done();
  if (value) {
    entry.value = *value;
    check_accuracy(block, entry);
  }
  return entry;
}

}  // namespace

std::vector<Published> read_published(const Node& list, const Parts& parts, Mistakes& mistakes) {
  std::vector<Published> entries;
  if (!require_list(list, "published", mistakes)) return entries;
  const Known names = known(parts);
  for (const Node& node : list.items) entries.push_back(read_entry(node, names, mistakes));
  return entries;
}

}  // namespace gapbench::suite

#include "train/traces.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "gapbench/numeric.h"
#include "train/snapshot.h"

namespace gapbench::train {
namespace {

constexpr std::size_t most_examples = 16;
constexpr std::size_t fewest_draws = 8;

}  // namespace

void Traces::add(std::span<const float> w, std::span<const std::optional<PartSums>> parts) {
  std::vector<double> values{dot(w, w)};
  const auto first = std::ranges::find_if(parts, [](const auto& p) { return p.has_value(); });
  values.push_back((*first)->loss_of_draw());
  const auto last =
      std::find_if(parts.rbegin(), parts.rend(), [](const auto& p) { return p.has_value(); });
  const std::size_t examples = (*last)->examples();
  const std::size_t looked_at = std::min(most_examples, examples);
  for (std::size_t k = 0; k < looked_at; ++k) {
    values.push_back((*last)->loss_of_draw(k * examples / looked_at));
  }
  functions_.resize(values.size());
  for (std::size_t f = 0; f < values.size(); ++f) functions_[f].push_back(values[f]);
}

void Traces::report(std::vector<ProbeValue>& values) const {
  if (functions_.empty() || functions_.front().size() < fewest_draws) return;
  std::vector<double> sizes;
  double farthest = 0;
  for (const auto& function : functions_) {
    if (const auto size = bulk_effective_sample_size({function})) sizes.push_back(*size);
    if (const auto r = rank_normalized_split_r_hat({function})) farthest = std::max(farthest, *r);
  }
  if (sizes.empty()) sizes = {1};
  std::ranges::sort(sizes);
  const std::size_t n = sizes.size();
  ProbeMetrics metrics(mixing_name, values);
  metrics.add("ess_min", sizes.front(), "draws");
  metrics.add("ess_median", (sizes[(n - 1) / 2] + sizes[n / 2]) / 2, "draws");
  if (farthest > 0 && std::isfinite(farthest)) metrics.add("r_hat_max", farthest, "");
}

}  // namespace gapbench::train

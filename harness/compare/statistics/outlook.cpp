#include "compare/statistics/outlook.h"

#include <algorithm>
#include <cmath>

#include "compare/statistics/sample.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

struct Normal {
  double mean = 0;
  double deviation = 0;
};

Normal draw_parameters(const Statistic& s, Random& random) {
  double chi_squared = 0;
  for (std::size_t i = 1; i < s.n; ++i) {
    const double z = random.normal();
    chi_squared += z * z;
  }
  const double deviation = s.deviation * std::sqrt(static_cast<double>(s.n - 1) / chi_squared);
  return {s.mean + deviation * random.normal() / std::sqrt(static_cast<double>(s.n)), deviation};
}

/// The look at which one future decides; nothing where none does.
std::optional<std::size_t> one_future(const Samples& seen, std::span<const std::size_t> looks,
                                      std::size_t next,
                                      const std::function<bool(const Samples&)>& decided,
                                      Random& random) {
  std::vector<Normal> truth;
  for (const auto& sample : seen) truth.push_back(draw_parameters(summary(sample), random));
  Samples samples = seen;
  for (std::size_t look = next; look < looks.size(); ++look) {
    for (std::size_t s = 0; s < samples.size(); ++s) {
      while (samples[s].size() < looks[look]) {
        samples[s].push_back(truth[s].mean + truth[s].deviation * random.normal());
      }
    }
    if (decided(samples)) return look;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Outlook> outlook(const Samples& seen, std::span<const std::size_t> looks,
                               const std::function<bool(const Samples&)>& decided, Random random,
                               std::size_t futures) {
  if (seen.empty()) throw Error("outlook", "no samples");
  if (looks.empty()) throw Error("outlook", "no looks");
  std::size_t size = 0;
  for (const auto& sample : seen) {
    require_finite("outlook", sample);
    if (!has_spread(sample)) return std::nullopt;
    size = std::max(size, sample.size());
  }
  const auto next =
      static_cast<std::size_t>(std::upper_bound(looks.begin(), looks.end(), size) - looks.begin());
  const bool now = decided(seen);
  Outlook result;
  result.decided.assign(looks.size(), now ? 1 : 0);
  result.seeds = static_cast<double>(size);
  if (now || next == looks.size()) return result;
  double seeds = 0;
  for (std::size_t i = 0; i < futures; ++i) {
    const auto at = one_future(seen, looks, next, decided, random);
    seeds += static_cast<double>(at ? looks[*at] : looks.back());
    for (std::size_t look = at.value_or(looks.size()); look < looks.size(); ++look) {
      result.decided[look] += 1;
    }
  }
  for (double& share : result.decided) share /= static_cast<double>(futures);
  result.seeds = seeds / static_cast<double>(futures);
  return result;
}

}  // namespace gapbench::compare

#include "train/noise.h"

#include <fmt/format.h>

#include <algorithm>

#include "gapbench/error.h"
#include "nn/network.h"

namespace gapbench::train {
namespace {

std::vector<std::string> networks_with_sites() {
  std::vector<std::string> names;
  for (const nn::Architecture& a : nn::architectures()) {
    if (!nn::usual_noise_sites(a).empty()) names.emplace_back(a.name);
  }
  return names;
}

bool makes_noise(const Penalty& penalty) { return (penalty.hooks & hook_noise) != 0; }

}  // namespace

const NoiseSource* StepNoise::begin(std::uint64_t step) {
  step_ = step;
  return std::ranges::any_of(penalties_, makes_noise) ? this : nullptr;
}

void StepNoise::factors(std::size_t site, std::uint32_t example, std::span<float> out) const {
  std::ranges::fill(out, 1.0F);
  std::uint64_t source = 0;
  for (const Penalty& penalty : penalties_) {
    if (!makes_noise(penalty)) continue;
    const Random random = random_.at("noise", step_, source++).at("site", site, example);
    if (!penalty.regularizer->disturbs(sites_[site])) continue;
    penalty.regularizer->multiply_noise(sites_[site], random, out);
  }
}

void require_noise_sites(const std::string& regularizer, const Penalty& penalty,
                         const std::string& problem, std::span<const NoiseSite> sites) {
  if (!makes_noise(penalty)) return;
  if (sites.empty()) {
    throw Error(regularizer,
                fmt::format("{} has no noise sites to act on; networks that have some: {}", problem,
                            fmt::join(networks_with_sites(), ", ")));
  }
  const auto disturbed = [&](const NoiseSite& s) { return penalty.regularizer->disturbs(s); };
  if (std::ranges::any_of(sites, disturbed)) return;
  std::vector<std::string> names;
  for (const NoiseSite& site : sites) names.push_back(site.name);
  throw Error(regularizer, fmt::format("acts on none of the noise sites of {}: {}", problem,
                                       fmt::join(names, ", ")));
}

}  // namespace gapbench::train

// The noise that regularizers make at a problem's noise sites.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gapbench/problem.h"
#include "gapbench/regularizer.h"

namespace gapbench::train {

/// A regularizer and the hooks it overrides.
struct Penalty {
  std::unique_ptr<const Regularizer> regularizer;
  std::uint32_t hooks = 0;
};

/// The noise of one step after another: f = product over regularizers of their own factors, each
/// drawn with the key (seed, its place among those that make noise, step, site, example).
/// Thread rule: begin() by one thread, factors() by several at a time.
class StepNoise final : public NoiseSource {
 public:
  /// Sites and penalties must outlive it.
  StepNoise(std::span<const NoiseSite> sites, const std::vector<Penalty>& penalties, Random random)
      : sites_(sites), penalties_(penalties), random_(random) {}

  /// What Examples::noise is to be in this step: nothing where no regularizer makes noise.
  const NoiseSource* begin(std::uint64_t step);
  void factors(std::size_t site, std::uint32_t example, std::span<float> out) const override;

 private:
  std::span<const NoiseSite> sites_;
  const std::vector<Penalty>& penalties_;
  Random random_;
  std::uint64_t step_ = 0;
};

/// Throws Error(regularizer, ...) where it makes noise and none of the problem's sites gets any:
/// `problem` is the name of the network or problem.
void require_noise_sites(const std::string& regularizer, const Penalty& penalty,
                         const std::string& problem, std::span<const NoiseSite> sites);

}  // namespace gapbench::train

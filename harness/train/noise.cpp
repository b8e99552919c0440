#include "train/noise.h"

#include <fmt/format.h>

#include <algorithm>

#include "gapbench/at.h"
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

bool has(const Penalty& penalty, RegularizerHook hook) { return (penalty.hooks & hook) != 0; }
bool makes_noise(const Penalty& penalty) { return has(penalty, hook_noise); }

}  // namespace

void NoNoise::factors(std::size_t, std::uint32_t, std::span<float> out) const {
  std::ranges::fill(out, 1.0F);
}

void NoNoise::normals(std::size_t, std::uint32_t, std::span<float> out) const {
  std::ranges::fill(out, 0.0F);
}

const NoiseSource* StepNoise::at(std::uint64_t step, std::uint64_t draw) {
  with_normals(step, draw);
  const bool acts = any(hook_noise) || (sees_inputs_ && any(hook_inputs)) || mixes_examples();
  return draw != At::no_noise && acts ? this : nullptr;
}

bool StepNoise::any(RegularizerHook hook) const noexcept {
  return std::ranges::any_of(penalties_, [=](const Penalty& p) { return has(p, hook); });
}

const NoiseSource* StepNoise::with_normals(std::uint64_t step, std::uint64_t draw) {
  step_ = step;
  draw_ = draw;
  return this;
}

Random StepNoise::key(const char* purpose, std::uint64_t source) const noexcept {
  const Random of_step = random_.at(purpose, step_, source);
  return draw_ > 0 ? of_step.at("draw", draw_) : of_step;
}

void StepNoise::factors(std::size_t site, std::uint32_t example, std::span<float> out) const {
  std::ranges::fill(out, 1.0F);
  if (draw_ == At::no_noise) return;
  std::uint64_t source = 0;
  for (const Penalty& penalty : penalties_) {
    if (!makes_noise(penalty)) continue;
    const Random own = key("noise", source++);
    if (!penalty.regularizer->disturbs(sites_[site])) continue;
    penalty.regularizer->multiply_noise(sites_[site], own.at("site", site, example), out);
  }
}

void StepNoise::input(std::uint32_t example, Shape shape, std::span<float> values) const {
  std::uint64_t source = 0;
  for (const Penalty& penalty : penalties_) {
    if (!has(penalty, hook_inputs)) continue;
    penalty.regularizer->change_input(shape, key("inputs", source++).at("example", example),
                                      values);
  }
}

std::uint32_t StepNoise::partner(std::uint32_t example) const {
  return mini_batch_[key("mixing", 0).at("partner", example).below(mini_batch_.size())];
}

// Until they are mixed the partner's input changes with the example's own.
double StepNoise::mixed_input(std::uint32_t example, Shape shape, std::span<float> values,
                              std::span<float> partners) const {
  const std::uint32_t other = partner(example);
  double share = 1;
  bool is_mixed = false;
  std::uint64_t source = 0;
  for (const Penalty& penalty : penalties_) {
    if (has(penalty, hook_inputs)) {
      const Random own = key("inputs", source++);
      penalty.regularizer->change_input(shape, own.at("example", example), values);
      if (!is_mixed) {
        penalty.regularizer->change_input(shape, own.at("example", other), partners);
      }
    }
    if (!has(penalty, hook_mixing)) continue;
    share = penalty.regularizer->mix_input(shape, key("mixing", 0).at("example", example), partners,
                                           values);
    is_mixed = true;
  }
  return share;
}

void StepNoise::normals(std::size_t layer, std::uint32_t example, std::span<float> out) const {
  random_.at("normals", step_, draw_).at("layer", layer, example).normals(out);
}

void require_inputs(const std::string& regularizer, const Penalty& penalty,
                    const std::string& problem, std::optional<Shape> inputs) {
  if (!has(penalty, hook_inputs)) return;
  if (!inputs) {
    throw Error(regularizer, fmt::format("{} has no inputs that could be changed; networks on data "
                                         "sets have",
                                         problem));
  }
  std::vector<float> zeros(inputs->size());
  penalty.regularizer->change_input(*inputs, Random(0), zeros);
}

void require_mixing(const std::string& regularizer, const std::vector<Penalty>& penalties,
                    const std::string& name, const Problem& problem) {
  const auto mixes = [](const Penalty& p) { return has(p, hook_mixing); };
  if (!mixes(penalties.back())) return;
  if (std::ranges::count_if(penalties, mixes) > 1) {
    throw Error(regularizer,
                "mixes examples, and so does another regularizer before it; a trial has one");
  }
  const auto shape = problem.input_shape();
  if (!shape) {
    throw Error(regularizer,
                fmt::format("{} has no inputs that could be mixed; networks on data sets "
                            "have",
                            name));
  }
  if (dynamic_cast<const CrossEntropy*>(&problem.loss()) == nullptr) {
    throw Error(
        regularizer,
        "mixes the labels of classes, and the loss of this trial is no cross-entropy; use a "
        "data set with classes");
  }
  std::vector<float> zeros(shape->size());
  penalties.back().regularizer->mix_input(*shape, Random(0), std::vector<float>(zeros), zeros);
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

// The noise that regularizers make at a problem's noise sites, and what they make of its inputs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gapbench/at.h"
#include "gapbench/problem.h"
#include "gapbench/regularizer.h"

namespace gapbench::train {

/// A regularizer and the hooks it overrides.
struct Penalty {
  std::unique_ptr<const Regularizer> regularizer;
  std::uint32_t hooks = 0;
};

/// All factors are 1, all e are 0: for questions about the factors where nobody makes noise.
class NoNoise final : public NoiseSource {
 public:
  void factors(std::size_t site, std::uint32_t example, std::span<float> out) const override;
  void normals(std::size_t layer, std::uint32_t example, std::span<float> out) const override;
};

/// The noise of one step after another, draw by draw: f = product over regularizers of their own
/// factors, each drawn with the key (seed, its place among those that make noise, step, draw unless
/// 0, site, example); e with (seed, step, draw, layer, example). Inputs are changed with (seed, the
/// regularizer's place among those that change them, step, draw unless 0, example), and mixed with (seed,
/// step, draw unless 0, example).
/// Thread rule: at() and mix_within() by one thread, the rest by several at a time.
class StepNoise final : public NoiseSource {
 public:
  /// Sites and penalties must outlive it.
  StepNoise(std::span<const NoiseSite> sites, const std::vector<Penalty>& penalties, Random random)
      : sites_(sites), penalties_(penalties), random_(random) {}

  /// For predictions, which see the inputs as they are.
  void leave_inputs() { sees_inputs_ = false; }
  /// Examples are mixed with those of this mini-batch from now on, which must stay valid; before, and
  /// where there is none, with nothing.
  void mix_within(std::span<const std::uint32_t> mini_batch) { mini_batch_ = mini_batch; }

  /// What Examples::noise is to be at this draw of a step: null where no regularizer makes noise or
  /// changes inputs, or At::no_noise is asked for.
  const NoiseSource* at(std::uint64_t step, std::uint64_t draw);
  /// The same where e is wanted in any case; its factors are 1 where at() gives null.
  const NoiseSource* with_normals(std::uint64_t step, std::uint64_t draw);
  void factors(std::size_t site, std::uint32_t example, std::span<float> out) const override;
  void normals(std::size_t layer, std::uint32_t example, std::span<float> out) const override;
  bool changes_inputs() const noexcept override {
    return sees_inputs_ && draw_ != At::no_noise && any(hook_inputs);
  }
  void input(std::uint32_t example, Shape shape, std::span<float> values) const override;
  bool mixes_examples() const noexcept override {
    return !mini_batch_.empty() && draw_ != At::no_noise && any(hook_mixing);
  }
  std::uint32_t partner(std::uint32_t example) const override;
  double mixed_input(std::uint32_t example, Shape shape, std::span<float> values,
                     std::span<float> partners) const override;

 private:
  bool any(RegularizerHook hook) const noexcept;
  Random key(const char* purpose, std::uint64_t source) const noexcept;

  std::span<const NoiseSite> sites_;
  const std::vector<Penalty>& penalties_;
  Random random_;
  std::span<const std::uint32_t> mini_batch_;
  bool sees_inputs_ = true;
  std::uint64_t step_ = 0;
  std::uint64_t draw_ = 0;
};

/// Throws Error(regularizer, ...) where it changes inputs and the problem has none that could be, or
/// none that fit it.
void require_inputs(const std::string& regularizer, const Penalty& penalty,
                    const std::string& problem, std::optional<Shape> inputs);

/// Throws Error(regularizer, ...) where the last one mixes examples and another does, too, or the problem has
/// no inputs or no classes, or none that fit it: `problem` is the name of the network or problem.
void require_mixing(const std::string& regularizer, const std::vector<Penalty>& penalties,
                    const std::string& name, const Problem& problem);

/// Throws Error(regularizer, ...) where it makes noise and none of the problem's sites gets any:
/// `problem` is the name of the network or problem.
void require_noise_sites(const std::string& regularizer, const Penalty& penalty,
                         const std::string& problem, std::span<const NoiseSite> sites);

}  // namespace gapbench::train

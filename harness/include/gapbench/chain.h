// The states of a Markov chain, kept as draws.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gapbench/export.h"
#include "gapbench/options.h"
#include "gapbench/posterior.h"
#include "gapbench/state.h"

namespace gapbench {

/// What a sampler keeps of its way: after `burn_in` steps every `every`-th point, at most `capacity`
/// of them. When it is full every second draw goes and `every` doubles, so that the draws always
/// span the chain, equally far apart. A sampler has one as its posterior:
///
///   void step(Step& s) override { ...; chain_.offer(s.parameters()); }
///   void archive(State& s) override { chain_.archive(s); }
///   Posterior* posterior() noexcept override { return &chain_; }
///
/// with options = option::joined(Chain::options, std::array{ its own }).
/// Memory: capacity x dimension floats, allocated at once, and as much in every checkpoint.
/// On thinning: Geyer 1992, "Practical Markov chain Monte Carlo", section 3.6.
class GAPBENCH_API Chain final : public Posterior {
 public:
  static constexpr std::array options{
      option::integer("burn_in", "steps before the first draw").at_least(0).in_unit("steps"),
      option::integer("every", "steps from one draw to the next")
          .at_least(1)
          .in_unit("steps")
          .by_default(1),
      option::integer("capacity", "draws kept; when full every second one goes")
          .at_least(2)
          .by_default(20),
  };

  /// Reads the options above.
  Chain(const Options& o, std::span<const TensorInfo> tensors);

  /// After each step, with the point it led to [dimension].
  void offer(std::span<const float> w);
  void archive(State& state);

  /// Throws Error for k >= size(). `random` is not used: a chain's states are what they are.
  void draw(std::size_t k, Random random, std::span<float> w) const override;
  std::size_t size() const noexcept override { return kept_; }
  bool is_ready() const noexcept override { return kept_ > 0; }
  /// burn_in + every, as the options say.
  std::uint64_t ready_after() const noexcept override { return first_; }
  /// `kept`, and `every` as it is now.
  void report(Metrics& metrics) const override;

 private:
  std::span<float> state(std::size_t k) { return std::span(states_).subspan(k * size_, size_); }
  void thin();

  std::size_t size_ = 0;  ///< dimension
  std::uint64_t burn_in_;
  std::uint64_t every_;
  std::uint64_t first_;  ///< step that the first draw comes with
  std::size_t capacity_;
  std::uint64_t steps_ = 0;
  std::uint64_t kept_ = 0;
  std::vector<float> states_;  ///< [capacity, dimension]
};

}  // namespace gapbench

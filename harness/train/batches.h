// Which examples make the mini-batch of a step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gapbench/random.h"
#include "train/calendar.h"
#include "train/settings.h"

namespace gapbench::train {

/// Mini-batches without replacement: every epoch is a fresh permutation of the training part, keyed
/// by (seed, epoch), cut into the calendar's batches; the last batch of an epoch holds what is left, so that
/// every example is seen once an epoch. Two trials with one seed see one order.
/// Independent mini-batches are as many and as large, each example drawn from the whole part, keyed
/// by (seed, epoch): the noise of an epoch's gradients then does not sum to 0, as the theory of SGD
/// as a diffusion supposes.
class Batches {
 public:
  /// The calendar must outlive it.
  Batches(const Calendar& calendar, std::size_t examples, Random random,
          Sampling sampling = Sampling::permutation);

  /// Valid until the next call.
  std::span<const std::uint32_t> of(std::uint64_t step);

 private:
  void draw(std::uint64_t epoch);

  const Calendar& calendar_;
  Random random_;
  Sampling sampling_;
  std::vector<std::uint32_t> order_;
  std::uint64_t epoch_ = 0;
  bool drawn_ = false;
};

}  // namespace gapbench::train

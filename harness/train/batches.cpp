#include "train/batches.h"

#include <algorithm>
#include <numeric>

namespace gapbench::train {

Batches::Batches(const Calendar& calendar, std::size_t examples, Random random, Sampling sampling)
    : calendar_(calendar), random_(random), sampling_(sampling), order_(examples) {}

std::span<const std::uint32_t> Batches::of(std::uint64_t step) {
  const std::uint64_t epoch = calendar_.epoch_of(step);
  if (!drawn_ || epoch != epoch_) draw(epoch);
  const std::size_t batch = calendar_.batch_of(step);
  const std::size_t first = calendar_.into_epoch(step) * batch;
  return std::span(order_).subspan(first, std::min(batch, order_.size() - first));
}

void Batches::draw(std::uint64_t epoch) {
  if (sampling_ == Sampling::permutation) {
    std::iota(order_.begin(), order_.end(), 0U);
    random_.at("order", epoch).shuffle(order_);
  } else {
    Random random = random_.at("independent", epoch);
    for (std::uint32_t& i : order_) i = static_cast<std::uint32_t>(random.below(order_.size()));
  }
  epoch_ = epoch;
  drawn_ = true;
}

}  // namespace gapbench::train

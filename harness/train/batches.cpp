#include "train/batches.h"

#include <algorithm>
#include <numeric>

namespace gapbench::train {

Batches::Batches(std::size_t examples, std::size_t batch, Random random, Sampling sampling)
    : batch_(batch), random_(random), sampling_(sampling), order_(examples) {}

std::uint64_t Batches::steps_per_epoch() const noexcept {
  return (order_.size() + batch_ - 1) / batch_;
}

double Batches::epochs_before(std::uint64_t step) const noexcept {
  const std::uint64_t into = step % steps_per_epoch();
  return static_cast<double>(epoch_of(step)) +
         static_cast<double>(into * batch_) / static_cast<double>(order_.size());
}

std::span<const std::uint32_t> Batches::of(std::uint64_t step) {
  const std::uint64_t epoch = epoch_of(step);
  if (!drawn_ || epoch != epoch_) draw(epoch);
  const std::size_t first = (step % steps_per_epoch()) * batch_;
  return std::span(order_).subspan(first, std::min(batch_, order_.size() - first));
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

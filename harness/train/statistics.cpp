#include "train/statistics.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <numeric>

namespace gapbench::train {

std::vector<float> measure_statistics(const Problem& problem, Team& team, const Point& w,
                                      std::size_t micro_batch) {
  const std::size_t size = problem.buffers().size();
  if (size == 0) return {};
  std::vector<std::uint32_t> order(problem.examples(Part::train));
  std::iota(order.begin(), order.end(), 0U);
  const std::size_t count = (order.size() + micro_batch - 1) / micro_batch;
  const std::size_t lanes = std::min(count, reduction_lanes);
  std::vector<double> sums(lanes * size);
  team.for_each(lanes, [&](Slot& slot, std::size_t lane) {
    const auto sum = std::span(sums).subspan(lane * size, size);
    for (std::size_t k = lane * count / lanes; k < (lane + 1) * count / lanes; ++k) {
      const std::size_t first = k * micro_batch;
      const auto indices =
          std::span(order).subspan(first, std::min(micro_batch, order.size() - first));
      slot.passes->forward(w, {Part::train, indices}, Mode::training);
      slot.counts.forward += static_cast<double>(indices.size());
      const auto measured = slot.passes->statistics();
      assert(measured.size() == size);
      for (std::size_t i = 0; i < size; ++i) {
        sum[i] += static_cast<double>(indices.size()) * measured[i];
      }
    }
  });
  std::vector<float> mean(size);
  for (std::size_t i = 0; i < size; ++i) {
    double sum = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) sum += sums[lane * size + i];
    mean[i] = static_cast<float>(sum / static_cast<double>(order.size()));
  }
  return mean;
}

}  // namespace gapbench::train

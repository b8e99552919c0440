#include "train/team.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>

namespace gapbench::train {
namespace {

// The first term overwrites, so that sums need no clearing.
void add(std::span<float> lane, std::span<const float> term, float weight, bool first) {
  const float* g = term.data();
  float* sum = lane.data();
  if (first) {
    for (std::size_t i = 0; i < lane.size(); ++i) sum[i] = weight * g[i];
  } else {
    for (std::size_t i = 0; i < lane.size(); ++i) sum[i] += weight * g[i];
  }
}

constexpr std::size_t slice = std::size_t{1} << 14;  // floats; a slice of every lane stays in cache

}  // namespace

Team::Team(const Problem& problem, std::size_t threads, std::size_t dimension, std::size_t capacity)
    : limit_(oneapi::tbb::global_control::max_allowed_parallelism, threads),
      arena_(static_cast<int>(threads)),
      lanes_(reduction_lanes) {
  for (std::size_t i = 0; i < threads; ++i) {
    slots_.push_back(std::make_unique<Slot>(problem, dimension, capacity));
  }
}

void Team::for_each(std::size_t count, FunctionRef<void(Slot&, std::size_t)> f) {
  arena_.execute([&] {
    oneapi::tbb::parallel_for(
        oneapi::tbb::blocked_range<std::size_t>(0, count, 1),
        [&](const auto& range) {
          const auto thread =
              static_cast<std::size_t>(oneapi::tbb::this_task_arena::current_thread_index());
          for (std::size_t k = range.begin(); k != range.end(); ++k) f(*slots_[thread], k);
        },
        oneapi::tbb::simple_partitioner());
  });
}

void Team::within(FunctionRef<void()> f) {
  arena_.execute([&] { f(); });
}

void Team::sum(std::size_t count, FunctionRef<double(std::size_t)> weight, Writer f,
               std::span<float> out) {
  const std::size_t lanes = std::min(count, reduction_lanes);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    if (lanes_[lane].size() < out.size()) lanes_[lane].resize(out.size());
  }
  const auto lane_of = [&](std::size_t lane) { return std::span(lanes_[lane]).first(out.size()); };
  if (lanes == count) {  // a lane a term, weighted when they are added
    for_each(lanes, [&](Slot& slot, std::size_t k) { f(slot, k, lane_of(k)); });
    add_lanes(
        lanes, [&](std::size_t k) { return static_cast<float>(weight(k)); }, out);
    return;
  }
  for_each(lanes, [&](Slot& slot, std::size_t lane) {
    const std::size_t first = lane * count / lanes;
    const std::size_t end = (lane + 1) * count / lanes;
    const std::span<float> term = slot.term(out.size());
    for (std::size_t k = first; k < end; ++k) {
      f(slot, k, term);
      add(lane_of(lane), term, static_cast<float>(weight(k)), k == first);
    }
  });
  add_lanes(
      lanes, [](std::size_t) { return 1.0F; }, out);
}

void Team::add_lanes(std::size_t lanes, FunctionRef<float(std::size_t)> weight,
                     std::span<float> out) {
  for_each((out.size() + slice - 1) / slice, [&](Slot&, std::size_t s) {
    const std::size_t begin = s * slice;
    const std::size_t size = std::min(slice, out.size() - begin);
    const auto target = out.subspan(begin, size);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      add(target, std::span(lanes_[lane]).subspan(begin, size), weight(lane), lane == 0);
    }
  });
}

PassCounts Team::counts() const {
  PassCounts all;
  for (const auto& slot : slots_) all = all + slot->counts;
  return all;
}

}  // namespace gapbench::train

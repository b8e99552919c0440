// The mean length of gradients over micro-batches, added up in the order in which they end.
#include <gapbench/plugin.h>

#include <cmath>
#include <mutex>
#include <vector>

namespace {

class SumsAsTheyCome final : public gapbench::Probe {
 public:
  explicit SumsAsTheyCome(const gapbench::Options&) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    double sum = 0;
    std::mutex mutex;
    snapshot.for_each_micro_batch({.size = 8, .count = 4},
                                  [&](gapbench::MicroBatch& m, std::size_t) {
                                    std::vector<float> g(m.dimension());
                                    m.gradient(m.loss(), g);
                                    double square = 0;
                                    for (const float x : g) square += double{x} * x;
                                    const std::lock_guard lock(mutex);
                                    sum += std::sqrt(square) / 4;  // here
                                  });
    metrics.add("mean_length", sum, "");
  }
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<SumsAsTheyCome>(
    {.name = "sums_as_they_come", .summary = "for tests", .example = ""}));

// The first few parameters themselves: the path of a method through a problem of a few dimensions.
//
//   w_0, w_1, ...   `count` of them, as many as there are
//
// State: none. Cost: none.

#include <algorithm>
#include <string>

#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::integer("count", "parameters to report").at_least(1).at_most(100).by_default(2.0),
};

class Position final : public gapbench::Probe {
 public:
  explicit Position(const gapbench::Options& o) : count_(o.count("count")) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const auto w = snapshot.parameters().values;
    for (std::size_t i = 0; i < std::min(count_, w.size()); ++i) {
      metrics.add("w_" + std::to_string(i), w[i], "");
    }
  }

 private:
  std::size_t count_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<Position>(
    {.name = "position", .summary = "the first few parameters, for paths", .example = "count=2"},
    options));

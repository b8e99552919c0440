// Size of the parameters and how far they have come.
//
//   norm = |w|,   weight_norm = |w| over weight matrices and filters only
//   distance_from_start = |w - w_0|, over all parameters
//
// Euclidean norms. Scale-free networks (a normalization after each layer) change the norm without
// changing the function.
//
// Source: Neyshabur, Bhojanapalli, McAllester, Srebro 2017, "Exploring generalization in deep
// learning"; Nagarajan & Kolter 2017 for the distance.
// State: none. Cost: two passes over the parameters, no gradient.

#include <cmath>

#include <gapbench/numeric.h>
#include <gapbench/plugin.h>

namespace {

class WeightNorm final : public gapbench::Probe {
 public:
  explicit WeightNorm(const gapbench::Options&) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const auto w = snapshot.parameters().values;
    const auto start = snapshot.initial_parameters().values;
    double weights = 0;
    for (const auto& tensor : snapshot.parameters().tensors) {
      if (tensor.kind != gapbench::TensorKind::weight) continue;
      const auto part = w.subspan(tensor.offset, tensor.size);
      weights += gapbench::dot(part, part);
    }
    double moved = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double difference = static_cast<double>(w[i]) - start[i];
      moved += difference * difference;
    }
    metrics.add("norm", std::sqrt(gapbench::dot(w, w)), "");
    metrics.add("weight_norm", std::sqrt(weights), "");
    metrics.add("distance_from_start", std::sqrt(moved), "");
  }
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<WeightNorm>(
    {.name = "weight_norm",
     .summary = "norm of the parameters, distance from the start; Neyshabur et al. 2017",
     .example = ""},
    {}));

// Laplace approximation with the full curvature of all parameters.
//
//   w ~ N(w*, (N F + I / prior_variance)^-1),   F [D, D] the mean Fisher information
//
// by the eigenvalues of F, D^2 numbers: for small networks. More parameters than `largest` are
// refused. Options, evidence and predictions: gapbench/laplace.h.
//
// Source: MacKay 1992, "A practical Bayesian framework for backpropagation networks", section 3.
// Cost to fit: an example 1 forward, `width` backwards (fisher: exact; else 1), one example at a
// time, with D^2 / 2 multiply-adds each; 10 D^3 for the eigenvalues. A draw: D^2. Memory: 8 D^2
// floats while it is fitted, D^2 kept.

#include <array>
#include <string>
#include <vector>

#include <gapbench/laplace.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    gapbench::Laplace::options,
    std::array{option::integer("largest", "parameters; with more the trial is refused")
                   .at_least(1)
                   .by_default(3000)});

class LaplaceFull final : public gapbench::Laplace {
 public:
  LaplaceFull(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : Laplace(o, tensors) {
    if (dimension() <= o.count("largest")) return;
    throw gapbench::Error(
        "laplace_full.largest",
        "is " + std::to_string(o.count("largest")) + ", and there are " +
            std::to_string(dimension()) +
            " parameters, whose square must fit into memory; a larger network takes "
            "laplace_kronecker, laplace_diagonal or laplace_last_layer");
  }

 private:
  std::vector<gapbench::CurvatureBlock> curvature(gapbench::Snapshot& snapshot) const override {
    std::vector<gapbench::CurvatureBlock> blocks;
    blocks.push_back(full(snapshot, 0, dimension()));
    return blocks;
  }
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::posterior<LaplaceFull>(
    {.name = "laplace_full",
     .summary = "Laplace approximation, full curvature, small networks; MacKay 1992",
     .example = ""},
    options));

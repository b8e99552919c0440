// Laplace approximation with the diagonal of the curvature.
//
//   w_p ~ N(w*_p, 1 / (N F_pp + 1 / prior_variance)),   independent
//
// for networks of any size whose examples can be taken apart in evaluation. Options, evidence and
// predictions: gapbench/laplace.h.
//
// Source: Denker, LeCun 1991, "Transforming neural-net output levels to probability distributions".
// Cost to fit: an example 1 forward and, for each of `width` columns (fisher: exact; else one), 2
// backwards. A draw: D. Memory: D doubles and 2 D floats.

#include <vector>

#include <gapbench/laplace.h>
#include <gapbench/plugin.h>

namespace {

class LaplaceDiagonal final : public gapbench::Laplace {
 public:
  LaplaceDiagonal(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : Laplace(o, tensors) {}

 private:
  std::vector<gapbench::CurvatureBlock> curvature(gapbench::Snapshot& snapshot) const override {
    std::vector<gapbench::CurvatureBlock> blocks;
    blocks.push_back(diagonal(snapshot));
    return blocks;
  }
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::posterior<LaplaceDiagonal>(
    {.name = "laplace_diagonal",
     .summary = "Laplace approximation, diagonal curvature; Denker, LeCun 1991",
     .example = "",
     .revision = 2},
    gapbench::Laplace::options));

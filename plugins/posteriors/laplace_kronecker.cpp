// Laplace approximation with Kronecker factors: of each linear layer and convolution
//
//   vec W ~ N(vec W*, (N A (x) G + I / prior_variance)^-1),   a bias as W's last column,
//
// exactly, in the eigenbasis of A (x) G. The factors A and G are those of gapbench/kronecker.h,
// both means over the training examples; A is a sum over a convolution's positions, so that A (x) G
// needs no further factor. Layers do not vary together. Normalizations, and layers with a factor of
// more than `largest` rows, stay where they are (parameters_left_out). Options, evidence and
// predictions: gapbench/laplace.h. (The authors' and other code gives a bias a block of its own and
// adds prior's root to each factor: evidences differ.)
//
// Source: Ritter, Botev, Barber 2018, "A scalable Laplace approximation for neural networks".
// Cost to fit, a layer: an example 1 forward and, for each of `width` columns (fisher: exact; else
// one), a backward and the factors' sums; 10 n^3 for the eigenvalues of each factor. A draw: n m (n
// + m) of an n x m layer. Memory: the factors' eigenvectors, kept; while it is fitted 17 times
// those of one layer.

#include <algorithm>
#include <array>
#include <vector>

#include <gapbench/laplace.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options =
    option::joined(gapbench::Laplace::options, std::array{option::largest_factor});

class LaplaceKronecker final : public gapbench::Laplace {
 public:
  LaplaceKronecker(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : Laplace(o, tensors), largest_(o.count("largest")) {}

 private:
  std::vector<gapbench::CurvatureBlock> curvature(gapbench::Snapshot& snapshot) const override {
    const auto layers = snapshot.kronecker_layers();
    if (layers.empty()) {
      throw gapbench::Error(name(),
                            "needs a problem with linear layers or convolutions, this has none");
    }
    std::vector<gapbench::CurvatureBlock> blocks;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      if (std::max(layers[l].inputs, layers[l].outputs) > largest_) continue;
      blocks.push_back(kronecker(snapshot, l));
    }
    if (!blocks.empty()) return blocks;
    throw gapbench::Error(name() + ".largest", "leaves no layer; a larger one takes longer");
  }

  std::size_t largest_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::posterior<LaplaceKronecker>(
    {.name = "laplace_kronecker",
     .summary = "Laplace approximation, Kronecker-factored by layers; Ritter et al. 2018",
     .example = ""},
    options));

// Laplace approximation of the last layer alone: all others are a map to features that stays as it
// is.
//
//   structure: kronecker   N A (x) G + I / prior_variance over its weights and bias
//   structure: full        N F + I / prior_variance; more than `largest` parameters are refused
//
// The network is linear in these parameters, so predicting by it and by its linearization is the
// same, which the first of them costs less: prediction: network. Other options, evidence and
// predictions: gapbench/laplace.h.
//
// Source: Kristiadi, Hein, Hennig 2020, "Being Bayesian, even just a bit, fixes overconfidence in
// ReLU networks"; Daxberger et al. 2021, "Laplace redux - effortless Bayesian deep learning".
// Cost to fit: kronecker: an example 1 forward and, for each of `width` columns (fisher: exact;
// else one), a backward and the factors' sums. full: the same backwards one example at a time, with
// n^2 / 2 multiply-adds each for n parameters. Memory: full 8 n^2 floats.

#include <array>
#include <string>
#include <vector>

#include <gapbench/laplace.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    gapbench::Laplace::options,
    std::array{option::choice("structure", "kronecker|full", "of the layer's curvature")
                   .by_default("kronecker"),
               option::integer("largest", "parameters; with more the full structure is refused")
                   .at_least(1)
                   .by_default(3000)});

class LaplaceLastLayer final : public gapbench::Laplace {
 public:
  LaplaceLastLayer(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : Laplace(o, tensors),
        is_full_(o.choice("structure") == "full"),
        largest_(o.count("largest")) {}

 private:
  std::vector<gapbench::CurvatureBlock> curvature(gapbench::Snapshot& snapshot) const override {
    const auto layers = snapshot.kronecker_layers();
    if (layers.empty()) {
      throw gapbench::Error(name(),
                            "needs a problem with linear layers or convolutions, this has none");
    }
    std::vector<gapbench::CurvatureBlock> blocks;
    if (!is_full_) {
      blocks.push_back(kronecker(snapshot, layers.size() - 1));
      return blocks;
    }
    const gapbench::KroneckerLayer& last = layers.back();
    const std::size_t size = last.inputs * last.outputs;
    if (size > largest_) {
      throw gapbench::Error(name() + ".largest", "is " + std::to_string(largest_) +
                                                     ", and the last layer has " +
                                                     std::to_string(size) +
                                                     " parameters; structure: kronecker takes it");
    }
    blocks.push_back(full(snapshot, tensors()[last.tensor].offset, size));
    return blocks;
  }

  bool is_full_;
  std::size_t largest_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::posterior<LaplaceLastLayer>(
    {.name = "laplace_last_layer",
     .summary = "Laplace approximation of the last layer; Kristiadi et al. 2020",
     .example = ""},
    options));

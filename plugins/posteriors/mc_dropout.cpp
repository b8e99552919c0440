// Monte Carlo dropout: the noise of training stays on in evaluation, and predictions are averaged
// over its draws.
//
//   p(y | x) = (1/S) sum_k p(y | x, w, factors of draw k)
//
// All draws are the same parameters, those of the end; what differs from draw to draw are the
// factors that the method's own regularizers (dropout, or any other noise) put at the network's
// noise sites. With L2 of strength keep_rate l^2 / N that is an approximation to a Gaussian process'
// posterior, says the source; the average is worth having without the reading.
//
// Source: Gal, Ghahramani 2016, "Dropout as a Bayesian approximation: representing model uncertainty
// in deep learning", section 3 and equation 6.
// Cost: no passes to fit; 1 forward a draw. Memory: a copy of the parameters.

#include <algorithm>
#include <vector>

#include <gapbench/plugin.h>

namespace {

class McDropout final : public gapbench::Posterior {
 public:
  McDropout(const gapbench::Options&, std::span<const gapbench::TensorInfo> tensors) {
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) dimension += tensor.size;
    end_.resize(dimension);
  }

  void fit(gapbench::Snapshot& snapshot) override {
    std::ranges::copy(snapshot.parameters().values, end_.begin());
  }

  void draw(std::size_t, gapbench::Random, std::span<float> w) const override {
    std::ranges::copy(end_, w.begin());
  }

  Prediction prediction() const noexcept override { return Prediction::noisy; }

 private:
  std::vector<float> end_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::posterior<McDropout>(
    {.name = "mc_dropout",
     .summary = "averages over draws of the method's own noise; Gal, Ghahramani 2016",
     .example = ""}));

// What the noise of a method (dropout, say) adds to its loss on average: the explicit regularizer,
// by Monte Carlo.
//
//   R(w) = E_f L(w, f) - L(w)
//
// f the noise of the method's own regularizers, L the mean loss over a fixed sample of micro_batch
// * count training examples. `draws` independent draws of all factors:
//
//   regularizer   mean over draws of L(w, f_k) - L(w)
//   error         its standard error over draws (the sample is the same in all)
//   deviation     standard deviation over draws of L(w, f)
//   loss          L(w)
//
// 0 for a method without noise. Beside it dropout_explicit is the penalty that R is to second
// order.
//
// Source: Wei, Kakade, Ma 2020, "The implicit and explicit regularization effects of dropout",
// section 2.
// State: none. Cost: 1 + draws forward an example of the sample.

#include <array>
#include <cmath>
#include <vector>

#include <gapbench/numeric.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options =
    option::joined(option::sample(),
                   std::array{option::integer("draws", "of the noise").at_least(2).by_default(32)});

class DropoutRegularizer final : public gapbench::Probe {
 public:
  explicit DropoutRegularizer(const gapbench::Options& o)
      : sample_(gapbench::sample_of(o)), draws_(o.count("draws")) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const double plain = loss(snapshot, gapbench::At::no_noise);
    std::vector<double> above(draws_);
    for (std::size_t k = 0; k < draws_; ++k) above[k] = loss(snapshot, k) - plain;
    const gapbench::MeanError mean = gapbench::mean_with_error(above);
    metrics.add("regularizer", mean.value, "");
    metrics.add("error", mean.error, "");
    metrics.add("deviation", mean.error * std::sqrt(static_cast<double>(draws_)), "");
    metrics.add("loss", plain, "");
  }

 private:
  double loss(gapbench::Snapshot& snapshot, std::uint64_t draw) const {
    gapbench::Sample sample = sample_;
    sample.at.draw = draw;
    std::vector<double> losses(sample.count);
    snapshot.for_each_micro_batch(
        sample, [&](gapbench::MicroBatch& m, std::size_t k) { losses[k] = m.value(m.loss()); });
    return gapbench::mean_with_error(losses).value;
  }

  gapbench::Sample sample_;
  std::size_t draws_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<DropoutRegularizer>(
    {.name = "dropout_regularizer",
     .summary = "what the method's noise adds to its loss on average; Wei, Kakade, Ma 2020",
     .example = "micro_batch=8 count=2 draws=3"},
    options));

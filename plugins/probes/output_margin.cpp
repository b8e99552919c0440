// Margins of the outputs on the training part.
//
//   margin_i = z_i,label(i) - max over the other classes of z_i
//
// in evaluation mode, on a fixed sample (count: 0 is the whole part). `percentile_10` is the tenth
// percentile, the value that a tenth of the margins do not exceed: what norm bounds are divided by.
// Scaled outputs scale it; beside it stand the mean, and `normalized`, the tenth percentile over the
// root mean square of the outputs about their mean over classes, which they do not scale.
//
// Source: Bartlett, Foster, Telgarsky 2017, "Spectrally-normalized margin bounds for neural
// networks"; Jiang, Neyshabur, Mobahi, Krishnan, Bengio 2020, "Fantastic generalization measures and
// where to find them", for the percentile.
// State: none. Cost: 1 forward of the sample. Needs classes.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr std::array options{option::integer("micro_batch", "size of a micro-batch")
                                 .at_least(1)
                                 .in_unit("examples")
                                 .by_default(128.0),
                             option::integer("count", "number of micro-batches; 0: the whole part")
                                 .at_least(0)
                                 .by_default(0.0)};

double margin(const gapbench::Outputs& z, std::size_t i) {
  const auto row = z.values.subspan(i * z.width, z.width);
  const auto label = static_cast<std::size_t>(z.labels[i]);
  double best = -std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < row.size(); ++c) {
    if (c != label) best = std::max(best, double{row[c]});
  }
  return row[label] - best;
}

double squares_about_mean(const gapbench::Outputs& z, std::size_t i) {
  const auto row = z.values.subspan(i * z.width, z.width);
  double mean = 0;
  for (const float x : row) mean += x / static_cast<double>(row.size());
  double sum = 0;
  for (const float x : row) sum += (x - mean) * (x - mean);
  return sum;
}

class OutputMargin final : public gapbench::Probe {
 public:
  explicit OutputMargin(const gapbench::Options& o)
      : sample_{.size = o.count("micro_batch"),
                .count = o.count("count"),
                .fixed = true,
                .mode = gapbench::Mode::evaluation} {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const std::size_t all =
        sample_.count == 0 ? snapshot.training_examples() : sample_.size * sample_.count;
    std::vector<double> margins(all);
    std::vector<double> squares(all);
    snapshot.for_each_micro_batch(sample_, [&](gapbench::MicroBatch& m, std::size_t k) {
      const gapbench::Outputs z = m.outputs();
      if (z.labels.empty() || z.width < 2) {
        throw gapbench::Error("output_margin", "needs two classes or more; a regression has none");
      }
      for (std::size_t i = 0; i < z.examples; ++i) {
        margins[k * sample_.size + i] = margin(z, i);
        squares[k * sample_.size + i] = squares_about_mean(z, i) / static_cast<double>(z.width);
      }
    });
    const auto n = static_cast<double>(all);
    double mean = 0;
    double square = 0;
    for (std::size_t i = 0; i < all; ++i) {
      mean += margins[i] / n;
      square += squares[i] / n;
    }
    const auto tenth = margins.begin() + static_cast<std::ptrdiff_t>((all - 1) / 10);
    std::nth_element(margins.begin(), tenth, margins.end());
    metrics.add("percentile_10", *tenth, "");
    metrics.add("mean", mean, "");
    if (square > 0) metrics.add("normalized", *tenth / std::sqrt(square), "");
  }

 private:
  gapbench::Sample sample_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<OutputMargin>(
    {.name = "output_margin",
     .summary = "margins of the outputs; Bartlett et al. 2017, Jiang et al. 2020",
     .example = "micro_batch=8 count=4"},
    options));

// How much Gaussian noise on the parameters a network bears.
//
//   sigma: the deviation at which the mean training accuracy under w + sigma e, e ~ N(0, I), is
//          `drop` below that of w;   sigma_scaled: the same with w_i + sigma |w_i| e_i
//
// by bisection on [0, highest] in the given number of halvings, each over `draws` of e, the same ones
// at every sigma, so that the search is on one function. On a fixed sample, in evaluation mode. The
// flatness measures are sums over parameters divided by sigma^2; what differs between networks of one
// size is reported: sigma itself and 1 / sigma^2. `highest` where even that is borne.
// sigma_scaled does not move when layers are rescaled against each other, sigma does (Dinh et al.
// 2017).
//
// Source: Jiang, Neyshabur, Mobahi, Krishnan, Bengio 2020, "Fantastic generalization measures and
// where to find them"; their drop is 0.1. Here sigma is a standard deviation.
// State: none. Cost: 2 halvings x draws + 1 forward of the sample. Needs classes.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    option::sample({.count = 8}),
    std::array{
        option::real("drop", "of the accuracy, a fraction").above(0).below(1).by_default(0.1),
        option::integer("draws", "of the noise").at_least(1).by_default(5),
        option::integer("halvings", "of the bisection").at_least(1).at_most(40).by_default(12),
        option::real("highest", "deviation that is tried").above(0).by_default(2.0)});

std::size_t count_correct(const gapbench::Outputs& z) {
  if (z.labels.empty()) throw gapbench::Error("flatness", "needs classes; a regression has none");
  std::size_t correct = 0;
  for (std::size_t i = 0; i < z.examples; ++i) {
    const auto row = z.values.subspan(i * z.width, z.width);
    const auto best = static_cast<std::int32_t>(std::ranges::max_element(row) - row.begin());
    correct += best == z.labels[i] ? 1 : 0;
  }
  return correct;
}

class Flatness final : public gapbench::Probe {
 public:
  explicit Flatness(const gapbench::Options& o)
      : sample_(gapbench::sample_of(o)),
        drop_(o.real("drop")),
        draws_(o.count("draws")),
        halvings_(o.count("halvings")),
        highest_(o.real("highest")) {
    sample_.mode = gapbench::Mode::evaluation;
  }

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    moved_.assign(snapshot.parameters().values.begin(), snapshot.parameters().values.end());
    const double target = accuracy(snapshot) - drop_;
    for (const bool scaled : {false, true}) {
      const double sigma = bisect(snapshot, target, scaled);
      metrics.add(scaled ? "sigma_scaled" : "sigma", sigma, "");
      metrics.add(scaled ? "inverse_square_scaled" : "inverse_square", 1 / (sigma * sigma), "");
    }
  }

 private:
  double bisect(gapbench::Snapshot& snapshot, double target, bool scaled) {
    if (mean_accuracy(snapshot, highest_, scaled) >= target) return highest_;
    double low = 0;
    double high = highest_;
    for (std::size_t k = 0; k < halvings_; ++k) {
      const double middle = (low + high) / 2;
      (mean_accuracy(snapshot, middle, scaled) >= target ? low : high) = middle;
    }
    return (low + high) / 2;
  }

  double mean_accuracy(gapbench::Snapshot& snapshot, double sigma, bool scaled) {
    const auto w = snapshot.parameters().values;
    const gapbench::Random random = snapshot.random("noise");
    double sum = 0;
    for (std::size_t d = 0; d < draws_; ++d) {
      random.at("draw", d).normals(moved_);
      for (std::size_t i = 0; i < w.size(); ++i) {
        moved_[i] = w[i] + static_cast<float>(sigma) * moved_[i] * (scaled ? std::abs(w[i]) : 1.0F);
      }
      sum += accuracy(snapshot);
    }
    return sum / static_cast<double>(draws_);
  }

  // At moved_.
  double accuracy(gapbench::Snapshot& snapshot) {
    gapbench::Sample there = sample_;
    there.at.parameters = moved_;
    std::vector<std::size_t> correct(sample_.count);
    snapshot.for_each_micro_batch(there, [&correct](gapbench::MicroBatch& m, std::size_t k) {
      correct[k] = count_correct(m.outputs());
    });
    double sum = 0;
    for (const std::size_t c : correct) sum += static_cast<double>(c);
    return sum / static_cast<double>(sample_.size * sample_.count);
  }

  gapbench::Sample sample_;
  double drop_;
  std::size_t draws_;
  std::size_t halvings_;
  double highest_;
  std::vector<float> moved_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<Flatness>(
    {.name = "flatness",
     .summary = "noise on the parameters that the training accuracy bears; Jiang et al. 2020",
     .example = "micro_batch=8 count=2 draws=2"},
    options));

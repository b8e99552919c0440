// The training loss along lines through a point: the picture of a sharp and of a flat minimum.
//
//   absolute   L(w + s e),   relative   L(w_i (1 + s e_i)),   e ~ N(0, I),
//
// mean over `directions` draws of e, at 2 `points` + 1 equally spaced s from -radius to radius (and
// -relative_radius to relative_radius). On a fixed sample, in evaluation mode. To second order the
// absolute profile is L + s^2 tr H / 2. Where layers are rescaled against each other (Dinh et al.
// 2017) the absolute profile changes, the relative one does not.
//
//   rise, relative_rise  the mean of both ends less the middle
//   drawn_...            the profiles themselves, for the report's picture
//
// The directions are keyed by seed and step: trials of one seed are moved by the same ones.
//
// Source: Goodfellow, Vinyals, Saxe 2015, "Qualitatively characterizing neural network optimization
// problems", for losses along lines; Jiang et al. 2020, "Fantastic generalization measures and where
// to find them", for noise relative to the weights.
// State: none. Cost: 4 points x directions + 1 forward of the sample. Memory: directions + 1
// parameter vectors.

#include <array>
#include <string>
#include <vector>

#include <gapbench/plugin.h>

namespace {

using Doubles = std::vector<double>;
namespace option = gapbench::option;

constexpr auto options = option::joined(
    option::sample({.count = 8}),
    std::array{
        option::real("radius", "largest s of the absolute profile").above(0).by_default(0.05),
        option::real("relative_radius", "largest s of the relative one").above(0).by_default(0.5),
        option::integer("points", "on either side").at_least(1).at_most(100).by_default(10),
        option::integer("directions", "draws of e").at_least(1).at_most(100).by_default(4)});

class LossProfile final : public gapbench::Probe {
 public:
  explicit LossProfile(const gapbench::Options& o)
      : sample_(gapbench::sample_of(o)),
        radius_(o.real("radius")),
        relative_radius_(o.real("relative_radius")),
        points_(o.count("points")),
        directions_(o.count("directions")) {
    sample_.mode = gapbench::Mode::evaluation;
  }

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const auto w = snapshot.parameters().values;
    const gapbench::Random random = snapshot.random("directions");
    std::vector<std::vector<float>> directions(directions_);
    for (std::size_t d = 0; d < directions_; ++d) {
      directions[d].resize(w.size());
      random.at("direction", d).normals(directions[d]);
    }
    moved_.assign(w.begin(), w.end());
    const double middle = loss(snapshot);
    report(profile(snapshot, directions, middle, radius_, false), radius_, "", metrics);
    report(profile(snapshot, directions, middle, relative_radius_, true), relative_radius_,
           "relative_", metrics);
  }

 private:
  Doubles profile(gapbench::Snapshot& snapshot, const std::vector<std::vector<float>>& directions,
                  double middle, double radius, bool relative) {
    const auto w = snapshot.parameters().values;
    Doubles losses(2 * points_ + 1);
    for (std::size_t k = 0; k < losses.size(); ++k) {
      if (k == points_) {
        losses[k] = middle;
        continue;
      }
      const double s = radius * (static_cast<double>(k) / static_cast<double>(points_) - 1);
      for (const std::vector<float>& e : directions) {
        for (std::size_t i = 0; i < w.size(); ++i) {
          moved_[i] = w[i] + static_cast<float>(s) * e[i] * (relative ? w[i] : 1.0F);
        }
        losses[k] += loss(snapshot) / static_cast<double>(directions.size());
      }
    }
    return losses;
  }

  static void report(const Doubles& losses, double radius, const std::string& prefix,
                     gapbench::Metrics& metrics) {
    const double middle = losses[losses.size() / 2];
    metrics.add(prefix + "rise", (losses.front() + losses.back()) / 2 - middle, "");
    metrics.add("drawn_" + prefix + "radius", radius, "");
    for (std::size_t k = 0; k < losses.size(); ++k) {
      metrics.add("drawn_" + prefix + "loss_" + std::to_string(k), losses[k], "");
    }
  }

  // At moved_.
  double loss(gapbench::Snapshot& snapshot) {
    gapbench::Sample there = sample_;
    there.at.parameters = moved_;
    Doubles losses(sample_.count);
    snapshot.for_each_micro_batch(there, [&losses](gapbench::MicroBatch& m, std::size_t k) {
      losses[k] = m.value(m.loss());
    });
    double sum = 0;
    for (const double x : losses) sum += x / static_cast<double>(losses.size());
    return sum;
  }

  gapbench::Sample sample_;
  double radius_;
  double relative_radius_;
  std::size_t points_;
  std::size_t directions_;
  std::vector<float> moved_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<LossProfile>(
    {.name = "loss_profile",
     .summary = "the loss along lines through the point: sharp or flat; Goodfellow et al. 2015",
     .example = "micro_batch=8 count=2 points=2 directions=2"},
    options));

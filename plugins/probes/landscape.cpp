// The training loss over the plane of the first two parameters, and where descent goes in it: what lies
// behind the report's picture of paths, for problems of two parameters.
//
//   corner (i, j)    (w_0 + (i / (columns - 1)) width - left, w_1 + (j / (rows - 1)) height - below)
//   arrow (i, j)     at ((i + 1/2) / arrows, (j + 1/2) / arrows) of the same rectangle
//
// around the start point, the other parameters as they are; width = left + right, height = below + above.
//
//   drawn_left, drawn_right, drawn_bottom, drawn_top    the rectangle's ends
//   drawn_loss_<j>_<i>                                  C there, over the whole training part
//   drawn_flow_<j>_<i>_0, _1                            -grad C, the flow of the loss
//   drawn_modified_<j>_<i>_0, _1                        -grad (C + (e/4) |grad C|^2) = -(g + (e/2) H g)
//
// e is `rate`, and 0 leaves the second field out. In evaluation mode.
//
// Source: Barrett, Dherin 2021, "Implicit gradient regularization", for the modified loss.
// State: none. Cost: columns x rows forward, and arrows^2 x (2 forward + 2 backward + 1 Hessian-vector
// product), of the training part.

#include <array>
#include <functional>
#include <string>
#include <vector>

#include <gapbench/plugin.h>

namespace {

using Floats = std::vector<float>;
namespace option = gapbench::option;

constexpr std::array options{
    option::real("left", "of the start, along w_0").at_least(0).by_default(1.0),
    option::real("right", "of the start, along w_0").at_least(0).by_default(1.0),
    option::real("below", "the start, along w_1").at_least(0).by_default(1.0),
    option::real("above", "the start, along w_1").at_least(0).by_default(1.0),
    option::integer("columns", "corners along w_0").at_least(2).at_most(200).by_default(24.0),
    option::integer("rows", "corners along w_1").at_least(2).at_most(200).by_default(14.0),
    option::integer("arrows", "along each of both; 0: none")
        .at_least(0)
        .at_most(50)
        .by_default(0.0),
    option::real("rate", "e of the modified loss; 0: none").at_least(0).by_default(0.0)};

class Landscape final : public gapbench::Probe {
 public:
  explicit Landscape(const gapbench::Options& o)
      : before_{o.real("left"), o.real("below")},
        after_{o.real("right"), o.real("above")},
        corners_{o.count("columns"), o.count("rows")},
        arrows_(o.count("arrows")),
        rate_(o.real("rate")) {
    for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
      if (before_[axis] + after_[axis] > 0) continue;
      throw gapbench::Error(axis == 0 ? "landscape.left" : "landscape.below",
                            "the rectangle has no extent; give one of its two sides above 0");
    }
  }

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const auto w = snapshot.parameters().values;
    const auto start = snapshot.initial_parameters().values;
    if (w.size() < 2) throw gapbench::Error("landscape", "wants two parameters, and there is one");
    there_.assign(w.begin(), w.end());
    for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
      low_[axis] = start[axis] - before_[axis];
      high_[axis] = start[axis] + after_[axis];
    }
    metrics.add("drawn_left", low_[0], "");
    metrics.add("drawn_right", high_[0], "");
    metrics.add("drawn_bottom", low_[1], "");
    metrics.add("drawn_top", high_[1], "");
    for (std::size_t j = 0; j < corners_[1]; ++j) {
      for (std::size_t i = 0; i < corners_[0]; ++i) {
        move(share(i, corners_[0]), share(j, corners_[1]));
        metrics.add(name("loss", j, i), loss(snapshot), "");
      }
    }
    for (std::size_t j = 0; j < arrows_; ++j) {
      for (std::size_t i = 0; i < arrows_; ++i) add_arrows(snapshot, j, i, metrics);
    }
  }

 private:
  static double share(std::size_t i, std::size_t corners) {
    return static_cast<double>(i) / static_cast<double>(corners - 1);
  }
  static std::string name(const std::string& what, std::size_t j, std::size_t i) {
    return "drawn_" + what + "_" + std::to_string(j) + "_" + std::to_string(i);
  }

  void move(double x, double y) {
    there_[0] = static_cast<float>(low_[0] + x * (high_[0] - low_[0]));
    there_[1] = static_cast<float>(low_[1] + y * (high_[1] - low_[1]));
  }

  using Answer = std::function<void(gapbench::MicroBatch&, std::span<float>)>;

  // The mean over the training part at there_, of `length` numbers.
  Floats mean(gapbench::Snapshot& snapshot, std::size_t length, const Answer& answer) const {
    Floats out(length);
    gapbench::Sample all{.count = 0, .mode = gapbench::Mode::evaluation};
    all.at.parameters = there_;
    snapshot.mean_over(
        all,
        [&answer](gapbench::MicroBatch& m, std::size_t, std::span<float> part) { answer(m, part); },
        out);
    return out;
  }

  double loss(gapbench::Snapshot& snapshot) const {
    return mean(snapshot, 1, [](gapbench::MicroBatch& m, std::span<float> out) {
      out[0] = static_cast<float>(m.value(m.loss()));
    })[0];
  }

  void add_arrows(gapbench::Snapshot& snapshot, std::size_t j, std::size_t i,
                  gapbench::Metrics& metrics) {
    const auto middle = [this](std::size_t k) {
      return (static_cast<double>(k) + 0.5) / static_cast<double>(arrows_);
    };
    move(middle(i), middle(j));
    const Floats g =
        mean(snapshot, there_.size(),
             [](gapbench::MicroBatch& m, std::span<float> out) { m.gradient(m.loss(), out); });
    add_arrow("flow", j, i, {-double{g[0]}, -double{g[1]}}, metrics);
    if (rate_ <= 0) return;
    const Floats hg =
        mean(snapshot, there_.size(), [&g](gapbench::MicroBatch& m, std::span<float> out) {
          m.hessian_vector(m.loss(), g, out);
        });
    add_arrow("modified", j, i, {-(g[0] + rate_ / 2 * hg[0]), -(g[1] + rate_ / 2 * hg[1])},
              metrics);
  }

  static void add_arrow(const std::string& field, std::size_t j, std::size_t i,
                        std::array<double, 2> v, gapbench::Metrics& metrics) {
    metrics.add(name(field, j, i) + "_0", v[0], "");
    metrics.add(name(field, j, i) + "_1", v[1], "");
  }

  std::array<double, 2> before_;
  std::array<double, 2> after_;
  std::array<std::size_t, 2> corners_;
  std::size_t arrows_;
  double rate_;
  std::array<double, 2> low_{};
  std::array<double, 2> high_{};
  Floats there_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<Landscape>(
    {.name = "landscape",
     .summary = "the loss over two parameters and where descent goes; Barrett & Dherin 2021",
     .example = "columns=3 rows=2 arrows=1 rate=0.1"},
    options));

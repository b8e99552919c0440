// A valley that grows flat along its floor, under gradient noise: descent goes straight down, noise
// drifts to the flat end.
//
//   w = (u, v),   f(w) = exp(u) v^2 / 2,   loss of example i:  f(w) + e_i . w
//
// The floor is v = 0, where f = 0 and the curvature across is exp(u). The tilts e_i have mean 0 over
// the training part exactly and covariance noise^2 in v, and in u where `along` is set: they are the
// gradient noise, and all they do. Full batches of rate a rest on the floor. Batches of B (with
// `sampling: independent`) hold v^2 at a noise^2 / (B exp(u) (2 - a exp(u))) on average, so that u
// moves towards the flat end by
//
//   a exp(u) v^2 / 2  =  a^2 noise^2 / (2 B (2 - a exp(u)))   a step on average,
//
// a^2 noise^2 / (4 B) where the valley is flat: in proportion to the noise's variance, and to the
// square of the rate.
//
// Source: the mechanism is that of Smith, Dherin, Barrett, De 2021, "On the origin of implicit
// regularization in stochastic gradient descent"; the picture is a lecture's (Grosse, University of
// Toronto, CSC2541). Cost of a pass: 4 operations an example.

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include <gapbench/plugin.h>

namespace {

using gapbench::Part;
using Floats = std::vector<float>;
namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::integer("examples", "tilts").at_least(2).by_default(1000.0),
    option::real("noise", "deviation of the tilts").at_least(0).by_default(1.0),
    option::flag("along", "tilts in u, too").by_default(0.0),
    option::real("start_u", "u of the start point").by_default(0.0),
    option::real("start_v", "v of the start point").by_default(1.0),
};

// Of mean 0 and this deviation, exactly; [examples, 2].
Floats tilts(const gapbench::Options& o, gapbench::Random random) {
  const std::size_t n = o.count("examples");
  Floats all(2 * n);
  for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
    if (axis == 0 && !o.flag("along")) continue;
    std::vector<double> e(n);
    gapbench::Random own = random.at("axis", axis);
    for (double& x : e) x = own.normal();
    double mean = 0;
    for (const double x : e) mean += x / static_cast<double>(n);
    double variance = 0;
    for (const double x : e) variance += (x - mean) * (x - mean) / static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) {
      all[2 * i + axis] = static_cast<float>(o.real("noise") * (e[i] - mean) / std::sqrt(variance));
    }
  }
  return all;
}

class FunnelPasses final : public gapbench::Passes {
 public:
  FunnelPasses(const Floats& train, const Floats& test, std::size_t capacity)
      : train_(train),
        test_(test),
        tilts_(2 * capacity),
        z_(capacity),
        no_targets_(capacity),
        tangent_(capacity) {}

  gapbench::Outputs forward(const gapbench::Point& w, const gapbench::Examples& examples,
                            gapbench::Mode) override {
    const Floats& all = examples.part == Part::train ? train_ : test_;
    count_ = examples.indices.size();
    v_ = w.values()[1];
    h_ = std::exp(double{w.values()[0]});
    for (std::size_t i = 0; i < count_; ++i) {
      tilts_[2 * i] = all[std::size_t{2} * examples.indices[i]];
      tilts_[2 * i + 1] = all[std::size_t{2} * examples.indices[i] + 1];
      z_[i] = static_cast<float>(h_ * v_ * v_ / 2 + tilts_[2 * i] * double{w.values()[0]} +
                                 tilts_[2 * i + 1] * v_);
    }
    return {count_, 1, std::span(z_).first(count_), {}, std::span(no_targets_).first(count_)};
  }
  void backward(std::span<const float> cotangent, std::span<float> out) override {
    weight_ = 0;
    std::array<double, 2> sum{};
    for (std::size_t i = 0; i < count_; ++i) {
      weight_ += cotangent[i];
      sum[0] += double{cotangent[i]} * tilts_[2 * i];
      sum[1] += double{cotangent[i]} * tilts_[2 * i + 1];
    }
    if (out.empty()) return;
    out[0] = static_cast<float>(weight_ * h_ * v_ * v_ / 2 + sum[0]);
    out[1] = static_cast<float>(weight_ * h_ * v_ + sum[1]);
  }
  std::span<const float> tangent_forward(const gapbench::Point& direction) override {
    moved_ = {direction.values()[0], direction.values()[1]};
    for (std::size_t i = 0; i < count_; ++i) {
      tangent_[i] = static_cast<float>((h_ * v_ * v_ / 2 + tilts_[2 * i]) * moved_[0] +
                                       (h_ * v_ + tilts_[2 * i + 1]) * moved_[1]);
    }
    return std::span(tangent_).first(count_);
  }
  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    const double kept = weight_;
    backward(cotangent_tangent, out);  // dz/dw under the cotangent's own motion
    weight_ = kept;
    out[0] += static_cast<float>(kept * h_ * (v_ * v_ / 2 * moved_[0] + v_ * moved_[1]));
    out[1] += static_cast<float>(kept * h_ * (v_ * moved_[0] + moved_[1]));
  }

 private:
  const Floats& train_;
  const Floats& test_;
  std::size_t count_ = 0;
  double v_ = 0;
  double h_ = 0;                   // exp(u)
  double weight_ = 0;              // sum of the last backward's cotangent
  std::array<double, 2> moved_{};  // direction of the last tangent_forward
  Floats tilts_;
  Floats z_;
  Floats no_targets_;  // the loss is the output itself: 0, and not looked at
  Floats tangent_;
};

class Funnel final : public gapbench::Problem {
 public:
  Funnel(const gapbench::Options& o, gapbench::Random random)
      : start_{static_cast<float>(o.real("start_u")), static_cast<float>(o.real("start_v"))},
        train_(tilts(o, random.at("train"))),
        test_(tilts(o, random.at("test"))),
        tensors_{{"point", gapbench::TensorKind::weight, {1, 2}, 0, 2}} {}

  std::span<const gapbench::TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t width() const noexcept override { return 1; }
  std::size_t examples(Part part) const noexcept override {
    return part == Part::validation ? 0 : train_.size() / 2;
  }
  const gapbench::Head& loss() const noexcept override { return loss_; }
  void initialize(gapbench::Random, std::span<float> w) const override {
    std::ranges::copy(start_, w.begin());
  }
  std::unique_ptr<gapbench::Passes> make_passes(std::size_t capacity) const override {
    return std::make_unique<FunnelPasses>(train_, test_, capacity);
  }
  gapbench::PassFlops flops() const noexcept override { return {4, 4, 4, 8}; }

 private:
  static constexpr std::array<float, 1> one{1};

  std::array<float, 2> start_;
  Floats train_;
  Floats test_;
  std::vector<gapbench::TensorInfo> tensors_;
  gapbench::Projection loss_{one};
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::problem<Funnel>(
    {.name = "funnel",
     .summary = "a valley that grows flat along its floor; Smith et al. 2021",
     .example = "examples=20"},
    options));

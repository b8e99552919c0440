// SWAG: a Gaussian around the average of another optimizer's iterates.
//
//   After `burn_in` steps every `every`-th iterate w_n is taken, n = 1, 2, ...:
//     mean_n = mean_(n-1) + (w_n - mean_(n-1)) / n
//     diag   = (1/n) sum_i (w_i - mean_n)^2
//     D      = the last `rank` columns w_i - mean_i, r of them
//   A draw is   mean + sqrt(diag / 2) z_1 + D z_2 / sqrt(2 (r - 1)),   z_1, z_2 ~ N(0, 1).
//
// The steps are the inner optimizer's; nothing here changes them. The source takes one iterate an
// epoch at a constant, rather high rate. (It computes diag as the mean of squares minus the squared
// mean and cuts it at a small number above 0; summing squares of differences, as in Welford 1962,
// "Note on a method for calculating corrected sums of squares and products", gives the same number
// without the cancellation.) There are draws from the second iterate on.
//
// Source: Maddox, Garipov, Izmailov, Vetrov, Wilson 2019, "A simple baseline for Bayesian uncertainty
// in deep learning", section 3.3 and algorithm 1.
// State: what the inner optimizer keeps; 2 + rank floats a parameter. Cost per step: the inner one's.

#include <algorithm>
#include <cmath>
#include <vector>

#include <gapbench/plugin.h>

namespace {

using gapbench::OptionSpec;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::optimizer("inner", "makes the steps"),
    option::integer("burn_in", "steps before the first iterate that is taken")
        .at_least(0)
        .in_unit("steps"),
    option::integer("every", "steps from one iterate to the next").at_least(1).in_unit("steps"),
    option::integer("rank", "columns of the low-rank part").at_least(2).by_default(20),
};

class Moments final : public gapbench::Posterior {
 public:
  Moments(std::size_t dimension, std::size_t rank, std::uint64_t ready_after)
      : rank_(rank),
        ready_after_(ready_after),
        mean_(dimension),
        squares_(dimension),
        columns_(rank * dimension) {}

  void take(std::span<const float> w) {
    ++taken_;
    const auto share = static_cast<float>(1 / static_cast<double>(taken_));
    const std::span<float> column = column_of((taken_ - 1) % rank_);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const float before = w[i] - mean_[i];
      mean_[i] += share * before;
      column[i] = w[i] - mean_[i];
      squares_[i] += before * column[i];
    }
  }

  void archive(gapbench::State& state) {
    state.field("taken", taken_);
    state.field("mean", mean_);
    state.field("squares", squares_);
    state.field("columns", columns_);
  }

  void draw(std::size_t k, gapbench::Random random, std::span<float> w) const override {
    if (!is_ready()) throw gapbench::Error("swag", "has no draws before its second iterate");
    gapbench::Random numbers = random.at("draw", k);
    numbers.normals(w);
    const auto n = static_cast<double>(taken_);
    for (std::size_t i = 0; i < w.size(); ++i) {
      w[i] = mean_[i] + static_cast<float>(std::sqrt(squares_[i] / (2 * n))) * w[i];
    }
    const std::size_t columns = columns_kept();
    std::vector<float> weights(columns);
    numbers.normals(weights);
    const double scale = 1 / std::sqrt(2 * static_cast<double>(columns - 1));
    for (std::size_t c = 0; c < columns; ++c) {
      const auto weight = static_cast<float>(scale * weights[c]);
      const std::span<const float> column = column_of(c);
      for (std::size_t i = 0; i < w.size(); ++i) w[i] += weight * column[i];
    }
  }

  bool is_ready() const noexcept override { return taken_ >= 2; }
  std::uint64_t ready_after() const noexcept override { return ready_after_; }
  std::span<const float> center() const noexcept override {
    return taken_ > 0 ? std::span<const float>(mean_) : std::span<const float>();
  }
  void report(gapbench::Metrics& metrics) const override {
    metrics.add("taken", static_cast<double>(taken_), "iterates");
    metrics.add("columns", static_cast<double>(columns_kept()), "");
  }

 private:
  std::size_t columns_kept() const noexcept { return std::min<std::size_t>(taken_, rank_); }
  std::span<float> column_of(std::size_t c) {
    return std::span(columns_).subspan(c * mean_.size(), mean_.size());
  }
  std::span<const float> column_of(std::size_t c) const {
    return std::span(columns_).subspan(c * mean_.size(), mean_.size());
  }

  std::size_t rank_;
  std::uint64_t ready_after_;
  std::uint64_t taken_ = 0;
  std::vector<float> mean_;
  std::vector<float> squares_;  // sum of (w - mean)^2
  std::vector<float> columns_;  // [rank, dimension], the oldest one is written over
};

class Swag final : public gapbench::Optimizer {
 public:
  Swag(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : inner_(o.optimizer("inner", tensors)),
        burn_in_(o.count("burn_in")),
        every_(o.count("every")),
        moments_(dimension_of(tensors), o.count("rank"), burn_in_ + 2 * every_) {}

  void step(gapbench::Step& step) override {
    inner_->step(step);
    const std::uint64_t done = step.index() + 1;
    if (done > burn_in_ && (done - burn_in_) % every_ == 0) moments_.take(step.parameters());
  }

  void archive(gapbench::State& state) override {
    moments_.archive(state);
    gapbench::PrefixedState inner(state, "inner.");
    inner_->archive(inner);
  }

  gapbench::Posterior* posterior() noexcept override { return &moments_; }
  std::span<const float> evaluated() const noexcept override { return inner_->evaluated(); }

 private:
  static std::size_t dimension_of(std::span<const gapbench::TensorInfo> tensors) {
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) dimension += tensor.size;
    return dimension;
  }

  std::unique_ptr<gapbench::Optimizer> inner_;
  std::uint64_t burn_in_;
  std::uint64_t every_;
  Moments moments_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Swag>(
    {.name = "swag",
     .summary = "a Gaussian around the average of another optimizer's iterates; Maddox et al. 2019",
     .example = "inner=sgd burn_in=0 every=1"},
    options));

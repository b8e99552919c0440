// The orders of backward error analysis, out of the plugins: steps of `sgd` against the flow of the
// loss, and of the loss plus the penalty of `gradient_norm` or `implicit_sgd`.
//
// Barrett & Dherin 2021: one step of gradient descent of length h is O(h^2) from the flow of E and
// O(h^3) from that of E + (h/4) |grad E|^2. Smith et al. 2021: the mean over batch orders of the
// iterate after an epoch of m steps is O(e^2) from the flow of C, as far from that of
// C + (e/4) |grad C|^2, and O(e^3) from that of C + (e/4m) sum_k |grad C_k|^2.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "plugin/conformance/oracle.h"
#include "plugins/hand.h"
#include "plugins/product_problem.h"

namespace gapbench::test {
namespace {

using plugin::conformance::PlainMiniBatch;
using plugin::conformance::Vector;
using Pair = std::array<double, 2>;

// E(a, b) = (y - a b x)^2 / 2: the factor 1/2 goes into the data.
ProductProblem halved(std::vector<ProductProblem::Example> examples) {
  const float half = std::sqrt(0.5F);
  for (auto& e : examples) e = {half * e.x, half * e.y};
  return ProductProblem(std::move(examples));
}

double distance(const Pair& a, const Pair& b) { return std::hypot(a[0] - b[0], a[1] - b[1]); }

// The loss on some examples, its gradient asked of the oracle; one step of the plugin `sgd`.
class LossStep final : public Step {
 public:
  LossStep(const Problem& problem, std::span<float> w, std::vector<std::uint32_t> indices)
      : problem_(problem), w_(w), indices_(std::move(indices)) {}
  std::size_t dimension() const noexcept override { return w_.size(); }
  std::span<const TensorInfo> tensors() const noexcept override { return problem_.tensors(); }
  std::span<float> parameters() noexcept override { return w_; }
  std::span<const float> initial_parameters() const noexcept override { return {}; }
  double gradient(const At& at, std::span<float> out, std::span<float>) override {
    return batch(at).gradient(problem_.loss(), out);
  }
  double value(const At& at) override { return batch(at).value(problem_.loss()); }
  void hessian_vector(const At&, std::span<const float>, std::span<float>) override {}
  void mean_over(const At&, std::size_t, const MicroBatchTerm&, std::span<float>) override {}
  std::size_t micro_batches() const noexcept override { return 1; }
  void for_each_micro_batch(const At&,
                            const std::function<void(MicroBatch&, std::size_t)>&) override {}
  std::uint64_t index() const noexcept override { return 0; }
  double epoch() const noexcept override { return 0; }
  double schedule() const noexcept override { return 1; }
  std::size_t batch_size() const noexcept override { return indices_.size(); }
  std::size_t training_examples() const noexcept override { return problem_.examples(Part::train); }
  Random random(std::string_view purpose) const override { return Random(0).at(purpose); }

 private:
  plugin::conformance::PlainMicroBatch batch(const At& at) const {
    return {problem_, at.parameters.empty() ? w_ : at.parameters, indices_, Random(1)};
  }
  const Problem& problem_;
  std::span<float> w_;
  std::vector<std::uint32_t> indices_;
};

std::unique_ptr<Optimizer> sgd(double rate) {
  const Component& c = component("optimizers_sgd");
  return c.make_optimizer(options(c, "learning_rate=" + std::to_string(rate)), tensors(2));
}

// A loss on all examples plus the penalties of a regularizer plugin (none: nullptr).
class Flow {
 public:
  Flow(const Problem& problem, const Regularizer* penalty, bool on_mini_batch)
      : problem_(problem), penalty_(penalty), on_mini_batch_(on_mini_batch) {
    indices_.resize(problem.examples(Part::train));
    std::iota(indices_.begin(), indices_.end(), 0U);
  }

  // dw/dt = -grad: 40 steps of the classical Runge-Kutta method.
  Pair after(double time, Pair w) const {
    const double h = time / 40;
    for (int step = 0; step < 40; ++step) {
      const Pair k1 = slope(w);
      const Pair k2 = slope({w[0] + h / 2 * k1[0], w[1] + h / 2 * k1[1]});
      const Pair k3 = slope({w[0] + h / 2 * k2[0], w[1] + h / 2 * k2[1]});
      const Pair k4 = slope({w[0] + h * k3[0], w[1] + h * k3[1]});
      for (int i = 0; i < 2; ++i) w[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
    }
    return w;
  }

 private:
  Pair slope(const Pair& w) const {
    const Vector at{static_cast<float>(w[0]), static_cast<float>(w[1])};
    plugin::conformance::PlainMicroBatch all(problem_, at, indices_, Random(1));
    Vector g(2);
    all.gradient(problem_.loss(), g);
    if (penalty_ != nullptr && on_mini_batch_) {
      PlainMiniBatch mini_batch(problem_, at, indices_, Random(1));
      penalty_->penalize_mini_batch(mini_batch, g);
    } else if (penalty_ != nullptr) {
      penalty_->penalize_micro_batch(all, g);
    }
    return {-double{g[0]}, -double{g[1]}};
  }

  const Problem& problem_;
  const Regularizer* penalty_;
  bool on_mini_batch_;
  std::vector<std::uint32_t> indices_;
};

std::unique_ptr<Regularizer> regularizer(const std::string& name, const std::string& text) {
  const Component& c = component("regularizers_" + name);
  return c.make_regularizer(options(c, text));
}

// How the error falls when the step is halved, in powers of two.
double order(const std::vector<double>& errors) {
  return std::log2(errors[errors.size() - 2] / errors.back());
}

// Each within the rounding of f32 parameters near 3: a few 1e-7 an entry.
constexpr double rounding = 1e-6;

TEST(BackwardError, OfOneStepOfGradientDescent) {
  const ProductProblem problem = halved({{1, 0.6F}});
  const Pair start{2.8F, 3.5F};
  // The sheet's numbers, computed in double.
  const double published[2][3] = {{3.4116e-2, 9.0365e-3, 2.3287e-3},
                                  {5.8043e-3, 7.9501e-4, 1.0387e-4}};
  std::vector<double> of_loss;
  std::vector<double> of_modified;
  for (const double h : {8e-3, 4e-3, 2e-3}) {
    Vector w{2.8F, 3.5F};
    LossStep step(problem, w, {0});
    sgd(h)->step(step);
    const Pair end{w[0], w[1]};
    const auto penalty =
        regularizer("gradient_norm", "convention=smith lambda=" + std::to_string(h));
    of_loss.push_back(distance(end, Flow(problem, nullptr, false).after(h, start)));
    of_modified.push_back(distance(end, Flow(problem, penalty.get(), false).after(h, start)));
  }
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(of_loss[k], published[0][k], rounding + 1e-4 * published[0][k]) << k;
    EXPECT_NEAR(of_modified[k], published[1][k], rounding + 1e-4 * published[1][k]) << k;
  }
  EXPECT_NEAR(order(of_loss), 2, 0.1);
  EXPECT_NEAR(order(of_modified), 3, 0.1);
}

// The mean of the iterate over all 24 orders of four batches of one example.
Pair mean_after_an_epoch(const Problem& problem, double e) {
  std::vector<std::uint32_t> batches{0, 1, 2, 3};
  Pair mean{};
  do {
    Vector w{1.2F, 1.5F};
    for (const std::uint32_t k : batches) {
      LossStep step(problem, w, {k});
      sgd(e)->step(step);
    }
    for (std::size_t i = 0; i < 2; ++i) mean[i] += double{w[i]} / 24;
  } while (std::next_permutation(batches.begin(), batches.end()));
  return mean;
}

TEST(BackwardError, OfTheMeanIterateOfSgd) {
  const ProductProblem problem = halved({{1, 0.6F}, {0.7F, -0.2F}, {1.3F, 0.9F}, {-0.5F, 0.4F}});
  const Pair start{1.2F, 1.5F};
  const double published[3][3] = {{1.3241e-3, 3.5515e-4, 9.2034e-5},
                                  {2.6370e-4, 6.6271e-5, 1.6574e-5},
                                  {5.1251e-5, 7.0021e-6, 9.1558e-7}};
  std::vector<double> of_loss, of_full_batch, of_mini_batches, of_expected;
  for (const double e : {8e-3, 4e-3, 2e-3}) {
    const Pair mean = mean_after_an_epoch(problem, e);
    const std::string rate = std::to_string(e);
    const auto full = regularizer("gradient_norm", "convention=smith lambda=" + rate);
    const auto cut = regularizer("implicit_sgd", "form=mini_batch batch=1 alpha=" + rate);
    const auto expected = regularizer("implicit_sgd", "form=expected batch=1 alpha=" + rate);
    const auto error = [&](const Regularizer* penalty, bool on_mini_batch) {
      return distance(mean, Flow(problem, penalty, on_mini_batch).after(4 * e, start));
    };
    of_loss.push_back(error(nullptr, false));
    of_full_batch.push_back(error(full.get(), false));
    of_mini_batches.push_back(error(cut.get(), true));
    of_expected.push_back(error(expected.get(), true));
  }
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(of_loss[k], published[0][k], rounding + 1e-4 * published[0][k]) << k;
    EXPECT_NEAR(of_full_batch[k], published[1][k], rounding + 1e-4 * published[1][k]) << k;
    EXPECT_NEAR(of_mini_batches[k], published[2][k], rounding + 1e-4 * published[2][k]) << k;
    // With batches of one example both forms are one and the same.
    EXPECT_NEAR(of_expected[k], published[2][k], rounding + 1e-4 * published[2][k]) << k;
  }
  EXPECT_NEAR(order(of_loss), 2, 0.1);
  EXPECT_NEAR(order(of_full_batch), 2, 0.1);
  // Of the two larger steps: at 2e-3 the error, 9e-7, is near the rounding.
  of_mini_batches.pop_back();
  EXPECT_NEAR(order(of_mini_batches), 3, 0.2);
}

}  // namespace
}  // namespace gapbench::test

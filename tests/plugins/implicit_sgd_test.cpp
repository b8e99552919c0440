// implicit_sgd: by hand, and as the mean over all batches it stands for.
#include <gmock/gmock.h>

#include <cmath>

#include "plugin/conformance/oracle.h"
#include "plugin/conformance/reference.h"
#include "plugins/hand.h"
#include "plugins/product_problem.h"

namespace gapbench::test {
namespace {

using plugin::conformance::distance;
using plugin::conformance::norm;
using plugin::conformance::PlainMicroBatch;
using plugin::conformance::PlainMiniBatch;
using plugin::conformance::Reference;
using plugin::conformance::Vector;

struct Answer {
  double value = 0;
  Vector gradient;
};

Answer penalize(const std::string& text, MiniBatch& m) {
  const Component& c = component("regularizers_implicit_sgd");
  const auto regularizer = c.make_regularizer(options(c, text));
  Answer answer{0, Vector(m.dimension())};
  answer.value = regularizer->penalize_mini_batch(m, answer.gradient);
  EXPECT_NEAR(regularizer->penalize_mini_batch(m, {}), answer.value, 1e-12 * answer.value);
  return answer;
}

// Examples (x, y) = (1, 0), (1, 1), (1, 2) at (a, b) = (1, 2): z = 2, residuals 2, 1, 0, gradients
// 2 r (b, a) = (8, 4), (4, 2), (0, 0); |g_i|^2 = 80, 20, 0; g = (4, 2), |g|^2 = 20.
class ImplicitSgd : public ::testing::Test {
 protected:
  ProductProblem problem_{{{1, 0}, {1, 1}, {1, 2}}};
  Vector w_{1, 2};
  PlainMiniBatch m_{problem_, w_, {0, 1, 2}, Random(1)};
};

TEST_F(ImplicitSgd, ExpectedFormByHand) {
  // tr C = (80 + 20 + 0)/3 - 20 = 40/3; B = 2: kappa = 1/2, so 20 + 1/2 * 40/3 / 2 = 70/3.
  EXPECT_DOUBLE_EQ(penalize("alpha=0.8 batch=2", m_).value, 0.2 * 70 / 3);
  // B = 1: 20 + 40/3, the mean of |g_i|^2. B = 3 and above: one batch, 20.
  EXPECT_DOUBLE_EQ(penalize("alpha=0.8 batch=1", m_).value, 0.2 * 100 / 3);
  EXPECT_DOUBLE_EQ(penalize("alpha=0.8 batch=3", m_).value, 0.2 * 20);
  EXPECT_DOUBLE_EQ(penalize("alpha=0.8 batch=99", m_).value, 0.2 * 20);
}

TEST_F(ImplicitSgd, MiniBatchFormByHand) {
  // Batches {1, 2} and {3}: gradients (6, 3) and (0, 0), so 2/3 * 45.
  EXPECT_DOUBLE_EQ(penalize("alpha=0.8 batch=2 form=mini_batch", m_).value, 0.2 * 30);
  EXPECT_DOUBLE_EQ(penalize("alpha=0.8 batch=3 form=mini_batch", m_).value, 0.2 * 20);
}

TEST_F(ImplicitSgd, ActsOnTheMiniBatchOnly) {
  EXPECT_EQ(component("regularizers_implicit_sgd").hooks, std::uint32_t{hook_mini_batch});
}

class HalfSchedule final : public MiniBatch {
 public:
  explicit HalfSchedule(PlainMiniBatch& m) : m_(m) {}
  std::size_t size() const noexcept override { return m_.size(); }
  std::size_t dimension() const noexcept override { return m_.dimension(); }
  std::size_t training_examples() const noexcept override { return m_.training_examples(); }
  Parameters parameters() const noexcept override { return m_.parameters(); }
  double schedule() const noexcept override { return 0.5; }
  double mean_over(std::size_t n, const MicroBatchPenalty& f, std::span<float> g) override {
    return m_.mean_over(n, f, g);
  }
  Random random(std::string_view purpose) const override { return m_.random(purpose); }

 private:
  PlainMiniBatch& m_;
};

TEST_F(ImplicitSgd, AlphaMayFollowTheSchedule) {
  HalfSchedule half(m_);
  EXPECT_DOUBLE_EQ(penalize("alpha=0.8 batch=3", half).value, 0.2 * 20);
  EXPECT_DOUBLE_EQ(penalize("alpha=0.8 batch=3 schedule=learning_rate", half).value, 0.1 * 20);
}

// alpha/4 E |g_B|^2 over the 15 pairs of 6 examples, value and gradient; each pair with the
// regularizer gradient_norm in its own convention of alpha/4.
TEST(ImplicitSgdOnANetwork, IsTheMeanOverAllBatches) {
  const Reference problem;
  Vector w(39);
  problem.initialize(Random(5), w);
  std::vector<std::uint32_t> all{4, 8, 15, 16, 23, 42};
  PlainMiniBatch m(problem, w, all, Random(1));
  const Answer r = penalize("alpha=0.4 batch=2", m);
  const Component& c = component("regularizers_gradient_norm");
  const auto pair = c.make_regularizer(options(c, "lambda=0.4 convention=smith"));
  double value = 0;
  Vector gradient(39);
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      PlainMicroBatch two(problem, w, {all[i], all[j]}, Random(1));
      value += pair->penalize_micro_batch(two, gradient) / 15;
    }
  }
  for (float& x : gradient) x /= 15;
  EXPECT_NEAR(r.value, value, 1e-6 * value);
  EXPECT_LT(distance(r.gradient, gradient), 1e-5 * norm(gradient));  // f32 sums
}

}  // namespace
}  // namespace gapbench::test

#include "train/oracle.h"

#include <gtest/gtest.h>

#include "train/line_problem.h"

namespace gapbench::train {
namespace {

using gapbench::testing::LineProblem;

class OracleTest : public ::testing::Test {
 protected:
  OracleTest() { point_.assign(w_); }
  OracleMicroBatch ask() { return {slot_, problem_, point_, examples_, Mode::training, Random(1)}; }

  // z = (1*3, 2*3) = (3, 6), targets (1, 2): residuals 2, 4.
  LineProblem problem_{{{{1}, 1}, {{2}, 2}}, {{{1}, 1}}};
  std::vector<float> w_{3};
  Point point_;
  std::vector<std::uint32_t> indices_{0, 1};
  Examples examples_{Part::train, indices_};
  Slot slot_{problem_, 1, 1};  // smaller than the micro-batch: it must grow
  std::vector<float> out_ = std::vector<float>(1);
};

TEST_F(OracleTest, ValueAndGradientByHand) {
  OracleMicroBatch m = ask();
  EXPECT_EQ(m.value(m.loss()), 10);  // (4 + 16) / 2
  EXPECT_EQ(m.gradient(m.loss(), out_), 10);
  EXPECT_EQ(out_[0], 10);  // (2*2*1 + 2*4*2) / 2
  EXPECT_EQ(slot_.counts.forward, 2);
  EXPECT_EQ(slot_.counts.backward, 2);
}

TEST_F(OracleTest, HessianVectorByHandSharesTheGradient) {
  OracleMicroBatch m = ask();
  m.gradient(m.loss(), out_);
  const std::vector<float> v{2};
  m.hessian_vector(m.loss(), v, out_);
  EXPECT_EQ(out_[0], 10);  // H = (2*1 + 2*4) / 2 = 5
  EXPECT_EQ(slot_.counts.forward, 2);
  EXPECT_EQ(slot_.counts.backward, 2);
  EXPECT_EQ(slot_.counts.tangent_forward, 2);
  EXPECT_EQ(slot_.counts.tangent_backward, 2);
}

TEST_F(OracleTest, AnotherHeadAtTheSameAddressIsAnotherQuestion) {
  OracleMicroBatch m = ask();
  std::vector<float> direction{1};
  const Projection head(direction);
  EXPECT_EQ(m.gradient(head, out_), 4.5);
  EXPECT_EQ(out_[0], 1.5);
  direction[0] = 2;
  const std::vector<float> v{1};
  m.hessian_vector(head, v, out_);
  EXPECT_EQ(out_[0], 0);
  EXPECT_EQ(slot_.counts.backward, 4);
}

TEST_F(OracleTest, JacobianProducts) {
  OracleMicroBatch m = ask();
  std::vector<float> tangent(2);
  const std::vector<float> v{3};
  m.jacobian_vector(v, tangent);
  EXPECT_EQ(tangent, (std::vector<float>{3, 6}));
  const std::vector<float> u{5, 7};
  m.vector_jacobian(u, out_);
  EXPECT_EQ(out_[0], 19);
}

TEST(Flops, WeighEveryPass) {
  const PassCounts counts{10, 20, 30, 40, 0};
  EXPECT_EQ(flops_of(counts, {1, 2, 3, 4}), 10 + 40 + 90 + 160);
}

}  // namespace
}  // namespace gapbench::train

#include "train/oracle.h"

#include <gtest/gtest.h>

#include "plugin/conformance/oracle.h"
#include "plugin/conformance/reference.h"
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

TEST_F(OracleTest, GradientAtAnotherPointByHand) {
  OracleMicroBatch m = ask();
  m.gradient(m.loss(), out_);
  const std::vector<float> zero{0};
  EXPECT_EQ(m.gradient_at(zero, m.loss(), out_), 2.5);  // (1 + 4) / 2
  EXPECT_EQ(out_[0], -5);                               // (2*-1*1 + 2*-2*2) / 2
  EXPECT_EQ(slot_.counts.forward, 4);
  EXPECT_EQ(slot_.counts.backward, 4);
  EXPECT_EQ(m.parameters().values[0], 3);
  // Back at w = 3, for one more forward and backward.
  EXPECT_EQ(m.gradient(m.loss(), out_), 10);
  EXPECT_EQ(out_[0], 10);
  EXPECT_EQ(slot_.counts.forward, 6);
  EXPECT_EQ(slot_.counts.backward, 6);
}

TEST_F(OracleTest, GaussNewtonByHand) {
  OracleMicroBatch m = ask();
  const std::vector<float> v{2};
  m.gauss_newton_vector(m.loss(), v, out_);
  EXPECT_EQ(out_[0], 10);  // the outputs are linear: it is the Hessian, 5
  EXPECT_EQ(slot_.counts.forward, 2);
  EXPECT_EQ(slot_.counts.backward, 2);
  EXPECT_EQ(slot_.counts.tangent_forward, 2);
  EXPECT_EQ(slot_.counts.tangent_backward, 0);
}

TEST_F(OracleTest, ExampleGradientNormsByHand) {
  OracleMicroBatch m = ask();
  m.outputs();
  std::vector<double> norms(2);
  m.example_gradient_norms(m.loss(), norms);
  EXPECT_EQ(norms, (std::vector<double>{16, 256}));  // (2*2*1)^2, (2*4*2)^2
  EXPECT_EQ(slot_.counts.forward, 4);
  EXPECT_EQ(slot_.counts.backward, 2);
  m.gradient(m.loss(), out_);  // the activations are still there
  EXPECT_EQ(slot_.counts.forward, 4);
}

TEST_F(OracleTest, AGradientThatMayBeAskedAgainIsKept) {
  OracleMicroBatch m(slot_, problem_, point_, examples_, Mode::training, Random(1),
                     {.repeats_gradient = true});
  m.gradient(m.loss(), out_);
  out_[0] = 99;  // what the caller does with it is his
  std::vector<float> again(1);
  EXPECT_EQ(m.gradient(m.loss(), again), 10);
  EXPECT_EQ(again[0], 10);
  EXPECT_EQ(slot_.counts.backward, 2);
  const std::vector<float> direction{1};
  m.gradient(Projection(direction), again);
  EXPECT_EQ(again[0], 1.5);
  EXPECT_EQ(slot_.counts.backward, 4);
  m.gradient(m.loss(), again);
  m.hessian_vector(Projection(direction), direction, again);  // its backward is not of the loss
  m.gradient(Projection(direction), again);
  EXPECT_EQ(again[0], 1.5);
  m.gauss_newton_vector(m.loss(), direction, again);
  m.gradient(Projection(direction), again);
  EXPECT_EQ(again[0], 1.5);
}

// Every question once, on a network with a hidden layer.
std::vector<double> all_answers(MicroBatch& m) {
  std::vector<double> all;
  std::vector<float> out(m.dimension());
  std::vector<float> v(m.dimension());
  Random(3).normal(v);
  const auto keep = [&](double value) {
    all.push_back(value);
    all.insert(all.end(), out.begin(), out.end());
  };
  const CrossEntropy fisher(m.sampled_labels("x"));
  keep(m.gradient(fisher, out));
  keep(m.gradient(m.loss(), out));
  m.hessian_vector(fisher, v, out);
  keep(m.value(fisher));
  m.gauss_newton_vector(m.loss(), v, out);
  keep(0);
  keep(m.gradient_at(v, fisher, out));
  std::vector<float> a(36), g(16);
  m.kronecker_factors(fisher, 0, a, g);
  all.insert(all.end(), a.begin(), a.end());
  all.insert(all.end(), g.begin(), g.end());
  m.kronecker_factors(m.loss(), 1, std::span(a).first(25), std::span(g).first(9));
  all.insert(all.end(), a.begin(), a.begin() + 25);
  all.insert(all.end(), g.begin(), g.begin() + 9);
  std::vector<double> norms(m.size());
  m.example_gradient_norms(fisher, norms);
  all.insert(all.end(), norms.begin(), norms.end());
  std::vector<float> tangent(m.outputs().values.size());
  m.jacobian_vector(v, tangent);
  all.insert(all.end(), tangent.begin(), tangent.end());
  m.vector_jacobian(tangent, out);
  keep(0);
  return all;
}

TEST(Oracle, GivesThePlainOraclesAnswers) {
  const plugin::conformance::Reference problem;
  std::vector<float> w(problem.tensors().back().offset + problem.tensors().back().size);
  problem.initialize(Random(2), w);
  const std::vector<std::uint32_t> indices{5, 9, 2, 70, 3};
  plugin::conformance::PlainMicroBatch plain(problem, w, indices, Random(1));
  Slot slot(problem, w.size(), 5);
  Point point;
  point.assign(w);
  const Examples examples{Part::train, indices};
  for (const bool repeats : {false, true}) {
    OracleMicroBatch ours(slot, problem, point, examples, Mode::training, Random(1),
                          {.repeats_gradient = repeats});
    EXPECT_EQ(all_answers(ours), all_answers(plain));
  }
}

TEST(Flops, WeighEveryPass) {
  const PassCounts counts{10, 20, 30, 40, 0};
  EXPECT_EQ(flops_of(counts, {1, 2, 3, 4}), 10 + 40 + 90 + 160);
}

}  // namespace
}  // namespace gapbench::train

// The contract check of problems: the reference problem holds to it, a problem that breaks one pass
// does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "gapbench/error.h"
#include "plugin/conformance/checks.h"
#include "plugin/conformance/oracle.h"
#include "plugin/conformance/reference.h"

namespace gapbench::plugin::conformance {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

enum class Fault {
  none,
  gap_between_tensors,
  wrong_shape,
  no_test_part,
  no_flops,
  unwritten_start,
  backward_scaled,
  backward_adds,
  backward_misses_bias,
  tangent_scaled,
  curvature_dropped,
  overwrites_outputs,
  wrong_width,
  norms_doubled,
  factors_too_wide,
};

// The reference problem's passes with one fault.
class FaultyPasses final : public Passes {
 public:
  FaultyPasses(Fault fault, std::unique_ptr<Passes> right)
      : fault_(fault), right_(std::move(right)) {}

  Outputs forward(const Point& w, const Examples& examples, Mode mode) override {
    Outputs z = right_->forward(w, examples, mode);
    z_.assign(z.values.begin(), z.values.end());
    z.values = z_;
    if (fault_ == Fault::wrong_width) --z.width;
    return z;
  }
  void backward(std::span<const float> cotangent, std::span<float> out) override {
    const Vector before(out.begin(), out.end());
    cotangent_.assign(cotangent.begin(), cotangent.end());
    right_->backward(cotangent, out);
    gradient_.assign(out.begin(), out.end());
    if (fault_ == Fault::backward_scaled) scale(out, 2);
    if (fault_ == Fault::backward_misses_bias) out[21] = 0;
    if (fault_ == Fault::backward_adds) {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += before[i];
    }
    if (fault_ == Fault::overwrites_outputs) scale(z_, 0);
  }
  // The plainest way that is right: one example's cotangent at a time.
  void example_norms(std::span<double> out) override {
    const std::size_t width = cotangent_.size() / out.size();
    for (std::size_t i = 0; i < out.size(); ++i) {
      Vector own(cotangent_.size());
      for (std::size_t c = i * width; c < (i + 1) * width; ++c) own[c] = cotangent_[c];
      Vector g(39);
      right_->backward(own, g);
      out[i] = dot(g, g) * (fault_ == Fault::norms_doubled ? 2 : 1);
    }
  }
  std::span<const float> tangent_forward(const Point& v) override {
    const auto t = right_->tangent_forward(v);
    tangent_.assign(t.begin(), t.end());
    if (fault_ == Fault::tangent_scaled) scale(tangent_, 2);
    return tangent_;
  }
  // Without its curvature a network's Hessian is that of Gauss and Newton: symmetric, and wrong.
  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    if (fault_ == Fault::curvature_dropped) {
      right_->backward(cotangent_tangent, out);
    } else {
      right_->tangent_backward(cotangent_tangent, out);
    }
  }

 private:
  static void scale(std::span<float> values, float factor) {
    for (float& x : values) x *= factor;
  }

  Fault fault_;
  std::unique_ptr<Passes> right_;
  Vector z_, cotangent_, gradient_, tangent_;
};

class Faulty final : public Problem {
 public:
  explicit Faulty(Fault fault) : fault_(fault) {
    tensors_.assign(right_.tensors().begin(), right_.tensors().end());
    if (fault == Fault::gap_between_tensors) ++tensors_[1].offset;
    if (fault == Fault::wrong_shape) ++tensors_[0].shape[0];
  }
  std::span<const TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t width() const noexcept override { return right_.width(); }
  std::size_t examples(Part part) const noexcept override {
    return part == Part::test && fault_ == Fault::no_test_part ? 0 : right_.examples(part);
  }
  const Head& loss() const noexcept override { return right_.loss(); }
  void initialize(Random random, std::span<float> w) const override {
    right_.initialize(random, fault_ == Fault::unwritten_start ? w.first(w.size() - 1) : w);
  }
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override {
    return std::make_unique<FaultyPasses>(fault_, right_.make_passes(capacity));
  }
  bool has_example_norms() const noexcept override {
    return fault_ == Fault::none || fault_ == Fault::norms_doubled;
  }
  std::span<const KroneckerLayer> kronecker_layers() const noexcept override {
    static constexpr KroneckerLayer wide[] = {{0, 7, 4}};
    if (fault_ == Fault::factors_too_wide) return wide;
    return right_.kronecker_layers();
  }
  PassFlops flops() const noexcept override {
    return fault_ == Fault::no_flops ? PassFlops{} : right_.flops();
  }

 private:
  Fault fault_;
  Reference right_;
  std::vector<TensorInfo> tensors_;
};

std::string failures(Fault fault) {
  Component component{};
  component.about.name = "faulty";
  component.kind = ComponentKind::problem;
  const CheckOptions options;
  Checks checks(component, options);
  check_problem_passes(Faulty(fault), checks);
  std::string names;
  for (const Check& c : checks.take()) {
    if (c.verdict == Check::Verdict::fail) names += c.name + "; ";
  }
  return names;
}

TEST(ProblemChecks, TheReferenceProblemHolds) { EXPECT_EQ(failures(Fault::none), ""); }

TEST(ProblemChecks, FindEachFaultOfShape) {
  EXPECT_EQ(failures(Fault::gap_between_tensors), "its tensors lie one after another; ");
  EXPECT_EQ(failures(Fault::wrong_shape), "its tensors lie one after another; ");
  EXPECT_EQ(failures(Fault::no_test_part), "has training and test examples; ");
  EXPECT_EQ(failures(Fault::no_flops), "counts the operations of its passes; ");
  EXPECT_EQ(failures(Fault::unwritten_start), "its start point follows from the seed; ");
  EXPECT_THAT(failures(Fault::wrong_width), HasSubstr("gathers any number of examples; "));
}

TEST(ProblemChecks, FindEachFaultyPass) {
  const char* gradient = "training: the gradient is the loss's; ";
  const char* adjoint = "evaluation: tangent and cotangent agree, <u, Jv> = <J'u, v>; ";
  const char* hessian = "training: the Hessian is the gradient's derivative; ";
  const char* repeats = "training: repeats bit for bit in any order of passes; ";
  EXPECT_THAT(failures(Fault::backward_scaled), HasSubstr(gradient));
  EXPECT_THAT(failures(Fault::backward_scaled), HasSubstr(adjoint));
  EXPECT_THAT(failures(Fault::backward_misses_bias), HasSubstr(adjoint));
  EXPECT_THAT(failures(Fault::tangent_scaled), HasSubstr(adjoint));
  EXPECT_THAT(failures(Fault::tangent_scaled), HasSubstr(hessian));
  EXPECT_THAT(failures(Fault::tangent_scaled), Not(HasSubstr(gradient)));
  EXPECT_THAT(failures(Fault::curvature_dropped), HasSubstr(hessian));
  EXPECT_THAT(failures(Fault::curvature_dropped), Not(HasSubstr("symmetric")));
  EXPECT_THAT(failures(Fault::overwrites_outputs), HasSubstr(repeats));
  EXPECT_THAT(failures(Fault::backward_adds), HasSubstr(repeats));
  EXPECT_EQ(failures(Fault::norms_doubled),
            "training: norms of examples are their gradients'; "
            "evaluation: norms of examples are their gradients'; ");
  EXPECT_EQ(failures(Fault::factors_too_wide),
            "training: its Kronecker layers are its tensors; "
            "evaluation: its Kronecker layers are its tensors; ");
}

// The mean of the cross-entropy of two examples, by hand on a network of zeros: every class has
// probability 1/3.
TEST(Oracle, AZeroNetworkKnowsNothing) {
  const Reference problem;
  const Vector zero(39);
  PlainMicroBatch batch(problem, zero, {0, 1}, Random(1));
  Vector gradient(39);
  EXPECT_NEAR(batch.gradient(batch.loss(), gradient), std::log(3.0), 1e-12);
  for (std::size_t i = 0; i < 36; ++i) EXPECT_EQ(gradient[i], 0.0F);  // all but the last bias
  const auto labels = batch.outputs().labels;
  for (std::int32_t c = 0; c < 3; ++c) {
    const double share = ((labels[0] == c) + (labels[1] == c)) / 2.0;
    EXPECT_FLOAT_EQ(gradient[36 + static_cast<std::size_t>(c)],
                    static_cast<float>(1 / 3.0 - share));
  }
}

// The mini-batch is the mean of its four micro-batches.
TEST(Oracle, AStepIsTheMeanOfItsMicroBatches) {
  const Reference problem;
  Vector w = normal_vector(39, Random(2));
  PlainStep step(problem, w, 5);
  Vector whole(39);
  const double value = step.gradient(whole);
  Vector mean(39);
  double mean_value = 0;
  std::set<std::uint64_t> draws;
  step.for_each_micro_batch([&](MicroBatch& part, std::size_t) {
    Vector g(39);
    mean_value += part.gradient(part.loss(), g) / 4;
    mean = shifted(mean, 0.25, g);
    draws.insert(part.random("label").bits());
  });
  EXPECT_EQ(draws.size(), 4U);  // each micro-batch has random numbers of its own
  EXPECT_NEAR(value, mean_value, 1e-12);
  EXPECT_LT(distance(whole, mean), 1e-6 * norm(whole));
  EXPECT_EQ(step.questions(), 2U);
  EXPECT_EQ(step.value_at(w), value);
}

TEST(Oracle, ASnapshotHasOnlySoManyExamples) {
  const Reference problem;
  const Vector w(39);
  PlainSnapshot snapshot(problem, w, w);
  std::set<std::size_t> seen;
  const auto note = [&](MicroBatch& part, std::size_t k) { seen.insert(100 * k + part.size()); };
  snapshot.for_each_micro_batch({.size = 64, .count = 2}, note);
  EXPECT_EQ(seen, (std::set<std::size_t>{64, 164}));
  EXPECT_THROW(snapshot.for_each_micro_batch({.size = 128, .count = 33}, note), Error);
  EXPECT_THROW(snapshot.for_each_micro_batch({.size = 0, .count = 1}, note), Error);
}

}  // namespace
}  // namespace gapbench::plugin::conformance

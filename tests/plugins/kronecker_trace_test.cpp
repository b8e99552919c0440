// K-FAC's trace of the Fisher information.
#include <gmock/gmock.h>

#include "gapbench/error.h"
#include "plugin/conformance/reference.h"
#include "plugins/product_problem.h"
#include "plugins/snapshots.h"

namespace gapbench::test {
namespace {

using plugin::conformance::PlainSnapshot;
using plugin::conformance::Reference;
using plugin::conformance::Vector;

// The output layer sees h = tanh(b) = (0, 0, 0, 1) and the bias's 1, so tr A = 2. With V = c = 0
// each class has probability 1/3: g has two entries 1/3 and one -2/3 whatever the label,
// tr G = 2/3. Nothing comes back to the hidden layer.
TEST(KroneckerTrace, ByHand) {
  const Reference problem;
  Vector w(39);
  w[23] = 20;  // the last hidden bias
  const auto found = measure("kronecker_trace", "micro_batch=8 count=3", problem, w, w);
  EXPECT_EQ(found.size(), 3U);
  EXPECT_NEAR(found.at("trace_output"), 4 / 3.0, 1e-6);
  EXPECT_EQ(found.at("trace_hidden"), 0);
  EXPECT_EQ(found.at("trace"), found.at("trace_output"));
}

// All g are of one length: the factors' traces are uncorrelated, as K-FAC takes them to be.
TEST(KroneckerTrace, IsTheFisherTraceWhereItsAssumptionHolds) {
  const Reference problem;
  Vector w(39);
  problem.initialize(Random(3), w);
  std::fill(w.begin() + 24, w.end(), 0.0F);
  const std::string sample = "micro_batch=8 count=3";
  const double fisher =
      measure("fisher_trace", sample + " estimate=per_example", problem, w, w).at("trace");
  const double found = measure("kronecker_trace", sample, problem, w, w).at("trace");
  EXPECT_GT(found, 1);
  EXPECT_NEAR(found, fisher, 1e-5 * found);
}

TEST(KroneckerTrace, OfOneExampleIsItsGradientsNorm) {
  const Reference problem;
  Vector w(39);
  problem.initialize(Random(3), w);
  double norm = 0;
  PlainSnapshot(problem, w, w)
      .for_each_micro_batch({.size = 1, .count = 1, .fixed = true},
                            [&](MicroBatch& m, std::size_t) {
                              const CrossEntropy head(m.sampled_labels("fisher"));
                              m.example_gradient_norms(head, std::span(&norm, 1));
                            });
  const auto found = measure("kronecker_trace", "micro_batch=1 count=1", problem, w, w);
  EXPECT_NEAR(found.at("trace"), norm, 1e-5 * norm);
  EXPECT_GT(found.at("trace_hidden"), 0);
}

TEST(KroneckerTrace, NeedsLayers) {
  const ProductProblem problem({{1, 0}, {3, 2}});
  const Vector w{1, 1};
  try {
    measure("kronecker_trace", "micro_batch=1 count=1", problem, w, w);
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), ::testing::HasSubstr("needs a problem with linear layers"));
  }
}

}  // namespace
}  // namespace gapbench::test

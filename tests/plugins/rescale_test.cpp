// rescale by hand: powers of two, so that every number is exact.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gapbench/error.h"
#include "plugin/conformance/oracle.h"
#include "plugin/conformance/reference.h"
#include "plugins/around_sgd.h"

namespace gapbench::test {
namespace {

using plugin::conformance::PlainStep;
using plugin::conformance::Reference;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Weights = std::vector<float>;

// Three layers: 2 weights and 1 bias, 1 and 1, 1 without a bias.
std::vector<TensorInfo> chain() {
  return {{"a.weight", TensorKind::weight, {1, 2}, 0, 2},
          {"a.bias", TensorKind::bias, {1}, 2, 1},
          {"b.weight", TensorKind::weight, {1, 1}, 3, 1},
          {"b.bias", TensorKind::bias, {1}, 4, 1},
          {"c.weight", TensorKind::weight, {1, 1}, 5, 1}};
}

// The gradient is -1 everywhere: sgd of rate 1 adds 1.
TEST(Rescale, MultipliesALayerWithItsBiasAndDividesTheWeightsOfTheNextOnce) {
  Weights w{1, 2, 3, 4, 5, 6};
  PencilStep f(w, 0, {-1, -1, -1, -1, -1, -1});
  const auto method = around_sgd("optimizers_rescale", "factor=4 after=2", chain());
  method->step(f);
  EXPECT_EQ(w, (Weights{2, 3, 4, 5, 6, 7}));
  method->step(f);
  EXPECT_EQ(w, (Weights{12, 16, 20, 1.5, 7, 8}));
  method->step(f);
  EXPECT_EQ(w, (Weights{13, 17, 21, 2.5, 8, 9}));
}

TEST(Rescale, OneLayerHasNothingToRescale) {
  Weights w{1, 2, 3};
  PencilStep f(w, 0, {-1, -1, -1});
  const auto layers = chain();
  around_sgd("optimizers_rescale", "factor=4 after=1", std::span(layers).first(2))->step(f);
  EXPECT_EQ(w, (Weights{2, 3, 4}));
}

TEST(Rescale, NormalizationsAreRefused) {
  auto shape = chain();
  shape[1].kind = TensorKind::scale;
  EXPECT_THAT([&] { around_sgd("optimizers_rescale", "after=1", shape); },
              ThrowsMessage<Error>(HasSubstr("norm: none")));
}

// Of tanh units.
TEST(Rescale, AFunctionThatDoesNotStayIsRefused) {
  const Reference problem;
  Weights w(39);
  problem.initialize(Random(3), w);
  PlainStep step(problem, w, 0);
  const auto method = around_sgd("optimizers_rescale", "factor=64 after=1", problem.tensors());
  EXPECT_THAT([&] { method->step(step); },
              ThrowsMessage<Error>(HasSubstr("the mean loss went from")));
}

}  // namespace
}  // namespace gapbench::test

// Laplace approximations of a small classifier: against the Gauss-Newton product, against each
// other where they must agree, and against the factors they are made of.
#include <gmock/gmock.h>

#include "gapbench/error.h"
#include "plugin/conformance/reference.h"
#include "plugins/laplace.h"

namespace gapbench::test {
namespace {

using plugin::conformance::Reference;
using plugin::conformance::Vector;
using ::testing::HasSubstr;

constexpr std::size_t parameters = 39;  // U [4, 5], b [4], V [3, 4], c [3]
constexpr std::size_t output = 24;      // where V begins
constexpr std::size_t in_output = 15;

class LaplaceNetwork : public ::testing::Test {
 protected:
  LaplaceNetwork() : w_(parameters) {
    problem_.initialize(Random(2), w_);
    // Outputs that do not depend on the input: every class has 1/3.
    flat_ = w_;
    std::fill(flat_.begin() + output, flat_.end(), 0.0F);
  }

  PlainMicroBatch everything(const Vector& w) const {
    std::vector<std::uint32_t> all(problem_.examples(Part::train));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
    return {problem_, w, all, Random(1), Mode::evaluation};
  }

  const Reference problem_;
  const double examples_ = static_cast<double>(problem_.examples(Part::train));
  Vector w_;
  Vector flat_;
};

TEST_F(LaplaceNetwork, FullIsTheGaussNewtonMatrix) {
  const auto posterior = fitted("full", "prior_variance=0.5", problem_, w_);
  const auto precision = full_precision(problem_, w_, 2);
  for (std::size_t k = 0; k < 3; ++k) {
    const double e = squared_normals(Random(3), k, 0, parameters);
    EXPECT_NEAR(squared_distance(*posterior, k, Random(3), precision, 0, parameters), e, 1e-3 * e);
  }
}

TEST_F(LaplaceNetwork, DiagonalIsTheDiagonalOfFull) {
  const auto posterior = fitted("diagonal", "prior_variance=0.5", problem_, w_);
  const auto precision = full_precision(problem_, w_, 2);
  for (std::size_t i = 0; i < parameters; ++i) {
    EXPECT_NEAR(posterior->variances()[i] * precision[i * parameters + i], 1, 1e-5) << i;
  }
}

TEST_F(LaplaceNetwork, EmpiricalDiagonalIsTheMeanOfSquares) {
  const auto posterior = fitted("diagonal", "fisher=empirical", problem_, w_);
  Vector squares(parameters);
  auto m = everything(w_);
  m.example_gradient_squares(problem_.loss(), squares);
  for (std::size_t i = 0; i < parameters; ++i) {
    EXPECT_NEAR(posterior->variances()[i] * (examples_ * squares[i] + 1), 1, 1e-5) << i;
  }
}

// One label an example in place of the expectation: within the noise of 4,096 of them.
TEST_F(LaplaceNetwork, SampledLabelsEstimateTheExactOnes) {
  const auto exact = fitted("diagonal", "", problem_, w_);
  const auto sampled = fitted("diagonal", "fisher=sampled", problem_, w_);
  double sum = 0;
  for (std::size_t i = 0; i < parameters; ++i) {
    const double ratio = exact->variances()[i] / sampled->variances()[i];
    EXPECT_NEAR(ratio, 1, 0.15) << i;
    EXPECT_NE(ratio, 1) << i;
    sum += ratio / parameters;
  }
  EXPECT_NEAR(sum, 1, 0.03);
}

// A (x) G of the factors over all examples, in the layer's own order: weights row by row, then
// biases.
TEST_F(LaplaceNetwork, KroneckerIsItsFactorsProduct) {
  const auto posterior = fitted("kronecker", "prior_variance=0.5", problem_, w_);
  auto m = everything(w_);
  for (std::size_t l = 0; l < 2; ++l) {
    const KroneckerLayer& layer = problem_.kronecker_layers()[l];
    const std::size_t in = layer.inputs;
    const std::size_t out = layer.outputs;
    Vector a(in * in);
    Vector g(out * out);
    Vector sum(out * out);
    for (std::size_t c = 0; c < 3; ++c) {
      m.kronecker_factors(FisherRoot(problem_.loss(), c), l, a, g);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += g[i];
    }
    const std::size_t n = in * out;
    const auto place = [&](std::size_t i, std::size_t j) {
      return j + 1 < in ? i * (in - 1) + j : out * (in - 1) + i;
    };
    std::vector<double> precision(n * n);
    for (std::size_t i = 0; i < out; ++i) {
      for (std::size_t j = 0; j < in; ++j) {
        for (std::size_t i2 = 0; i2 < out; ++i2) {
          for (std::size_t j2 = 0; j2 < in; ++j2) {
            precision[place(i, j) * n + place(i2, j2)] =
                examples_ * sum[i * out + i2] * a[j * in + j2];
          }
        }
      }
    }
    for (std::size_t p = 0; p < n; ++p) precision[p * n + p] += 2;
    const std::size_t first = problem_.tensors()[layer.tensor].offset;
    for (std::size_t k = 0; k < 2; ++k) {
      const double e = squared_normals(Random(3), k, l, n);
      EXPECT_NEAR(squared_distance(*posterior, k, Random(3), precision, first, n), e, 1e-3 * e)
          << l;
    }
  }
}

// With outputs that are all 0 the softmax's Fisher is the same for all examples and nothing comes
// back to the hidden layer: K-FAC's assumption holds, and all three are one.
TEST_F(LaplaceNetwork, KroneckerAndFullAgreeWhereTheyMust) {
  const auto full = fitted("full", "prior_variance=0.5", problem_, flat_);
  const auto kronecker = fitted("kronecker", "prior_variance=0.5", problem_, flat_);
  EXPECT_NEAR(*kronecker->log_evidence(), *full->log_evidence(), 1e-3);
  EXPECT_NEAR(kronecker->divergence()->nats, full->divergence()->nats, 1e-3);
  EXPECT_NEAR(reported(*kronecker).at("effective_parameters"),
              reported(*full).at("effective_parameters"), 1e-4);
  const auto precision = full_precision(problem_, flat_, 2);
  const double e = squared_normals(Random(3), 0, 0, 24) + squared_normals(Random(3), 0, 1, 15);
  EXPECT_NEAR(squared_distance(*kronecker, 0, Random(3), precision, 0, parameters), e, 1e-3 * e);
  // Elsewhere they do not.
  EXPECT_GT(std::abs(*fitted("kronecker", "", problem_, w_)->log_evidence() -
                     *fitted("full", "", problem_, w_)->log_evidence()),
            0.05);
}

TEST_F(LaplaceNetwork, LastLayerLeavesTheOthersWhereTheyAre) {
  const auto all = full_precision(problem_, w_, 2);
  std::vector<double> precision(in_output * in_output);
  for (std::size_t i = 0; i < in_output; ++i) {
    for (std::size_t j = 0; j < in_output; ++j) {
      precision[i * in_output + j] = all[(output + i) * parameters + output + j];
    }
  }
  const auto posterior = fitted("last_layer", "prior_variance=0.5 structure=full", problem_, w_);
  const double e = squared_normals(Random(3), 4, 0, in_output);
  EXPECT_NEAR(squared_distance(*posterior, 4, Random(3), precision, output, in_output), e,
              1e-3 * e);
  Vector w(parameters);
  posterior->draw(4, Random(3), w);
  EXPECT_TRUE(std::equal(w.begin(), w.begin() + output, w_.begin()));
  EXPECT_EQ(reported(*posterior).at("parameters"), 15);
  EXPECT_EQ(reported(*posterior).at("parameters_left_out"), 24);
  EXPECT_FALSE(posterior->divergence()) << "a point has none";

  const auto at_flat = [&](const char* text) {
    return *fitted("last_layer", text, problem_, flat_)->log_evidence();
  };
  EXPECT_NEAR(at_flat("structure=kronecker"), at_flat("structure=full"), 1e-3);
}

TEST_F(LaplaceNetwork, LeavesOutLayersThatAreTooLarge) {
  // Factors of 6 and 4 rows, and of 5 and 3.
  const auto posterior = fitted("kronecker", "largest=5", problem_, w_);
  EXPECT_EQ(reported(*posterior).at("parameters_left_out"), 24);
  EXPECT_EQ(posterior->prediction(), Posterior::Prediction::linearized);
  EXPECT_EQ(fitted("kronecker", "prediction=network", problem_, w_)->prediction(),
            Posterior::Prediction::network);
  try {
    fitted("kronecker", "largest=4", problem_, w_);
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("laplace_kronecker.largest: leaves no layer"));
  }
  try {
    fitted("last_layer", "structure=full largest=14", problem_, w_);
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("structure: kronecker takes it"));
  }
  EXPECT_THROW(fitted("full", "noise=evidence", problem_, w_), Error) << "a classification";
}

// The prior that the evidence chooses: any other has less.
TEST_F(LaplaceNetwork, PriorOfTheHighestEvidence) {
  for (const char* structure : {"full", "kronecker", "diagonal", "last_layer"}) {
    const auto best = fitted(structure, "prior=evidence", problem_, w_);
    const double variance = reported(*best).at("prior_variance");
    for (const double factor : {0.5, 0.9, 1.1, 2.0}) {
      const std::string other = "prior_variance=" + std::to_string(factor * variance);
      EXPECT_LT(*fitted(structure, other, problem_, w_)->log_evidence(), *best->log_evidence())
          << structure << " " << factor;
    }
  }
}

}  // namespace
}  // namespace gapbench::test

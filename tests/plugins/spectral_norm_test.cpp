// spectral_norm by hand.
#include <gtest/gtest.h>

#include <Eigen/SVD>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Vector = std::vector<float>;

struct Answer {
  double value;
  Vector gradient;
};

Answer penalize(const std::string& text, const Vector& w, std::vector<std::size_t> shape) {
  const Component& c = component("regularizers_spectral_norm");
  const std::size_t size = w.size() - 1;
  const std::vector<TensorInfo> tensors{{"weight", TensorKind::weight, std::move(shape), 0, size},
                                        {"bias", TensorKind::bias, {1}, size, 1}};
  const auto regularizer = c.make_regularizer(options(c, text));
  Answer answer{0, Vector(w.size(), 10)};
  answer.value = regularizer->penalize_parameters({w, tensors}, answer.gradient);
  EXPECT_EQ(regularizer->penalize_parameters({w, tensors}, {}), answer.value);
  return answer;
}

TEST(SpectralNorm, OfADiagonalMatrix) {
  const Answer a = penalize("lambda=0.5", {3, 0, 0, 4, 7}, {2, 1, 1, 2});
  EXPECT_EQ(a.value, 4);  // 16 / 4
  EXPECT_EQ(a.gradient, (Vector{10, 10, 10, 12, 10}));
}

// Singular values 3 and 1; u = v = (1, 1) / sqrt 2.
TEST(SpectralNorm, FindsTheDirection) {
  const Answer a = penalize("lambda=2", {2, 1, 1, 2, 7}, {2, 2});
  EXPECT_NEAR(a.value, 9, 1e-6);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(a.gradient[i], 13, 1e-3) << i;
  EXPECT_EQ(a.gradient[4], 10);
}

TEST(SpectralNorm, OfNothingIsNothing) {
  const Answer a = penalize("lambda=2", {0, 0, 0, 0, 7}, {2, 2});
  EXPECT_EQ(a.value, 0);
  EXPECT_EQ(a.gradient, Vector(5, 10));
}

TEST(SpectralNorm, AgreesWithADecomposition) {
  Vector w(61);
  Random(3).normal(w);
  const Eigen::Map<const Eigen::Matrix<float, 5, 12, Eigen::RowMajor>> matrix(w.data());
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(matrix.cast<double>(),
                                              Eigen::ComputeThinU | Eigen::ComputeThinV);
  const double sigma = svd.singularValues()[0];
  const Eigen::MatrixXd slope = sigma * svd.matrixU().col(0) * svd.matrixV().col(0).transpose();
  const Answer a = penalize("lambda=1 iterations=1000", w, {5, 3, 2, 2});
  EXPECT_NEAR(a.value, sigma * sigma / 2, 1e-6 * sigma * sigma);
  for (int i = 0; i < 60; ++i) {
    EXPECT_NEAR(a.gradient[std::size_t(i)] - 10, slope(i / 12, i % 12), 1e-3) << i;
  }
}

}  // namespace
}  // namespace gapbench::test

// Heads: pencil numbers, and derivatives against differences.
#include "gapbench/head.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "gapbench/error.h"
#include "gapbench/random.h"

namespace gapbench {
namespace {

using Vector = std::vector<float>;
using Labels = std::vector<std::int32_t>;

Outputs outputs(const Vector& values, std::size_t width, const Labels& labels,
                const Vector& targets = {}) {
  return {values.size() / width, width, values, labels, targets};
}

TEST(CrossEntropyHead, EqualLogitsByHand) {
  const Vector z{0, 0, 0, 0};
  const Labels labels{1};
  Vector cotangent(4);
  EXPECT_DOUBLE_EQ(CrossEntropy().value(outputs(z, 4, labels), cotangent), std::log(4.0));
  EXPECT_EQ(cotangent, (Vector{0.25F, -0.75F, 0.25F, 0.25F}));
  Vector curved(4);
  CrossEntropy().curvature(outputs(z, 4, labels), Vector{4, 0, 0, 0}, curved);
  EXPECT_EQ(curved, (Vector{0.75F, -0.25F, -0.25F, -0.25F}));  // p (t - p.t)
}

TEST(CrossEntropyHead, IsTheMeanOverExamples) {
  const Vector z{0, 0, 0, 0};
  const Labels labels{0, 1};
  Vector cotangent(4);
  EXPECT_DOUBLE_EQ(CrossEntropy().value(outputs(z, 2, labels), cotangent), std::log(2.0));
  EXPECT_EQ(cotangent, (Vector{-0.25F, 0.25F, 0.25F, -0.25F}));
}

// z is the second half of what the labels are of.
TEST(CrossEntropyHead, GivenLabelsBeginAtThePlaceOfTheFirstExample) {
  const Vector z{0, 0};
  const Labels own{0}, sampled{0, 1, 0};
  Vector cotangent(2);
  Outputs part = outputs(z, 2, own);
  part.first = 1;
  CrossEntropy(sampled).value(part, cotangent);
  EXPECT_EQ(cotangent, (Vector{0.5F, -0.5F}));
}

// Frequencies within 4 standard deviations, sqrt(p (1-p) / 20000) < 0.0036.
TEST(SampledLabels, FollowTheSoftmax) {
  Vector z;
  for (int i = 0; i < 20000; ++i) z.insert(z.end(), {0, std::log(2.0F), -INFINITY, std::log(5.0F)});
  Labels labels(20000);
  Labels sampled(20000);
  sample_labels(outputs(z, 4, labels), Random(1), sampled);
  double count[4] = {};
  for (const std::int32_t label : sampled) count[label] += 1.0 / 20000;
  EXPECT_NEAR(count[0], 1.0 / 8, 0.0144);
  EXPECT_NEAR(count[1], 2.0 / 8, 0.0144);
  EXPECT_EQ(count[2], 0);
  EXPECT_NEAR(count[3], 5.0 / 8, 0.0144);
  Labels again(20000);
  sample_labels(outputs(z, 4, labels), Random(1), again);
  EXPECT_EQ(sampled, again);
}

TEST(SampledLabels, NeedAClassification) {
  const Vector z{0, 0}, targets{1, 2};
  Labels sampled(1);
  EXPECT_THROW(sample_labels(outputs(z, 2, {}, targets), Random(1), sampled), Error);
}

TEST(CrossEntropyHead, GivenLabelsComeBeforeTheOutputs) {
  const Vector z{0, 0};
  const Labels own{0}, sampled{1};
  Vector cotangent(2);
  CrossEntropy(sampled).value(outputs(z, 2, own), cotangent);
  EXPECT_EQ(cotangent, (Vector{0.5F, -0.5F}));
}

TEST(CrossEntropyHead, LargeLogitsDoNotOverflow) {
  const Vector z{1e30F, 0, -1e30F};
  const Labels right{0}, wrong{1};
  Vector cotangent(3);
  EXPECT_EQ(CrossEntropy().value(outputs(z, 3, right), cotangent), 0);
  EXPECT_EQ(cotangent, (Vector{0, 0, 0}));
  EXPECT_EQ(CrossEntropy().value(outputs(z, 3, wrong), cotangent), static_cast<double>(1e30F));
  EXPECT_EQ(cotangent, (Vector{1, -1, 0}));
}

TEST(CrossEntropyHead, NotANumberStaysOne) {
  const Vector z{NAN, 0};
  const Labels labels{1};
  EXPECT_TRUE(std::isnan(CrossEntropy().value(outputs(z, 2, labels), {})));
}

TEST(SquaredErrorHead, TargetsByHand) {
  const Vector z{1, 2, 3, 4}, targets{0, 2, 3, 1};
  Vector cotangent(4);
  EXPECT_EQ(SquaredError().value(outputs(z, 2, {}, targets), cotangent), 5);  // (1 + 9) / 2
  EXPECT_EQ(cotangent, (Vector{1, 0, 0, 3}));
  Vector curved(4);
  SquaredError().curvature(outputs(z, 2, {}, targets), Vector{1, 2, 3, 4}, curved);
  EXPECT_EQ(curved, (Vector{1, 2, 3, 4}));  // 2 / 2 examples
}

TEST(SquaredErrorHead, LabelsAreOneHot) {
  const Vector z{1, 1, 1};
  const Labels labels{2};
  Vector cotangent(3);
  EXPECT_EQ(SquaredError().value(outputs(z, 3, labels), cotangent), 2);
  EXPECT_EQ(cotangent, (Vector{2, 2, 0}));
}

TEST(ProjectionHead, ByHand) {
  const Vector z{1, 2, 3, 4}, direction{1, -1};
  Vector cotangent(4);
  EXPECT_EQ(Projection(direction).value(outputs(z, 2, {}), cotangent), -1);  // (-1 - 1) / 2
  EXPECT_EQ(cotangent, (Vector{0.5F, -0.5F, 0.5F, -0.5F}));
  Vector curved{7, 7, 7, 7};
  Projection(direction).curvature(outputs(z, 2, {}), Vector{1, 2, 3, 4}, curved);
  EXPECT_EQ(curved, Vector(4));
}

// r = 2: (1 + 9) / 8 + 2 log 2 + log 2 pi for the first example, 4 / 8 + ... for the second.
TEST(GaussianHead, ByHand) {
  const Vector z{1, 2, 3, 4}, targets{0, 5, 3, 2};
  const double constant = 2 * std::log(2.0) + std::log(2 * M_PI);
  const Gaussian head(2);
  std::vector<double> each(2);
  head.values(outputs(z, 2, {}, targets), each);
  EXPECT_DOUBLE_EQ(each[0], 10.0 / 8 + constant);
  EXPECT_DOUBLE_EQ(each[1], 4.0 / 8 + constant);
  Vector cotangent(4);
  EXPECT_DOUBLE_EQ(head.value(outputs(z, 2, {}, targets), cotangent), 14.0 / 16 + constant);
  EXPECT_EQ(cotangent, (Vector{0.125F, -0.375F, 0, 0.25F}));  // residual / (4 * 2 examples)
  Vector column(4);
  head.fisher_root(outputs(z, 2, {}, targets), 1, column);
  EXPECT_EQ(column, (Vector{0, 0.5F, 0, 0.5F}));
  EXPECT_TRUE(head.is_likelihood());
  EXPECT_FALSE(SquaredError().is_likelihood());
  EXPECT_THROW(Gaussian(0), Error);
  EXPECT_THROW(Gaussian{INFINITY}, Error);
}

// p = (1/4, 3/4): column 0 is (1/2) (3/4, -3/4), column 1 is sqrt(3/4) (-1/4, 1/4).
TEST(CrossEntropyHead, HasARootOfItsFisher) {
  const Vector z{0, std::log(3.0F)};
  const Labels labels{0};
  Vector column(2);
  CrossEntropy().fisher_root(outputs(z, 2, labels), 0, column);
  EXPECT_NEAR(column[0], 0.375, 1e-7);
  EXPECT_NEAR(column[1], -0.375, 1e-7);
  CrossEntropy().fisher_root(outputs(z, 2, labels), 1, column);
  EXPECT_NEAR(column[1], std::sqrt(0.75) / 4, 1e-7);
  EXPECT_THROW(SquaredError().fisher_root(outputs(z, 2, labels), 0, column), Error);
}

// (1/n) sum_c R_c R_c^T t over all columns is what fisher() says.
TEST(FisherRootHead, ItsColumnsMakeTheFisher) {
  constexpr std::size_t n = 3, width = 4;
  Vector z(n * width), t(n * width), targets(n * width);
  Random(21).normal(z, 2);
  Random(22).normal(t);
  const Labels labels{0, 3, 1};
  const CrossEntropy cross_entropy;
  const Gaussian gaussian(0.5);
  for (const Head* head :
       {static_cast<const Head*>(&cross_entropy), static_cast<const Head*>(&gaussian)}) {
    const Outputs given{
        n, width, z, labels,
        head == &gaussian ? std::span<const float>(targets) : std::span<const float>()};
    Vector expected(n * width);
    head->fisher(given, t, expected);
    std::vector<double> sum(n * width);
    for (std::size_t c = 0; c < width; ++c) {
      Vector column(n * width);
      const FisherRoot root(*head, c);
      root.value(given, column);  // R_c / n
      for (std::size_t i = 0; i < n; ++i) {
        double along = 0;
        for (std::size_t d = 0; d < width; ++d) {
          along += double{column[i * width + d]} * t[i * width + d];
        }
        for (std::size_t d = 0; d < width; ++d) {
          sum[i * width + d] += double{n} * column[i * width + d] * along;
        }
      }
    }
    for (std::size_t k = 0; k < sum.size(); ++k) EXPECT_NEAR(sum[k], expected[k], 1e-6) << k;
  }
}

// Every head against central differences on random outputs: 6 examples of width 5.
class HeadDerivatives : public ::testing::TestWithParam<int> {
 protected:
  static constexpr std::size_t examples = 6, width = 5, size = examples * width;

  HeadDerivatives() {
    Random(1).normal(z_, 2);
    Random(2).normal(targets_);
    Random(3).normal(direction_);
    Random labels(4);
    for (auto& label : labels_) label = static_cast<std::int32_t>(labels.below(width));
  }
  std::unique_ptr<Head> head() const {
    if (GetParam() == 0) return std::make_unique<CrossEntropy>();
    if (GetParam() == 1) return std::make_unique<SquaredError>();
    if (GetParam() == 3) return std::make_unique<Gaussian>(0.7);
    return std::make_unique<Projection>(direction_);
  }
  Outputs at(const Vector& z) const { return {examples, width, z, labels_, targets_of_kind()}; }
  std::span<const float> targets_of_kind() const {
    return GetParam() % 2 == 1 ? std::span<const float>(targets_) : std::span<const float>();
  }
  Vector cotangent(const Vector& z) const {
    Vector out(size);
    head()->value(at(z), out);
    return out;
  }
  Vector curvature(const Vector& t) const {
    Vector out(size);
    head()->curvature(at(z_), t, out);
    return out;
  }
  Vector moved(std::size_t i, double step) const {
    Vector z = z_;
    z[i] = static_cast<float>(z[i] + step);
    return z;
  }
  static Vector random_vector(std::uint64_t seed) {
    Vector t(size);
    Random(seed).normal(t);
    return t;
  }

  Vector z_ = Vector(size);
  Vector targets_ = Vector(size);
  Vector direction_ = Vector(width);
  Labels labels_ = Labels(examples);
};

TEST_P(HeadDerivatives, TheCotangentIsTheValuesDerivative) {
  const Vector d = cotangent(z_);
  for (std::size_t i = 0; i < size; ++i) {
    const Vector up = moved(i, 1e-3), down = moved(i, -1e-3);
    const double difference = head()->value(at(up), {}) - head()->value(at(down), {});
    // The rest is the third derivative, below 1 here, times step^2 / 6, and the rounding of d.
    EXPECT_NEAR(difference / (double{up[i]} - down[i]), d[i], 1e-6) << i;
  }
}

TEST_P(HeadDerivatives, TheCurvatureIsTheCotangentsDerivative) {
  const Vector t = random_vector(5);
  const Vector curved = curvature(t);
  Vector up = z_, down = z_;
  for (std::size_t i = 0; i < size; ++i) {
    up[i] += 0.01F * t[i];
    down[i] -= 0.01F * t[i];
  }
  const Vector d_up = cotangent(up), d_down = cotangent(down);
  for (std::size_t i = 0; i < size; ++i) {
    EXPECT_NEAR((double{d_up[i]} - d_down[i]) / 0.02, curved[i], 1e-4) << i;
  }
}

TEST_P(HeadDerivatives, TheCurvatureIsSymmetric) {
  const Vector u = random_vector(6), v = random_vector(7);
  const Vector cu = curvature(u), cv = curvature(v);
  double left = 0, right = 0, scale = 0;
  for (std::size_t i = 0; i < size; ++i) {
    left += double{u[i]} * cv[i];
    right += double{v[i]} * cu[i];
    scale += std::abs(double{u[i]} * cv[i]);
  }
  EXPECT_NEAR(left, right, 1e-6 * scale);
}

TEST_P(HeadDerivatives, TheValueAloneIsTheSame) {
  Vector d(size);
  EXPECT_EQ(head()->value(at(z_), d), head()->value(at(z_), {}));
}

TEST_P(HeadDerivatives, TheValuesOfTheExamplesHaveThatMean) {
  std::vector<double> each(examples);
  head()->values(at(z_), each);
  double sum = 0;
  for (const double s : each) sum += s;
  const double mean = head()->value(at(z_), {});
  EXPECT_NEAR(sum / examples, mean, 1e-12 * std::abs(mean));
  std::vector<double> short_one(examples - 1);
  EXPECT_THROW(head()->values(at(z_), short_one), Error);
}

std::string head_name(const ::testing::TestParamInfo<int>& which) {
  constexpr const char* names[] = {"cross_entropy", "squared_error", "projection", "gaussian"};
  return names[which.param];
}

INSTANTIATE_TEST_SUITE_P(Heads, HeadDerivatives, ::testing::Values(0, 1, 2, 3), head_name);

}  // namespace
}  // namespace gapbench

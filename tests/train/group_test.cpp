// Groups: several micro-batches that stand for one give the answers of one.
#include "train/group.h"

#include <gmock/gmock.h>

#include "plugin/conformance/reference.h"

namespace gapbench::train {
namespace {

using plugin::conformance::Reference;

class GroupTest : public ::testing::Test {
 protected:
  GroupTest() {
    problem_.initialize(Random(2), w_);
    point_.assign(w_);
    for (std::uint32_t i = 0; i < 10; ++i) indices_.push_back(7 * i);
  }

  // A mini-batch of 10 examples whose trial computes `micro_batch` at a time.
  OracleMiniBatch mini_batch(std::size_t micro_batch) {
    return OracleMiniBatch(
        {problem_, team_, memory_, point_, {Part::train, indices_}, micro_batch, 0.5, Random(4)});
  }

  // Every question to one micro-batch.
  static std::vector<double> answers(MicroBatch& m) {
    std::vector<double> all;
    std::vector<float> out(m.dimension());
    std::vector<float> v(m.dimension());
    Random(3).normal(v);
    const auto keep = [&](double value) {
      all.push_back(value);
      all.insert(all.end(), out.begin(), out.end());
    };
    const std::vector<std::int32_t> labels(m.sampled_labels("x").begin(),
                                           m.sampled_labels("x").end());
    const CrossEntropy fisher(labels);
    keep(m.gradient(fisher, out));
    m.hessian_vector(fisher, v, out);
    keep(m.value(fisher));
    m.gauss_newton_vector(m.loss(), v, out);
    keep(m.outputs().labels[9]);
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
    EXPECT_EQ(m.scratch(3).size(), m.dimension());
    return all;
  }

  std::vector<double> answers_of_whole(std::size_t micro_batch) {
    std::vector<double> all;
    mini_batch(micro_batch)
        .mean_over(10,
                   [&](MicroBatch& m, std::span<float>) {
                     EXPECT_EQ(m.size(), 10U);
                     all = answers(m);
                     return 0.0;
                   },
                   {});
    return all;
  }

  Reference problem_;
  std::vector<float> w_ = std::vector<float>(39);
  Point point_;
  Team team_{problem_, 2, 39, 4};
  GroupMemory memory_;
  std::vector<std::uint32_t> indices_;
};

// Sums over parts are rounded to f32 part by part: 1e-6 of the largest entries, a few tens.
TEST_F(GroupTest, AnswersAsOneMicroBatchWould) {
  const std::vector<double> one = answers_of_whole(10);
  for (const std::size_t micro_batch : {1U, 3U, 4U, 9U}) {
    EXPECT_THAT(answers_of_whole(micro_batch),
                ::testing::Pointwise(::testing::DoubleNear(1e-4), one))
        << micro_batch;
  }
}

TEST_F(GroupTest, PaysItsForwardForEveryQuestion) {
  std::vector<float> out(39);
  mini_batch(4).mean_over(10,
                          [&](MicroBatch& m, std::span<float>) {
                            m.gradient(m.loss(), out);
                            m.hessian_vector(m.loss(), w_, out);
                            return 0.0;
                          },
                          {});
  const PassCounts counts = team_.counts();
  EXPECT_EQ(counts.forward, 20);
  EXPECT_EQ(counts.backward, 20);
  EXPECT_EQ(counts.tangent_forward, 10);
  EXPECT_EQ(counts.tangent_backward, 10);
}

TEST_F(GroupTest, CutsAMiniBatchIntoAnySize) {
  for (const std::size_t micro_batch : {1U, 4U, 10U}) {
    for (const std::size_t size : {1U, 3U, 5U, 10U, 50U}) {
      std::vector<std::size_t> sizes(10);
      std::vector<float> gradient(39, 1);
      const double mean = mini_batch(micro_batch)
                              .mean_over(
                                  size,
                                  [&](MicroBatch& m, std::span<float> g) {
                                    const auto place = m.place();
                                    EXPECT_EQ(place.count, (10 + size - 1) / size);
                                    EXPECT_EQ(place.schedule, 0.5);
                                    sizes[place.index] = m.size();
                                    EXPECT_EQ(g[0], 0) << "starts from nothing";
                                    g[0] = static_cast<float>(place.index);
                                    return static_cast<double>(m.size());
                                  },
                                  gradient);
      double expected = 0;
      float slope = 1;
      std::size_t rest = 10;
      for (std::size_t k = 0; rest > 0; ++k) {
        const std::size_t n = std::min<std::size_t>(size, rest);
        EXPECT_EQ(sizes[k], n);
        expected += static_cast<double>(n * n) / 10;
        slope += static_cast<float>(n * k) / 10;
        rest -= n;
      }
      EXPECT_NEAR(mean, expected, 1e-12);
      EXPECT_FLOAT_EQ(gradient[0], slope);
      EXPECT_EQ(gradient[1], 1);
    }
  }
}

TEST_F(GroupTest, GivesTheSameBitsOnAnyNumberOfThreads) {
  const std::vector<double> two = answers_of_whole(3);
  Team alone(problem_, 1, 39, 4);
  std::vector<double> one;
  OracleMiniBatch({problem_, alone, memory_, point_, {Part::train, indices_}, 3, 0.5, Random(4)})
      .mean_over(10,
                 [&](MicroBatch& m, std::span<float>) {
                   one = answers(m);
                   return 0.0;
                 },
                 {});
  EXPECT_EQ(one, two);
}

}  // namespace
}  // namespace gapbench::train

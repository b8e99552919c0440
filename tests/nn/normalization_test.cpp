// Batch and group normalization: four passes against a naive double-precision one, statistics.

#include <gmock/gmock.h>

#include "gapbench/error.h"
#include "nn/layer_bench.h"
#include "nn/layers/normalization/batch_norm.h"
#include "nn/layers/normalization/group_norm.h"

namespace gapbench::nn {
namespace {

using reference::Dual;
using reference::Tensor;
using testing::ElementsAre;
using testing::FloatNear;

/// From the Jacobian dn_j/dx_i = r ([i = j] - 1/m - n_i n_j / m) itself, m^2 products a group.
struct NaiveNorm final : reference::Naive {
  NaiveNorm(ImageShape norm_shape, bool over_batch, std::size_t norm_groups)
      : shape(norm_shape), batch(over_batch), groups(norm_groups) {}

  std::size_t key(std::size_t i) const {
    const std::size_t of = i % shape.channels / (shape.channels / groups);
    return batch ? of : i / shape.size() * groups + of;
  }

  /// f(the members of one group)
  template <class F>
  void for_each_group(std::size_t size, F f) const {
    std::vector<std::vector<std::size_t>> members(batch ? groups : size / shape.size() * groups);
    for (std::size_t i = 0; i < size; ++i) members[key(i)].push_back(i);
    for (const auto& group : members) f(group);
  }

  /// Returns n; rate gets r at every place.
  Tensor normal(const Tensor& x, Tensor& rate) const {
    Tensor n(x.size());
    rate.resize(x.size());
    for_each_group(x.size(), [&](const std::vector<std::size_t>& group) {
      const Dual m{static_cast<double>(group.size()), 0};
      Dual mean, variance;
      for (const std::size_t i : group) mean = mean + x[i] / m;
      for (const std::size_t i : group) variance = variance + (x[i] - mean) * (x[i] - mean) / m;
      const Dual r = Dual{1, 0} / sqrt(variance + Dual{1e-5, 0});
      for (const std::size_t i : group) {
        n[i] = (x[i] - mean) * r;
        rate[i] = r;
      }
    });
    return n;
  }

  Tensor forward(const Tensor& x, const Tensor& w) const override {
    Tensor rate;
    Tensor y = normal(x, rate);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t c = i % shape.channels;
      y[i] = y[i] * w[c] + w[shape.channels + c];
    }
    return y;
  }

  reference::Gradients backward(const Tensor& x, const Tensor& w, const Tensor& dy) const override {
    reference::Gradients g{Tensor(x.size()), Tensor(w.size())};
    Tensor rate;
    const Tensor n = normal(x, rate);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t c = i % shape.channels;
      g.parameters[c] = g.parameters[c] + dy[i] * n[i];
      g.parameters[shape.channels + c] = g.parameters[shape.channels + c] + dy[i];
    }
    for_each_group(x.size(), [&](const std::vector<std::size_t>& group) {
      const Dual m{static_cast<double>(group.size()), 0};
      for (const std::size_t i : group)
        for (const std::size_t j : group) {
          const Dual own{i == j ? 1.0 : 0.0, 0};
          const Dual slope = (own - (Dual{1, 0} + n[i] * n[j]) / m) * rate[i];
          g.input[i] = g.input[i] + dy[j] * w[j % shape.channels] * slope;
        }
    });
    return g;
  }

  ImageShape shape;
  bool batch;
  std::size_t groups;
};

struct Case {
  const char* name;
  ImageShape shape;
  std::size_t examples;
  std::size_t groups;  ///< 0: batch
};
const Case cases[] = {
    {"Batch", {3, 4, 5}, 4, 0},
    {"BatchOfRows", {1, 1, 7}, 9, 0},
    {"BatchWide", {2, 2, 300}, 2, 0},
    {"BatchLong", {12, 12, 3}, 3, 0},
    {"BatchOfPowers", {4, 4, 16}, 5, 0},
    {"OneGroup", {3, 3, 4}, 3, 1},
    {"TwoGroups", {3, 4, 6}, 3, 2},
    {"Instance", {4, 4, 3}, 2, 3},
    {"GroupsOfRows", {1, 1, 12}, 3, 4},
    {"GroupsWide", {2, 2, 320}, 2, 80},
    {"BatchInBlocks", {3, 4, 12, 4}, 3, 0},
    {"BatchInLongBlocks", {20, 20, 32, 16}, 2, 0},
    {"GroupsInBlocks", {3, 3, 12, 4}, 2, 6},
    {"GroupsOverBlocks", {3, 3, 16, 4}, 2, 2},
};

std::unique_ptr<Layer> make(const Case& c) {
  if (c.groups == 0) return make_batch_norm("norm", c.shape);
  return make_group_norm("norm", c.shape, c.groups);
}

class NormPasses : public testing::TestWithParam<Case> {};

// r is about 2 here and at most 6; the second derivatives have r^2 and a few terms.
TEST_P(NormPasses, AreClose) {
  const Case& c = GetParam();
  const auto layer = make(c);
  const NaiveNorm naive(c.shape, c.groups == 0, c.groups == 0 ? c.shape.channels : c.groups);
  const Feed feed = make_feed(*layer, c.shape.size(), c.examples, false);
  expect_passes(*layer, naive, feed, 1e-4, c.shape);
}

// Rounded inputs, the same sums: what differs is stored in bf16.
TEST_P(NormPasses, AreCloseInBf16) {
  const Case& c = GetParam();
  ImageShape shape = c.shape;
  shape.precision = Precision::bf16;
  const auto layer = make({c.name, shape, c.examples, c.groups});
  EXPECT_EQ(layer->output().precision, Precision::bf16);
  const NaiveNorm naive(shape, c.groups == 0, c.groups == 0 ? shape.channels : c.groups);
  Feed feed = make_feed(*layer, shape.size(), c.examples, false);
  for (auto* numbers : {&feed.x, &feed.moved_x, &feed.dy, &feed.moved_dy}) {
    for (float& x : *numbers) x = widen(narrow<Bf16>(x));
  }
  expect_passes(*layer, naive, feed, 1e-4, shape);
}

// In front of the first parameters nothing moves but scale and shift.
TEST_P(NormPasses, AreCloseBehindAConstantInput) {
  const Case& c = GetParam();
  const auto layer = make(c);
  const NaiveNorm naive(c.shape, c.groups == 0, c.groups == 0 ? c.shape.channels : c.groups);
  if (c.shape.planes() > 1) return;  // blocks never stand first
  Feed feed = make_feed(*layer, c.shape.size(), c.examples, false);
  feed.moved_x.assign(feed.x.size(), 0.0F);
  const auto x = dual(feed.x, feed.moved_x);
  const auto w = dual(feed.w, feed.v);
  const auto g = naive.backward(x, w, dual(feed.dy, feed.moved_dy));
  const Passed p = run(*layer, feed, false);
  expect_close("tangent", p.tangent_forward, naive.forward(x, w), &Dual::tangent, 1e-5);
  expect_close("gradient", p.gradient, g.parameters, &Dual::value, 1e-4);
  expect_close("moved gradient", p.gradient_tangent, g.parameters, &Dual::tangent, 1e-4);
}

// Far from 0 the variance must not drown in the square of the mean: x is near 1000, where floats
// are 6e-5 apart, and the deviation is 0.6.
TEST_P(NormPasses, StandFarFromZero) {
  const Case& c = GetParam();
  const auto layer = make(c);
  const NaiveNorm naive(c.shape, c.groups == 0, c.groups == 0 ? c.shape.channels : c.groups);
  Feed feed = make_feed(*layer, c.shape.size(), c.examples, false);
  for (float& x : feed.x) x += 1000;
  expect_passes(*layer, naive, feed, 2e-4, c.shape);
}

INSTANTIATE_TEST_SUITE_P(Shapes, NormPasses, testing::ValuesIn(cases),
                         [](const auto& i) { return std::string(i.param.name); });

// x = 0, 2, 4, 6 in channel 0: mean 3, variance 5, unbiased 20/3; 1, 1, 1, 1 in channel 1.
Feed pencil() {
  return {.examples = 2,
          .x = {0, 1, 2, 1, 4, 1, 6, 1},
          .moved_x = std::vector<float>(8, 1.0F),
          .w = {2, 3, 10, 20},
          .v = std::vector<float>(4),
          .dy = std::vector<float>(8, 1.0F),
          .moved_dy = std::vector<float>(8)};
}
const ImageShape pencil_shape{2, 1, 2};

TEST(BatchNorm, MeasuresMeanAndUnbiasedVariance) {
  const Passed p = run(*make_batch_norm("norm", pencil_shape), pencil());
  EXPECT_THAT(p.statistics, ElementsAre(3, 1, 20.0F / 3, 0));
  const float r = 2 / std::sqrt(5.00001F);
  EXPECT_THAT(p.forward, testing::Pointwise(FloatNear(1e-5F), {10 - 3 * r, 20.0F, 10 - r, 20.0F,
                                                               10 + r, 20.0F, 10 + 3 * r, 20.0F}));
  // A shift of every x changes nothing, and a constant dy asks for nothing.
  EXPECT_THAT(p.tangent_forward, testing::Each(FloatNear(0, 1e-6F)));
  EXPECT_THAT(p.backward, testing::Each(FloatNear(0, 1e-5F)));
  EXPECT_THAT(p.gradient, testing::Pointwise(FloatNear(1e-6F), {0.0F, 0.0F, 4.0F, 4.0F}));
}

TEST(BatchNorm, UsesRunningStatisticsInEvaluation) {
  Feed feed = pencil();
  feed.mode = Mode::evaluation;
  feed.buffers = {1, 2, 4 - 1e-5F, 0.25F - 1e-5F};  // deviations 2 and 1/2
  const auto layer = make_batch_norm("norm", pencil_shape);
  const Passed p = run(*layer, feed);
  EXPECT_THAT(p.statistics, testing::Each(0.0F)) << "nothing is measured in evaluation";
  EXPECT_THAT(p.forward, testing::Pointwise(FloatNear(1e-4F), {9, 14, 11, 14, 13, 14, 15, 14}));
  EXPECT_THAT(p.backward, testing::Pointwise(FloatNear(1e-4F), {1, 6, 1, 6, 1, 6, 1, 6}));
  EXPECT_THAT(p.tangent_forward, testing::Pointwise(FloatNear(1e-4F), {1, 6, 1, 6, 1, 6, 1, 6}));
  EXPECT_THAT(p.gradient, testing::Pointwise(FloatNear(1e-4F), {4.0F, -8.0F, 4.0F, 4.0F}));
  // d/dt of the scale's gradient is the sum of dy (x' / deviation).
  EXPECT_THAT(p.gradient_tangent, testing::Pointwise(FloatNear(1e-4F), {2.0F, 8.0F, 0.0F, 0.0F}));
  EXPECT_THAT(p.tangent_backward, testing::Each(FloatNear(0, 1e-6F)));
  // n is -0.5, 0.5 and -2, -2 in example 0, 1.5, 2.5 and -2, -2 in example 1; db is 2 and 2.
  EXPECT_THAT(p.example_norms,
              testing::Pointwise(testing::DoubleNear(1e-3), {0.0 + 16 + 8, 16.0 + 16 + 8}));
}

TEST(BatchNorm, MovesWithItsScaleInEvaluation) {
  Feed feed = pencil();
  feed.mode = Mode::evaluation;
  feed.buffers = {1, 2, 4 - 1e-5F, 0.25F - 1e-5F};
  feed.v = {1, 0, 0, 5};
  feed.moved_dy.assign(8, 3.0F);
  const Passed p = run(*make_batch_norm("norm", pencil_shape), feed);
  // y' = s' n + s x' / deviation + t', (dx)' = (s' dy + s dy') / deviation
  EXPECT_THAT(p.tangent_forward, testing::Pointwise(FloatNear(1e-4F), {0.5F, 11.0F, 1.5F, 11.0F,
                                                                       2.5F, 11.0F, 3.5F, 11.0F}));
  EXPECT_THAT(p.tangent_backward, testing::Pointwise(FloatNear(1e-4F), {3.5F, 18.0F, 3.5F, 18.0F,
                                                                        3.5F, 18.0F, 3.5F, 18.0F}));
}

TEST(BatchNorm, StartsAtMeanZeroAndVarianceOne) {
  const auto layer = make_batch_norm("norm", {2, 2, 3});
  EXPECT_THAT(layer->buffers(), ElementsAre(0, 0, 0, 1, 1, 1));
  const auto p = layer->parameters();
  ASSERT_EQ(p.size(), 2U);
  EXPECT_EQ(p[0].tensor.name, "norm.scale");
  EXPECT_EQ(p[0].tensor.kind, TensorKind::scale);
  EXPECT_EQ(p[0].start, 1);
  EXPECT_EQ(p[1].tensor.name, "norm.shift");
  EXPECT_EQ(p[1].tensor.kind, TensorKind::shift);
  EXPECT_EQ(p[1].start, 0);
  Feed feed = make_feed(*layer, 12, 2, true);
  feed.mode = Mode::evaluation;
  feed.w = {1, 1, 1, 0, 0, 0};
  const Passed passed = run(*layer, feed);
  EXPECT_THAT(passed.forward, testing::Pointwise(FloatNear(1e-4F), feed.x));
}

// One value has no spread: y is the shift, and the reported variance stays finite.
TEST(BatchNorm, TakesASingleValue) {
  const auto layer = make_batch_norm("norm", {1, 1, 2});
  const Passed p = run(*layer, {1, {7, -3}, {1, 1}, {2, 2, 5, 6}, {0, 0, 0, 0}, {1, 1}, {0, 0}});
  EXPECT_THAT(p.forward, ElementsAre(5, 6));
  EXPECT_THAT(p.statistics, ElementsAre(7, -3, 0, 0));
  EXPECT_THAT(p.backward, ElementsAre(0, 0));
}

/// The numbers of examples [first, first + count).
std::vector<float> part(const std::vector<float>& all, std::size_t size, std::size_t first,
                        std::size_t count) {
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first * size);
  return {begin, begin + static_cast<std::ptrdiff_t>(count * size)};
}

// Five examples in groups of two: as if the layer had been given two, two and one.
TEST(BatchNorm, GhostGroupsAreMicroBatchesOfTheirOwn) {
  for (const std::size_t block : {0U, 4U}) {
    const ImageShape shape{3, 2, 8, block};
    const auto ghosts = make_batch_norm("norm", shape, 2);
    const auto whole = make_batch_norm("norm", shape);
    const std::size_t size = shape.size();
    const Feed feed = make_feed(*ghosts, size, 5, false);
    const Passed all = run(*ghosts, feed);
    std::vector<double> gradient(16), curvature(16), statistics(16);
    for (const auto& [first, count] : {std::pair<std::size_t, std::size_t>{0, 2}, {2, 2}, {4, 1}}) {
      const auto cut = [&, a = first, n = count](const std::vector<float>& v) {
        return part(v, size, a, n);
      };
      const Feed group{count,  cut(feed.x),  cut(feed.moved_x), feed.w,
                       feed.v, cut(feed.dy), cut(feed.moved_dy)};
      const Passed one = run(*whole, group);
      EXPECT_EQ(cut(all.forward), one.forward);
      EXPECT_EQ(cut(all.backward), one.backward);
      EXPECT_EQ(cut(all.tangent_forward), one.tangent_forward);
      EXPECT_EQ(cut(all.tangent_backward), one.tangent_backward);
      for (std::size_t i = 0; i < 16; ++i) {
        gradient[i] += one.gradient[i];
        curvature[i] += one.gradient_tangent[i];
        statistics[i] += one.statistics[i] * static_cast<double>(count) / 5;
      }
    }
    for (std::size_t i = 0; i < 16; ++i) {
      EXPECT_NEAR(all.gradient[i], gradient[i], 1e-5);
      EXPECT_NEAR(all.gradient_tangent[i], curvature[i], 1e-4);
      EXPECT_NEAR(all.statistics[i], statistics[i], 1e-6);
    }
  }
}

TEST(BatchNorm, KeepsNan) {
  Feed feed = pencil();
  feed.x[2] = std::numeric_limits<float>::quiet_NaN();
  const Passed p = run(*make_batch_norm("norm", pencil_shape), feed);
  EXPECT_TRUE(std::isnan(p.forward[0]));
  EXPECT_FALSE(std::isnan(p.forward[1]));
}

TEST(GroupNorm, IsTheSameInBothModes) {
  const auto layer = make_group_norm("norm", {3, 3, 4}, 2);
  Feed feed = make_feed(*layer, 36, 3, false);
  const Passed training = run(*layer, feed);
  feed.mode = Mode::evaluation;
  const Passed evaluation = run(*layer, feed);
  EXPECT_EQ(training.forward, evaluation.forward);
  EXPECT_EQ(training.tangent_backward, evaluation.tangent_backward);
  EXPECT_TRUE(layer->buffers().empty());
}

TEST(GroupNorm, TreatsEveryExampleByItself) {
  const auto layer = make_group_norm("norm", {2, 2, 4}, 2);
  Feed both = make_feed(*layer, 16, 2, false);
  Feed first = both;
  first.examples = 1;
  for (auto* v : {&first.x, &first.moved_x, &first.dy, &first.moved_dy}) v->resize(16);
  const Passed together = run(*layer, both);
  const Passed alone = run(*layer, first);
  const auto head = [](std::vector<float> v) {
    v.resize(16);
    return v;
  };
  EXPECT_EQ(head(together.forward), alone.forward);
  EXPECT_EQ(head(together.tangent_backward), alone.tangent_backward);
}

TEST(GroupNorm, RefusesGroupsThatDoNotDivide) {
  try {
    make_group_norm("stem.norm", {4, 4, 6}, 4);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()),
              "stem.norm: 6 channels cannot be split into 4 groups; the number of groups must "
              "divide the channels");
  }
  EXPECT_THROW(make_group_norm("norm", {4, 4, 6}, 0), Error);
}

}  // namespace
}  // namespace gapbench::nn

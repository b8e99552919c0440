// averaged_noise: exact moments over all masks of three units, and who is asked what.
#include <gmock/gmock.h>

#include <array>
#include <cmath>

#include "gapbench/stand_in_step.h"
#include "plugins/around_sgd.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;
using ::testing::ElementsAre;

constexpr std::size_t units = 3;
constexpr std::size_t all_masks = 8;

/// s = (sum_i f_i w_i - 1)^2 / 2 under dropout of half the units: f_i is 0 or 2 by bit i of the mask
/// of the draw, 1 without noise.
class Masked final : public StandInStep {
 public:
  Masked(Step& step, std::vector<std::size_t> masks)
      : StandInStep(step), masks_(std::move(masks)) {}

  double gradient(const At& at, std::span<float> out, std::span<float>) override {
    asked.push_back(at.draw);
    const double off = miss(at);
    for (std::size_t i = 0; i < units; ++i) out[i] = static_cast<float>(off * factor(at, i));
    return off * off / 2;
  }
  double value(const At& at) override { return miss(at) * miss(at) / 2; }
  void hessian_vector(const At& at, std::span<const float> v, std::span<float> out) override {
    double along = 0;
    for (std::size_t i = 0; i < units; ++i) along += factor(at, i) * v[i];
    for (std::size_t i = 0; i < units; ++i) out[i] = static_cast<float>(along * factor(at, i));
  }
  using StandInStep::gradient;
  using StandInStep::hessian_vector;

  std::vector<std::uint64_t> asked;

 private:
  double factor(const At& at, std::size_t i) const {
    if (at.draw == At::no_noise) return 1;
    return (masks_.at(at.draw) >> i & 1U) != 0 ? 2 : 0;
  }
  double miss(const At& at) {
    double y = 0;
    for (std::size_t i = 0; i < units; ++i) y += factor(at, i) * step().parameters()[i];
    return y - 1;
  }

  std::vector<std::size_t> masks_;
};

std::unique_ptr<Optimizer> make(const std::string& text) {
  return around_sgd("optimizers_averaged_noise", text, tensors(units));
}

const Weights start{0.5F, -0.25F, 1};

/// How far a step of rate 1 goes: the gradient that the inner sgd was given.
Weights gradient_of(Optimizer& optimizer, const std::vector<std::size_t>& masks) {
  Weights w = start;
  PencilStep pencil(w, 0);
  Masked step(pencil, masks);
  optimizer.step(step);
  Weights g(units);
  for (std::size_t i = 0; i < units; ++i) g[i] = start[i] - w[i];
  return g;
}

struct Moments {
  std::array<double, units> mean{};
  std::array<double, units * units> covariance{};
};

/// Exact: over all ways to give `draws` draws one of the eight masks.
Moments moments(Optimizer& optimizer, std::size_t draws) {
  Moments m;
  std::size_t ways = 1;
  for (std::size_t d = 0; d < draws; ++d) ways *= all_masks;
  for (std::size_t way = 0; way < ways; ++way) {
    std::vector<std::size_t> masks;
    for (std::size_t d = 0, rest = way; d < draws; ++d, rest /= all_masks) {
      masks.push_back(rest % all_masks);
    }
    const Weights g = gradient_of(optimizer, masks);
    for (std::size_t i = 0; i < units; ++i) {
      m.mean[i] += double{g[i]} / static_cast<double>(ways);
      for (std::size_t j = 0; j < units; ++j) {
        m.covariance[i * units + j] += double{g[i]} * double{g[j]} / static_cast<double>(ways);
      }
    }
  }
  for (std::size_t i = 0; i < units; ++i) {
    for (std::size_t j = 0; j < units; ++j) {
      m.covariance[i * units + j] -= m.mean[i] * m.mean[j];
    }
  }
  return m;
}

void expect_moments(const Moments& m, const Moments& one, double share) {
  for (std::size_t i = 0; i < units; ++i) EXPECT_NEAR(m.mean[i], one.mean[i], 1e-5) << i;
  for (std::size_t i = 0; i < units * units; ++i) {
    EXPECT_NEAR(m.covariance[i], share * one.covariance[i], 1e-5) << i;
  }
}

TEST(AveragedNoise, DividesTheCovarianceByK) {
  const Moments one = moments(*make("k=1"), 1);
  EXPECT_GT(one.covariance[0], 0.5);
  expect_moments(moments(*make("k=2"), 2), one, 1.0 / 2);
  expect_moments(moments(*make("k=4"), 4), one, 1.0 / 4);
}

TEST(AveragedNoise, KnockInGivesItBack) {
  const Moments one = moments(*make("k=1 knock_in=true"), 1);
  expect_moments(moments(*make("k=2 knock_in=true"), 4), one, 1);
  expect_moments(moments(*make("k=3 knock_in=true"), 5), one, 1);
}

TEST(AveragedNoise, AsksUnderAsManyDraws) {
  Weights w = start;
  PencilStep pencil(w, 0);
  Masked step(pencil, {1, 2, 4, 7, 0});
  make("k=3")->step(step);
  EXPECT_THAT(step.asked, ElementsAre(0, 1, 2));
  w = start;
  Masked more(pencil, {1, 2, 4, 7, 0});
  make("k=3 knock_in=true")->step(more);
  EXPECT_THAT(more.asked, ElementsAre(0, 1, 2, 3, 4));
  w = start;
  Masked plain(pencil, {5});
  make("k=1 knock_in=true")->step(plain);
  EXPECT_THAT(plain.asked, ElementsAre(0));
}

}  // namespace
}  // namespace gapbench::test

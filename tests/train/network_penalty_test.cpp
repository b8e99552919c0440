// Penalties on micro-batch gradients of real networks: derivative against differences, groups under
// batch normalization, cost, and the same bits on any number of threads.
#include <gmock/gmock.h>

#include <cmath>
#include <numeric>
#include <utility>

#include "gapbench/gradient_penalty.h"
#include "gapbench/numeric.h"
#include "plugin/registry.h"
#include "train/objective.h"
#include "train/problems.h"

namespace gapbench::train {
namespace {

using Vector = std::vector<float>;

TrialSettings settings(const char* network) {
  TrialSettings s;
  s.data.set = {"synthetic10",
                {{"examples", std::int64_t{64}}, {"test_examples", std::int64_t{8}}}};
  s.network = {network, {}};
  return s;
}

// On the loss, or on labels sampled from the model.
class Penalized final : public Regularizer {
 public:
  Penalized(const OptionMap& options, bool sampled)
      : penalty_(Options::resolve("penalty", GradientPenalty::options, options)),
        sampled_(sampled) {}
  std::size_t micro_batch() const noexcept override { return penalty_.micro_batch(); }
  double penalize_micro_batch(MicroBatch& m, std::span<float> gradient) const override {
    if (!sampled_) return penalty_.add(m, m.loss(), gradient);
    const CrossEntropy head(m.sampled_labels("fisher"));
    return penalty_.add(m, head, gradient);
  }

 private:
  GradientPenalty penalty_;
  bool sampled_;
};

class NetworkPenalty : public ::testing::Test {
 protected:
  // lenet5 is smooth. Rectifiers are not: |g|^2 jumps where one of them switches, so that
  // differences over many examples say little about its derivative.
  explicit NetworkPenalty(const char* network = "lenet5")
      : problem_(load_problem(settings(network), plugin::Registry(), "").problem) {
    for (const TensorInfo& t : problem_->tensors()) w_.resize(t.offset + t.size);
    problem_->initialize(Random(1), w_);
    std::iota(batch_.begin(), batch_.end(), 0U);
  }

  struct Answer {
    double value;
    Vector gradient;
    PassCounts counts;
  };
  // F on 24 examples, 8 at a time, with one penalty; nothing in it: without.
  Answer objective(const OptionMap& options, bool sampled = false, std::size_t threads = 2) {
    Team team(*problem_, threads, w_.size(), 8);
    std::vector<Penalty> penalties;
    if (!options.empty()) {
      penalties.push_back({std::make_unique<Penalized>(options, sampled), hook_micro_batch});
    }
    Objective f(*problem_, team, penalties, 8, false, Random(1), w_);
    f.begin({.examples = batch_});
    Answer answer{0, Vector(w_.size()), {}};
    answer.value = f.gradient(answer.gradient);
    answer.counts = team.counts();
    return answer;
  }
  // The penalty alone, by difference.
  Answer penalty(const OptionMap& options, bool sampled = false) {
    const Answer without = objective({});
    Answer with = objective(options, sampled);
    with.value -= without.value;
    add_scaled(-1, without.gradient, with.gradient);
    return with;
  }

  static double norm(std::span<const float> v) { return std::sqrt(dot(v, v)); }
  static double distance(Vector a, std::span<const float> b) {
    add_scaled(-1, b, a);
    return norm(a);
  }

  std::unique_ptr<const Problem> problem_;
  Vector w_;
  std::vector<std::uint32_t> batch_ = std::vector<std::uint32_t>(24);
};

// Along its own gradient, where rounding weighs least.
TEST_F(NetworkPenalty, ItsGradientIsThatOfItsValueForEveryGroup) {
  for (const std::int64_t group : {0, 5, 16, 24}) {
    const OptionMap options{{"lambda", 1.0}, {"micro_batch", group}};
    const Answer here = penalty(options);
    const double length = norm(here.gradient);
    const Vector w = w_;
    const double h = 0.003 * here.value / length;  // moves the value by less than a percent
    add_scaled(h / length, here.gradient, w_);
    const double above = penalty(options).value;
    w_ = w;
    add_scaled(-h / length, here.gradient, w_);
    const double below = penalty(options).value;
    w_ = w;
    EXPECT_NEAR((above - below) / (2 * h), length, 2e-3 * length) << group;
  }
}

TEST_F(NetworkPenalty, DifferencesAgreeToTheirOrder) {
  for (const bool sampled : {false, true}) {
    const Answer exact = penalty({{"lambda", 1.0}}, sampled);
    const auto error = [&](const char* mode, double step) {
      const Answer found =
          penalty({{"lambda", 1.0}, {"hessian", std::string(mode)}, {"step", step}}, sampled);
      EXPECT_NEAR(found.value, exact.value, 1e-6 * exact.value);
      return distance(found.gradient, exact.gradient);
    };
    EXPECT_NEAR(error("forward_difference", 0.06) / error("forward_difference", 0.03), 2, 0.2);
    EXPECT_NEAR(error("central_difference", 0.2) / error("central_difference", 0.1), 4, 0.4);
    EXPECT_LT(error("central_difference", 0.01), 1e-3 * norm(exact.gradient));
  }
}

class NormalizedPenalty : public NetworkPenalty {
 protected:
  NormalizedPenalty() : NetworkPenalty("resnet8") {}
};

// R = |g|^2 with g the mean over the group's micro-batches, each normalized by itself:
// grad R = 2 mean_k H_k g.
TEST_F(NormalizedPenalty, OnAGroupIsThatOfItsMicroBatchesMean) {
  ASSERT_TRUE(problem_->couples_examples());
  batch_.resize(12);
  Team team(*problem_, 2, w_.size(), 4);
  const std::vector<Penalty> none;
  Objective loss(*problem_, team, none, 4, false, Random(1), w_);
  loss.begin({.examples = batch_});
  Vector mean(w_.size());
  Vector product(w_.size());
  loss.gradient(mean);
  loss.hessian_vector(mean, product);
  std::vector<Penalty> penalties;
  penalties.push_back({std::make_unique<Penalized>(
                           OptionMap{{"lambda", 3.0}, {"micro_batch", std::int64_t{12}}}, false),
                       hook_micro_batch});
  Objective penalized(*problem_, team, penalties, 4, false, Random(1), w_);
  penalized.begin({.examples = batch_});
  Vector gradient(w_.size());
  const double value = penalized.gradient(gradient) - loss.gradient(mean);
  EXPECT_NEAR(value, 3 * dot(mean, mean), 1e-5 * value);
  add_scaled(-1, mean, gradient);
  add_scaled(-6, product, gradient);
  EXPECT_LT(norm(gradient), 1e-5 * 6 * norm(product));
}

// Parts of 2 out of normalized groups of 4: gradients, products and J'u of the parts add up to
// those of the whole, and sampled labels are those of the part.
TEST_F(NormalizedPenalty, PartsOfANormalizedGroupAddUpToIt) {
  batch_.resize(10);
  Team team(*problem_, 2, w_.size(), 4);
  GroupMemory memory;
  const auto point = problem_->make_point();
  point->assign(w_);
  OracleMiniBatch mini_batch(
      {*problem_, team, memory, *point, {Part::train, batch_}, 4, 1, Random(1)});
  const Vector w = w_;
  const auto answer = [&](std::size_t size, int question) {
    Vector out(w_.size());
    const double value = mini_batch.mean_over(
        size,
        [&](MicroBatch& m, std::span<float> g) {
          EXPECT_LE(m.size(), size);
          EXPECT_EQ(m.outputs().labels.size(), m.size());
          EXPECT_EQ(m.sampled_labels("x").size(), m.size());
          if (question == 0) return m.gradient(m.loss(), g);
          if (question == 1) m.hessian_vector(m.loss(), w, g);
          if (question == 2) m.gauss_newton_vector(m.loss(), w, g);
          if (question == 3) return m.gradient_at(w, m.loss(), g);
          if (question == 4) {
            Vector tangent(m.outputs().values.size());
            m.jacobian_vector(w, tangent);
            for (float& t : tangent) t /= static_cast<float>(m.size());
            m.vector_jacobian(tangent, g);
          }
          return 0.0;
        },
        out);
    return std::pair(value, out);
  };
  for (int question = 0; question < 5; ++question) {
    const auto [whole, expected] = answer(4, question);
    for (const std::size_t size : {1U, 2U}) {
      const auto [value, out] = answer(size, question);
      EXPECT_NEAR(value, whole, 1e-6 * std::abs(whole)) << question;
      EXPECT_LT(distance(out, expected), 1e-5 * norm(expected)) << question << ", " << size;
    }
  }
}

TEST_F(NetworkPenalty, CostsWhatItSays) {
  const auto counts = [&](const OptionMap& o, bool sampled) {
    return objective(o, sampled).counts;
  };
  const auto expect = [](const PassCounts& c, double forward, double backward, double tangents) {
    EXPECT_EQ(c.forward, 24 * forward);
    EXPECT_EQ(c.backward, 24 * backward);
    EXPECT_EQ(c.tangent_forward, 24 * tangents);
    EXPECT_EQ(c.tangent_backward, 24 * tangents);
  };
  const std::string forward = "forward_difference";
  const std::string central = "central_difference";
  expect(counts({}, false), 1, 1, 0);
  expect(counts({{"lambda", 1.0}}, false), 1, 1, 1);
  expect(counts({{"lambda", 1.0}}, true), 1, 2, 1);
  expect(counts({{"lambda", 1.0}, {"hessian", forward}}, false), 2, 2, 0);
  expect(counts({{"lambda", 1.0}, {"hessian", central}}, true), 3, 4, 0);
  expect(counts({{"lambda", 1.0}, {"micro_batch", std::int64_t{16}}}, false), 3, 3, 1);
  const PassCounts one = counts({{"lambda", 1.0}, {"every", std::string("sampled")}}, false);
  EXPECT_EQ(one.tangent_backward, 8);
}

TEST_F(NetworkPenalty, GivesTheSameBitsOnAnyNumberOfThreads) {
  for (const std::int64_t group : {0, 16}) {
    const OptionMap options{{"lambda", 1.0}, {"micro_batch", group}};
    const Answer two = objective(options, true, 2);
    const Answer one = objective(options, true, 1);
    EXPECT_EQ(one.value, two.value);
    EXPECT_EQ(one.gradient, two.gradient);
  }
}

}  // namespace
}  // namespace gapbench::train

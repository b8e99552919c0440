// The contract of posteriors and of heads in place of the loss, with the lies that it must find; what
// is found at compile time; a step in front of another.
#include <gmock/gmock.h>

#include <cmath>

#include "gapbench/stand_in_step.h"
#include "plugin/conformance.h"
#include "plugin/conformance/oracle.h"
#include "plugin/conformance/reference.h"

namespace gapbench::plugin {
namespace {

using conformance::Reference;
using ::testing::HasSubstr;
using Vector = std::vector<float>;

std::string failures(const std::vector<Check>& checks) {
  std::string names;
  for (const Check& c : checks) {
    if (c.verdict == Check::Verdict::fail) names += c.name + "; ";
  }
  return names;
}

constexpr About about{.name = "liar", .summary = "for this test; nobody 1900", .example = ""};

enum class Lie {
  none,
  remembers_fits,
  writes_parameters,
  draws_alike,
  draws_anew,
  half_written,
  too_wide,
  negative_divergence,
  local_without_variances
};

// N(w + 1, 0.01) around where it was fitted.
template <Lie lie>
class Ball final : public Posterior {
 public:
  Ball(const Options&, std::span<const TensorInfo>) {}
  void fit(Snapshot& snapshot) override {
    const auto w = snapshot.parameters().values;
    if (lie == Lie::writes_parameters) const_cast<float&>(w[0]) += 1;
    if (lie != Lie::remembers_fits || center_.empty()) center_.assign(w.begin(), w.end());
    variances_.assign(w.size(), 0.01F);
  }
  void draw(std::size_t k, Random random, std::span<float> w) const override {
    if (lie == Lie::draws_anew) random = random.at("call", calls_++);
    random.at("draw", lie == Lie::draws_alike ? 0 : k).normals(w);
    const float deviation = lie == Lie::too_wide ? 0.12F : 0.1F;
    for (std::size_t i = 0; i < w.size(); ++i) {
      w[i] = (center_.empty() ? 0 : center_[i]) + deviation * w[i];
    }
    if (lie == Lie::half_written) w.back() = NAN;
  }
  Prediction prediction() const noexcept override {
    return lie == Lie::local_without_variances ? Prediction::local : Prediction::network;
  }
  std::span<const float> center() const noexcept override { return center_; }
  std::span<const float> variances() const noexcept override {
    if (lie == Lie::local_without_variances) return {};
    return variances_;
  }
  std::optional<Divergence> divergence() const override {
    return Divergence{lie == Lie::negative_divergence ? -1.0 : 1.0, 0};
  }

 private:
  Vector center_;
  Vector variances_;
  mutable std::uint64_t calls_ = 0;
};

template <Lie lie>
std::string found() {
  static constexpr Component component = posterior<Ball<lie>>(about);
  return failures(check_component(component));
}

TEST(PosteriorChecks, FindEachLie) {
  EXPECT_EQ(found<Lie::none>(), "");
  EXPECT_EQ(found<Lie::remembers_fits>(), "two fits at one point draw the same; ");
  EXPECT_THAT(found<Lie::writes_parameters>(), HasSubstr("fits without writing the parameters; "));
  EXPECT_THAT(found<Lie::draws_alike>(), HasSubstr("draws differ; "));
  EXPECT_THAT(found<Lie::draws_anew>(), HasSubstr("a draw repeats for its number and key; "));
  EXPECT_THAT(found<Lie::half_written>(), HasSubstr("draws are finite and whole; "));
  EXPECT_EQ(found<Lie::too_wide>(), "draws vary as its variances say; ");
  EXPECT_EQ(found<Lie::negative_divergence>(), "describes itself within its bounds; ");
  EXPECT_EQ(found<Lie::local_without_variances>(), "describes itself within its bounds; ");
}

enum class Slip { none, forgets_average, wrong_length, new_posterior };

// Descent that stands for the mean of its iterates and keeps a posterior of its own.
template <Slip slip>
class Mean final : public Optimizer {
 public:
  Mean(const Options& o, std::span<const TensorInfo> tensors)
      : posterior_(std::make_unique<Ball<Lie::none>>(o, tensors)) {
    std::size_t size = 0;
    for (const TensorInfo& tensor : tensors) size += tensor.size;
    gradient_.resize(size);
    mean_.resize(slip == Slip::wrong_length ? size - 1 : size);
  }
  void step(Step& step) override {
    step.gradient(gradient_);
    const auto rate = static_cast<float>(0.1 * step.schedule());
    for (std::size_t i = 0; i < gradient_.size(); ++i) step.parameters()[i] -= rate * gradient_[i];
    ++steps_;
    for (std::size_t i = 0; i < mean_.size(); ++i) {
      mean_[i] += (step.parameters()[i] - mean_[i]) / static_cast<float>(steps_);
    }
  }
  void archive(State& state) override {
    if (slip != Slip::forgets_average) state.field("mean", mean_);
    state.field("steps", steps_);
  }
  std::span<const float> evaluated() const noexcept override {
    return steps_ > 0 ? std::span<const float>(mean_) : std::span<const float>();
  }
  Posterior* posterior() noexcept override {
    if (slip != Slip::new_posterior) return nullptr;
    return steps_ > 3 ? posterior_.get() : nullptr;
  }

 private:
  std::unique_ptr<Posterior> posterior_;
  Vector gradient_;
  Vector mean_;
  std::uint64_t steps_ = 0;
};

template <Slip slip>
std::string mean_failures() {
  static constexpr Component component = optimizer<Mean<slip>>(about);
  static_assert(component.keeps_posterior);
  return failures(check_component(component));
}

TEST(OptimizerChecks, CoverWhatAMethodStandsFor) {
  EXPECT_EQ(mean_failures<Slip::none>(), "");
  EXPECT_EQ(mean_failures<Slip::forgets_average>(),
            "brings back what it stands for from a checkpoint; ");
  EXPECT_THAT(mean_failures<Slip::wrong_length>(), HasSubstr("evaluated() is a point; "));
  EXPECT_THAT(mean_failures<Slip::new_posterior>(), HasSubstr("posterior() is one object; "));
}

// Cross-entropy plus (1/2) |z|^2 with the curvature of both, or of the first alone.
template <bool honest>
class Damped final : public Regularizer {
 public:
  explicit Damped(const Options&) {}
  std::unique_ptr<const Head> replace_loss(const Head& loss) const override {
    return std::make_unique<Sum>(loss);
  }

 private:
  class Sum final : public Head {
   public:
    explicit Sum(const Head& loss) : loss_(loss) {}
    double value(const Outputs& z, std::span<float> cotangent) const override {
      double sum = loss_.value(z, cotangent);
      const auto n = static_cast<float>(z.examples);
      for (std::size_t i = 0; i < z.values.size(); ++i) {
        sum += z.values[i] * z.values[i] / (2 * n);
        if (!cotangent.empty()) cotangent[i] += z.values[i] / n;
      }
      return sum;
    }
    void curvature(const Outputs& z, std::span<const float> t,
                   std::span<float> out) const override {
      loss_.curvature(z, t, out);
      for (std::size_t i = 0; honest && i < t.size(); ++i) {
        out[i] += t[i] / static_cast<float>(z.examples);
      }
    }

   private:
    const Head& loss_;
  };
};

TEST(RegularizerChecks, CoverHeadsInPlaceOfTheLoss) {
  static constexpr Component honest = regularizer<Damped<true>>(about);
  static constexpr Component liar = regularizer<Damped<false>>(about);
  EXPECT_EQ(honest.hooks, std::uint32_t{hook_loss});
  EXPECT_EQ(failures(check_component(honest)), "");
  EXPECT_EQ(failures(check_component(liar)),
            "loss: the head's curvature is its gradient's derivative; ");
}

// What GAPBENCH_OVERRIDES_ refuses to compile.
struct Hides : Regularizer {
  double penalize_parameters(const Parameters&, std::span<float>) { return 0; }  // no const
};
struct Right : Regularizer {
  double penalize_parameters(const Parameters&, std::span<float>) const noexcept override {
    return 0;
  }
};
struct Inherits : Right {};

template <class T>
constexpr bool overrides = hook::Overrides<decltype(&T::penalize_parameters),
                                           decltype(&Regularizer::penalize_parameters)>::value;
static_assert(!overrides<Hides>);
static_assert(overrides<Right>);
static_assert(overrides<Inherits>);
static_assert(overrides<Regularizer>);

// All short forms of a step reach the step behind through the one that is overridden.
class Doubled final : public StandInStep {
 public:
  using StandInStep::gradient;
  using StandInStep::StandInStep;
  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override {
    asked = at;
    const double value = step().gradient(at, out, by_variance);
    for (float& g : out) g *= 2;
    return 2 * value;
  }
  At asked;
};

TEST(StandInStep, PassesOnAndLetsOverride) {
  const Reference problem;
  Vector w(39), there(39), plain(39), doubled(39);
  problem.initialize(Random(1), w);
  problem.initialize(Random(2), there);
  conformance::PlainStep behind(problem, w, 3);
  Doubled front(behind);
  Step& step = front;
  const double value = behind.gradient(plain);
  EXPECT_EQ(step.gradient(doubled), 2 * value);
  for (std::size_t i = 0; i < 39; ++i) EXPECT_EQ(doubled[i], 2 * plain[i]);
  EXPECT_EQ(step.gradient_at(there, doubled), 2 * behind.value_at(there));
  EXPECT_EQ(front.asked.parameters.data(), there.data());
  step.gradient({.draw = 5}, doubled);
  EXPECT_EQ(front.asked.draw, 5U);
  EXPECT_EQ(step.value_at(there), behind.value_at(there));
  step.hessian_vector(there, doubled);
  behind.hessian_vector(there, plain);
  EXPECT_EQ(doubled, plain);
  EXPECT_EQ(step.index(), 3U);
  EXPECT_EQ(step.random("x").bits(), behind.random("x").bits());
}

// Draws of the kit's noise, means of any length, and spans of the wrong length.
TEST(PlainStep, AnswersEverywhere) {
  const Reference problem;
  Vector w(39), g(39), again(39);
  problem.initialize(Random(1), w);
  conformance::PlainStep step(problem, w, 0);
  const double plain = step.gradient(g);
  EXPECT_EQ(step.gradient({.draw = At::no_noise}, again), plain);
  EXPECT_EQ(again, g);
  const double noisy = step.gradient({.draw = 1}, again);
  EXPECT_NE(noisy, plain);
  EXPECT_EQ(step.value({.draw = 1}), noisy);
  EXPECT_NE(step.value({.draw = 2}), noisy);
  Vector mean(40);  // the gradient, and 1 behind it
  step.mean_over(
      {}, 5,
      [](MicroBatch& m, std::size_t, std::span<float> out) {
        m.gradient(m.loss(), out.first(39));
        out[39] = 1;
      },
      mean);
  for (std::size_t i = 0; i < 39; ++i) EXPECT_NEAR(mean[i], g[i], 1e-6);
  EXPECT_FLOAT_EQ(mean[39], 1);
  Vector short_one(38);
  EXPECT_THROW(step.gradient(short_one), Error);
  EXPECT_THROW(step.value_at(short_one), Error);
  EXPECT_THROW(step.gradient({.variances = w}, g), Error);
}

}  // namespace
}  // namespace gapbench::plugin

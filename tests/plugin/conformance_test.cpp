// The contract check itself: the reference problem and oracle hold to it, and each kind of lie is
// found by the check that names it.
#include "plugin/conformance.h"
#include "paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "plugin/conformance/checks.h"
#include "plugin/conformance/oracle.h"
#include "plugin/conformance/reference.h"
#include "plugin/library.h"

namespace gapbench::plugin {
namespace {

using conformance::Vector;
using ::testing::HasSubstr;

// The names of the checks that failed.
std::string failures(const std::vector<Check>& checks) {
  std::string names;
  for (const Check& c : checks) {
    if (c.verdict == Check::Verdict::fail) names += c.name + "; ";
  }
  return names;
}

constexpr About about = {.name = "liar", .summary = "for tests; nobody 1900", .example = ""};

// Gradient descent with momentum, right unless `Lie` says otherwise.
enum class Lie {
  none,
  climbs,
  asks_nothing,
  blows_up,
  forgets_state,
  shares_state,
  archive_resets,
  ignores_schedule,
  remembers_runs
};

template <Lie lie>
class Descent final : public Optimizer {
 public:
  Descent(const Options&, std::span<const TensorInfo> tensors)
      : gradient_(tensors.back().offset + tensors.back().size), own_(gradient_.size()) {}

  void step(Step& step) override {
    static Vector shared(gradient_.size());
    static float runs = 0;
    if (lie == Lie::asks_nothing && step.index() % 3 == 2) return;
    step.gradient(gradient_);
    if (lie == Lie::remembers_runs && step.index() == 0) runs += 1e-3F;
    Vector& velocity = lie == Lie::shares_state ? shared : own_;
    const std::span<float> w = step.parameters();
    float rate = lie == Lie::climbs ? -0.1F : 0.1F + runs;
    if (lie == Lie::blows_up) rate = INFINITY;
    if (lie != Lie::ignores_schedule) rate *= static_cast<float>(step.schedule());
    for (std::size_t i = 0; i < w.size(); ++i) {
      velocity[i] = 0.5F * velocity[i] + gradient_[i];
      w[i] -= rate * velocity[i];
    }
  }
  void archive(State& state) override {
    if (lie != Lie::forgets_state) state.field("velocity", own_);
    if (lie == Lie::archive_resets) own_.assign(own_.size(), 0);
  }

 private:
  Vector gradient_;
  Vector own_;
};

template <Lie lie>
std::vector<Check> check_descent() {
  static constexpr Component component = optimizer<Descent<lie>>(about, {});
  return check_component(component);
}

TEST(OptimizerChecks, FindEachLie) {
  EXPECT_EQ(failures(check_descent<Lie::none>()), "");
  EXPECT_EQ(failures(check_descent<Lie::climbs>()), "lowers the objective within 200 steps; ");
  EXPECT_EQ(failures(check_descent<Lie::asks_nothing>()), "asks the oracle in every step; ");
  EXPECT_THAT(failures(check_descent<Lie::blows_up>()), HasSubstr("keeps the parameters finite; "));
  EXPECT_EQ(failures(check_descent<Lie::forgets_state>()),
            "continues bit for bit from a checkpoint half-way; ");
  EXPECT_THAT(failures(check_descent<Lie::shares_state>()),
              HasSubstr("shares no state between instances; "));
  EXPECT_THAT(failures(check_descent<Lie::archive_resets>()),
              HasSubstr("saves without changing anything; "));
  EXPECT_EQ(failures(check_descent<Lie::remembers_runs>()), "shares no state between instances; ");
}

TEST(OptimizerChecks, MovingAtScheduleZeroIsANote) {
  const auto notes = [](const std::vector<Check>& checks) {
    std::string names;
    for (const Check& c : checks) {
      if (c.verdict == Check::Verdict::note) names += c.name + "; ";
    }
    return names;
  };
  EXPECT_EQ(failures(check_descent<Lie::ignores_schedule>()), "");
  EXPECT_EQ(notes(check_descent<Lie::ignores_schedule>()),
            "rests where the schedule's factor is 0; ");
  EXPECT_EQ(notes(check_descent<Lie::none>()), "");
}

// lambda |g_M|^2, whose gradient is 2 lambda H g: right where factor is 2 and nothing else is said.
enum class Fib {
  none,
  no_factor,
  wrong_sign,
  no_curvature,
  overwrites,
  stateful,
  not_thread_safe,
  ignores_empty
};

template <Fib fib>
class GradientPenalty final : public Regularizer {
 public:
  explicit GradientPenalty(const Options&) {}

  double penalize_micro_batch(MicroBatch& m, std::span<float> gradient) const override {
    Vector g(m.dimension());
    Vector hg(m.dimension());
    m.gradient(m.loss(), g);
    double value = 0.5 * conformance::dot(g, g);
    if (fib == Fib::not_thread_safe && meets_another()) value += 1;
    if (gradient.empty()) return fib == Fib::ignores_empty ? 0 : value;
    m.hessian_vector(m.loss(), g, hg);
    if (fib == Fib::no_curvature) hg = g;
    const float factor = fib == Fib::no_factor ? 0.5F : fib == Fib::wrong_sign ? -1.0F : 1.0F;
    for (std::size_t i = 0; i < g.size(); ++i) {
      gradient[i] = (fib == Fib::overwrites ? 0 : gradient[i]) + factor * hg[i];
    }
    return fib == Fib::stateful ? value + 1e-9 * ++calls_ : value;
  }

 private:
  // Whether a second thread comes in within ten milliseconds.
  bool meets_another() const {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::milliseconds(10);
    bool met = ++inside_ > 1;
    while (!met && Clock::now() < end) {
      std::this_thread::yield();
      met = inside_ > 1;
    }
    --inside_;
    return met;
  }

  mutable std::atomic<int> calls_ = 0;
  mutable std::atomic<int> inside_ = 0;
};

template <Fib fib>
std::vector<Check> check_penalty() {
  static constexpr Component component = regularizer<GradientPenalty<fib>>(about, {});
  return check_component(component);
}

TEST(RegularizerChecks, FindEachLie) {
  EXPECT_EQ(failures(check_penalty<Fib::none>()), "");
  for (const auto& checks : {check_penalty<Fib::no_factor>(), check_penalty<Fib::wrong_sign>(),
                             check_penalty<Fib::no_curvature>()}) {
    EXPECT_EQ(failures(checks), "micro-batch: the gradient is the value's; ");
  }
  EXPECT_EQ(failures(check_penalty<Fib::overwrites>()),
            "micro-batch: adds to the gradient it is given; ");
  EXPECT_EQ(failures(check_penalty<Fib::ignores_empty>()),
            "micro-batch: the gradient is the value's; "
            "micro-batch: gives the value alone for an empty gradient; ");
  EXPECT_THAT(failures(check_penalty<Fib::stateful>()), HasSubstr("repeats bit for bit"));
  EXPECT_EQ(failures(check_penalty<Fib::not_thread_safe>()),
            "micro-batch: serves two threads at a time; ");
}

enum class Whim { none, infinite, overwrites, stateful };

template <Whim whim>
class RandomSigns final : public Regularizer {
 public:
  explicit RandomSigns(const Options&) {}

  void multiply_noise(const NoiseSite&, Random random, std::span<float> factors) const override {
    if (whim == Whim::stateful) random = random.at("call", calls_++);
    for (float& f : factors) {
      const float sign = random.uniform() < 0.5 ? -1.0F : 1.0F;
      f = whim == Whim::overwrites ? sign : f * sign;
    }
    if (whim == Whim::infinite) factors.back() = INFINITY;
  }

 private:
  mutable std::atomic<std::uint64_t> calls_ = 0;
};

template <Whim whim>
std::string whims() {
  static constexpr Component component = regularizer<RandomSigns<whim>>(about, {});
  EXPECT_EQ(component.hooks, std::uint32_t{hook_noise});
  return failures(check_component(component));
}

TEST(RegularizerChecks, CoverNoise) {
  EXPECT_EQ(whims<Whim::none>(), "");
  EXPECT_THAT(whims<Whim::infinite>(), HasSubstr("noise: factors are finite; "));
  EXPECT_EQ(whims<Whim::overwrites>(), "noise: multiplies the factors it is given; ");
  EXPECT_THAT(whims<Whim::stateful>(), HasSubstr("noise: repeats bit for bit; "));
}

template <Whim whim>
class Shade final : public Regularizer {
 public:
  explicit Shade(const Options&) {}

  void change_input(Shape, Random random, std::span<float> input) const override {
    if (whim == Whim::stateful) random = random.at("call", calls_++);
    for (float& x : input) {
      const auto factor = static_cast<float>(random.uniform());
      x = whim == Whim::overwrites ? factor : x * factor;
    }
    if (whim == Whim::infinite) input.back() = INFINITY;
  }

 private:
  mutable std::atomic<std::uint64_t> calls_ = 0;
};

template <Whim whim>
std::string shades() {
  static constexpr Component component = regularizer<Shade<whim>>(about, {});
  EXPECT_EQ(component.hooks, std::uint32_t{hook_inputs});
  return failures(check_component(component));
}

TEST(RegularizerChecks, CoverData) {
  EXPECT_EQ(shades<Whim::none>(), "");
  EXPECT_THAT(shades<Whim::infinite>(), HasSubstr("data: inputs stay finite; "));
  EXPECT_EQ(shades<Whim::overwrites>(), "data: heeds the input it is given; ");
  EXPECT_THAT(shades<Whim::stateful>(), HasSubstr("data: repeats bit for bit; "));
}

// |g|^2 of the mini-batch and the mean of |g_M|^2 over micro-batches of 5, of 12 examples.
template <bool honest>
class WholePenalty final : public Regularizer {
 public:
  explicit WholePenalty(const Options&) {}

  double penalize_mini_batch(MiniBatch& m, std::span<float> gradient) const override {
    const auto penalty = [](MicroBatch& part, std::span<float> out) {
      return GradientPenalty<Fib::none>(Options()).penalize_micro_batch(part, out);
    };
    const std::span<float> second = honest ? gradient : std::span<float>();
    return m.mean_over(m.size(), penalty, gradient) + m.mean_over(5, penalty, second);
  }
};

TEST(RegularizerChecks, CoverPenaltiesOnTheMiniBatch) {
  static constexpr Component honest = regularizer<WholePenalty<true>>(about, {});
  static constexpr Component liar = regularizer<WholePenalty<false>>(about, {});
  EXPECT_EQ(honest.hooks, std::uint32_t{hook_mini_batch});
  EXPECT_EQ(failures(check_component(honest)), "");
  EXPECT_EQ(failures(check_component(liar)), "mini-batch: the gradient is the value's; ");
}

// The plain oracle's products against what they must be.
TEST(PlainOracle, GaussNewtonIsTheFisherInExpectationOverLabels) {
  const conformance::Reference problem;
  Vector w(39);
  problem.initialize(Random(1), w);
  conformance::PlainMicroBatch m(problem, w, {3}, Random(2));
  const Vector v = conformance::normal_vector(39, Random(3));
  Vector product(39);
  m.gauss_newton_vector(m.loss(), v, product);
  Vector z(m.outputs().values.begin(), m.outputs().values.end());
  double normalizer = 0;
  for (const float x : z) normalizer += std::exp(x);
  Vector expected(39);
  for (std::int32_t label = 0; label < 3; ++label) {
    const std::vector<std::int32_t> labels{label};
    Vector g(39);
    m.gradient(CrossEntropy(labels), g);
    const double p = std::exp(z[static_cast<std::size_t>(label)]) / normalizer;
    const double along = conformance::dot(g, v);
    for (std::size_t i = 0; i < 39; ++i) expected[i] += static_cast<float>(p * along * g[i]);
  }
  EXPECT_LT(conformance::distance(product, expected), 1e-5 * conformance::norm(expected));
  std::vector<double> norms(1);
  m.example_gradient_norms(m.loss(), norms);
  m.gradient(m.loss(), product);
  EXPECT_DOUBLE_EQ(norms[0], conformance::dot(product, product));
}

enum class Slip { none, silent, camel_case, twice, infinite, drifts, meddles };

template <Slip slip>
class Distance final : public Probe {
 public:
  explicit Distance(const Options&) {}
  void measure(Snapshot& snapshot, Metrics& metrics) override {
    if (slip == Slip::silent) return;
    const auto w = snapshot.parameters().values;
    const double moved = conformance::distance(w, snapshot.initial_parameters().values);
    metrics.add(slip == Slip::camel_case ? "Moved" : "moved", moved + drift_, "");
    if (slip == Slip::twice) metrics.add("moved", moved, "");
    if (slip == Slip::infinite) metrics.add("rate", 1 / (moved - moved), "");
    if (slip == Slip::drifts) drift_ += 1;
    if (slip == Slip::meddles) const_cast<float&>(w[0]) += 1;
  }

 private:
  double drift_ = 0;
};

template <Slip slip>
std::string probe_failures() {
  static constexpr Component component = probe<Distance<slip>>(about, {});
  return failures(check_component(component));
}

TEST(ProbeChecks, FindEachLie) {
  const std::string names = "reports metrics with unique snake_case names; ";
  EXPECT_EQ(probe_failures<Slip::none>(), "");
  EXPECT_EQ(probe_failures<Slip::silent>(), names);
  EXPECT_EQ(probe_failures<Slip::camel_case>(), names);
  EXPECT_EQ(probe_failures<Slip::twice>(), names);
  EXPECT_EQ(probe_failures<Slip::infinite>(), "reports finite numbers; ");
  EXPECT_THAT(probe_failures<Slip::drifts>(), HasSubstr("repeats bit for bit; "));
  EXPECT_THAT(probe_failures<Slip::meddles>(), HasSubstr("changes no parameter; "));
}

constexpr OptionSpec two_options[] = {
    option::real("lambda", "strength").at_least(0).by_default(1.0),
    option::flag("loud", "says so").by_default(0.0)};

// Reads `lambda` only; at lambda = 0 it throws what no plugin should.
class Forgetful final : public Regularizer {
 public:
  explicit Forgetful(const Options& o) {
    if (o.real("lambda") == 0) throw std::runtime_error("division by zero");
  }
  double penalize_parameters(const Parameters&, std::span<float>) const override { return 0; }
};

TEST(OptionChecks, FindUnreadOptionsAndForeignExceptions) {
  static constexpr Component component = regularizer<Forgetful>(about, two_options);
  const auto checks = check_component(component);
  EXPECT_EQ(failures(checks),
            "reads every option it declares; "
            "is made or refuses in words at the edges of its ranges; ");
  const std::string text = to_text(checks);
  EXPECT_THAT(text, HasSubstr("regularizer liar: reads every option it declares: FAILED: declared "
                              "but never read by the constructor: loud. Read it "));
  EXPECT_THAT(text, HasSubstr("lambda=0.0 threw something that is not an Error: division by zero"));
  EXPECT_THAT(text, HasSubstr("4 checks, 2 failed, 0 notes\n"));
}

TEST(LibraryChecks, ReportWhatCannotBeMade) {
  const std::filesystem::path folder = test::bad_plugin_folder();
  EXPECT_EQ(failures(check_library(folder / "throws.so")), "is made from its example; ");
  const auto undeclared = check_library(folder / "undeclared.so");
  EXPECT_FALSE(passed(undeclared));
  EXPECT_THAT(undeclared[0].reason,
              HasSubstr("undeclared.lambda: read by the component but never declared"));
  EXPECT_THROW(check_library(folder / "stale.so"), Error);
}

TEST(LibraryChecks, ALibraryThatCannotBeOpenedIsRefusedInWords) {
  const std::filesystem::path folder = test::hostile_plugin_folder();
  try {
    check_library(folder / "exits.so");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.what(),
              (folder / "exits.so").string() + ": cannot be opened: ended the program with code 0");
  }
}

}  // namespace
}  // namespace gapbench::plugin

// Checks that do not come back: each is named, has failed, and the others go on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "gapbench/error.h"
#include "paths.h"
#include "plugin/conformance.h"
#include "plugin/conformance/numbers.h"

namespace gapbench::plugin {
namespace {

using conformance::Vector;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr About about = {.name = "liar", .summary = "for tests; nobody 1900", .example = ""};

/// "name: reason; " of every check that failed, or is noted.
std::string findings(const std::vector<Check>& checks, Check::Verdict verdict) {
  std::string text;
  for (const Check& c : checks) {
    if (c.verdict == verdict) text += c.name + ": " + c.reason + "; ";
  }
  return text;
}

std::string failures(const Component& component, double seconds = 60) {
  CheckOptions options;
  options.seconds = seconds;
  return findings(check_component(component, options), Check::Verdict::fail);
}

// Gradient descent that breaks in step 150, which only runs of 200 steps come to.
enum class Crime { segfault, loops, exits, aborts, throws_a_number };

template <Crime crime>
class Criminal final : public Optimizer {
 public:
  Criminal(const Options&, std::span<const TensorInfo>) {}
  void step(Step& step) override {
    Vector g(step.dimension());
    step.gradient(g);
    for (std::size_t i = 0; i < g.size(); ++i) {
      step.parameters()[i] -= 0.1F * static_cast<float>(step.schedule()) * g[i];
    }
    if (step.index() == 150) commit();
  }
  void archive(State&) override {}

 private:
  static void commit() {
    if (crime == Crime::segfault) {
      std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would have words of its own
      std::raise(SIGSEGV);
    }
    while (crime == Crime::loops) std::this_thread::yield();
    if (crime == Crime::exits) std::exit(0);
    if (crime == Crime::aborts) std::abort();
    if (crime == Crime::throws_a_number) throw 7;
  }
};

template <Crime crime>
std::string caught(double seconds = 60) {
  static constexpr Component component = optimizer<Criminal<crime>>(about, {});
  return failures(component, seconds);
}

std::string in_long_runs(const std::string& reason) {
  return "keeps the parameters finite: " + reason +
         "; keeps them finite from parameters of 0: " + reason +
         "; keeps them finite where every gradient is 0: " + reason +
         "; brings back what it stands for from a checkpoint: " + reason + "; ";
}

TEST(Isolation, AnEndOfTheProcessFailsItsCheckAlone) {
  EXPECT_EQ(caught<Crime::segfault>(), in_long_runs("SIGSEGV"));
  EXPECT_EQ(caught<Crime::exits>(), in_long_runs("ended the program with code 0"));
  EXPECT_EQ(caught<Crime::aborts>(), in_long_runs("SIGABRT"));
  EXPECT_EQ(caught<Crime::throws_a_number>(),
            in_long_runs("threw something that is no std::exception"));
}

TEST(Isolation, AnEndlessLoopIsStopped) {
  // On a busy machine an honest check may be late, too: the looping ones are among those named.
  EXPECT_THAT(caught<Crime::loops>(1),
              HasSubstr("keeps the parameters finite: did not end within 1 s; "));
}

TEST(Isolation, NamesACheckBeforeItBegins) {
  static constexpr Component component = optimizer<Criminal<Crime::segfault>>(about, {});
  std::vector<std::string> events;
  CheckOptions options;
  options.begins = [&](const Check& c) { events.push_back(c.name); };
  options.ends = [&](const Check&) { events.back() += "."; };
  const auto checks = check_component(component, options);
  ASSERT_EQ(events.size(), checks.size());
  for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i], checks[i].name + ".");
}

// Writes one number past the end of what it is given, or into what it must not change.
enum class Reach { past_gradient, past_parameters, into_parameters };

template <Reach reach>
class Reaches final : public Regularizer {
 public:
  explicit Reaches(const Options&) {}
  double penalize_parameters(const Parameters& p, std::span<float> gradient) const override {
    double sum = 0;
    auto* w = const_cast<float*>(p.values.data());
    for (std::size_t i = 0; i < p.values.size(); ++i) {
      sum += 0.5 * double{p.values[i]} * p.values[i];
      if (!gradient.empty()) gradient[i] += p.values[i];
    }
    if (reach == Reach::past_gradient && !gradient.empty()) gradient.data()[gradient.size()] = 0;
    if (reach == Reach::past_parameters) w[p.values.size()] = 0;
    if (reach == Reach::into_parameters) w[0] *= 2;
    return sum;
  }
};

template <Reach reach>
std::string reaching() {
  static constexpr Component component = regularizer<Reaches<reach>>(about, {});
  return failures(component);
}

TEST(Guards, NameWhatIsWrittenPastItsEnd) {
  EXPECT_THAT(reaching<Reach::past_gradient>(),
              StartsWith("parameters: writes only where it may: writes past the end of the "
                         "gradient it is given; "));
  EXPECT_THAT(reaching<Reach::past_parameters>(),
              StartsWith("parameters: writes only where it may: writes past the end of the "
                         "parameters; "));
  EXPECT_THAT(reaching<Reach::into_parameters>(),
              StartsWith("parameters: writes only where it may: changes the parameters; "));
}

class PastParameters final : public Optimizer {
 public:
  PastParameters(const Options&, std::span<const TensorInfo>) {}
  void step(Step& step) override {
    Vector g(step.dimension());
    step.gradient(g);
    float* w = step.parameters().data();
    for (std::size_t i = 0; i <= g.size(); ++i) w[i] -= i < g.size() ? 0.1F * g[i] : 0.1F;
  }
  void archive(State&) override {}
};

TEST(Guards, WatchTheOptimizersParameters) {
  static constexpr Component component = optimizer<PastParameters>(about, {});
  EXPECT_THAT(failures(component), HasSubstr("writes past the end of the parameters"));
}

// R = |w|, R = |g| and R = sum of (s_i - mean)^2 / (n - 1), which have no value or no derivative
// somewhere.
class NormOfParameters final : public Regularizer {
 public:
  explicit NormOfParameters(const Options&) {}
  double penalize_parameters(const Parameters& p, std::span<float> gradient) const override {
    const double length = conformance::norm(p.values);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] += static_cast<float>(p.values[i] / length);
    }
    return length;
  }
};

class NormOfGradient final : public Regularizer {
 public:
  explicit NormOfGradient(const Options&) {}
  double penalize_micro_batch(MicroBatch& m, std::span<float> gradient) const override {
    Vector g(m.dimension());
    Vector hg(m.dimension());
    m.gradient(m.loss(), g);
    const double length = conformance::norm(g);
    if (gradient.empty()) return length;
    m.hessian_vector(m.loss(), g, hg);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] += static_cast<float>(hg[i] / length);
    }
    return length;
  }
};

class Spread final : public Regularizer {
 public:
  explicit Spread(const Options&) {}
  double penalize_micro_batch(MicroBatch& m, std::span<float>) const override {
    return 0.0 / (static_cast<double>(m.size()) - 1);
  }
};

TEST(DegeneratePoints, AreNamed) {
  static constexpr Component of_parameters = regularizer<NormOfParameters>(about, {});
  EXPECT_EQ(failures(of_parameters),
            "parameters: they are finite at parameters of 0: the gradient is not finite; ");
  static constexpr Component of_gradient = regularizer<NormOfGradient>(about, {});
  EXPECT_EQ(failures(of_gradient),
            "micro-batch: they are finite where the loss's gradient is 0: the gradient is not "
            "finite; ");
  static constexpr Component spread = regularizer<Spread>(about, {});
  EXPECT_THAT(failures(spread), StartsWith("micro-batch: they are finite on one example: the value "
                                           "is "));
}

// w <- w - 0.1 g / |g| - 0.1 d w, with a decay of either sign.
template <bool guarded, bool inward>
class Normalized final : public Optimizer {
 public:
  Normalized(const Options& o, std::span<const TensorInfo>) : decay_(o.real("weight_decay")) {}
  void step(Step& step) override {
    Vector g(step.dimension());
    step.gradient(g);
    const double length = conformance::norm(g);
    const double scale = guarded && length == 0 ? 0 : 1 / length;
    const double shrink = 1 - (inward ? 0.1 : -0.1) * decay_ * step.schedule();
    for (std::size_t i = 0; i < g.size(); ++i) {
      float& w = step.parameters()[i];
      w = static_cast<float>(shrink * w - 0.1 * step.schedule() * scale * g[i]);
    }
  }
  void archive(State&) override {}

 private:
  double decay_;
};

constexpr OptionSpec decays[] = {
    option::real("weight_decay", "decoupled").at_least(0).by_default(0.0)};

TEST(DegeneratePoints, OfOptimizers) {
  static constexpr Component right = optimizer<Normalized<true, true>>(about, decays);
  EXPECT_EQ(failures(right), "");
  static constexpr Component divides = optimizer<Normalized<false, true>>(about, decays);
  EXPECT_THAT(failures(divides),
              HasSubstr("keeps them finite where every gradient is 0: a parameter is not finite "
                        "after step 1; "));
  static constexpr Component outward = optimizer<Normalized<true, false>>(about, decays);
  EXPECT_THAT(failures(outward),
              StartsWith("a weight decay makes no parameter larger: where every gradient is 0, "));
}

// A sum whose halves come in an order that changes from call to call, as threads would have it;
// small vectors are summed at once.
class Reduces final : public Regularizer {
 public:
  explicit Reduces(const Options&) {}
  double penalize_parameters(const Parameters& p, std::span<float> gradient) const override {
    std::size_t cut = p.values.size();
    if (cut > 1000) cut /= 2 + calls_++ % 3;
    float left = 0;
    float right = 0;
    for (std::size_t i = 0; i < p.values.size(); ++i) {
      (i < cut ? left : right) += 0.5F * p.values[i] * p.values[i];
      if (!gradient.empty()) gradient[i] += p.values[i];
    }
    return left + right;
  }

 private:
  mutable std::atomic<std::size_t> calls_ = 0;
};

TEST(LargeModels, ShowSumsInAnotherOrder) {
  static constexpr Component component = regularizer<Reduces>(about, {});
  EXPECT_EQ(failures(component),
            "parameters: repeats bit for bit on 32,768 parameters: asked twice for the same, it "
            "answers differently; ");
}

#ifndef __SANITIZE_THREAD__
template <bool ends>
class Threaded final : public Regularizer {
 public:
  explicit Threaded(const Options&) {}
  double penalize_parameters(const Parameters&, std::span<float>) const override {
    std::thread thread([] {
      while (!ends) pause();
    });
    if (ends) {
      thread.join();
    } else {
      thread.detach();
    }
    return 0;
  }
};

std::string notes(const Component& component) {
  return findings(check_component(component), Check::Verdict::note);
}

TEST(Threads, ThatAComponentStartsAreNoted) {
  static constexpr Component joined = regularizer<Threaded<true>>(about, {});
  EXPECT_THAT(notes(joined),
              StartsWith("works on the thread it is called on: some of its own have worked and "
                         "ended: "));
  static constexpr Component detached = regularizer<Threaded<false>>(about, {});
  EXPECT_THAT(notes(detached), HasSubstr(": 1 of its own still run: "));
}
#endif

}  // namespace
}  // namespace gapbench::plugin

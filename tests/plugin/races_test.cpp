// Races and heads: what the contract check finds where training would go wrong now and then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <mutex>

#include "plugin/conformance.h"
#include "plugin/conformance/checks.h"
#include "plugin/conformance/head_check.h"
#include "plugin/conformance/lockstep.h"
#include "plugin/conformance/numbers.h"

namespace gapbench::plugin {
namespace {

using conformance::Vector;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr About about = {.name = "liar", .summary = "for tests; nobody 1900", .example = ""};

std::string failures(const Component& component) {
  std::string text;
  for (const Check& c : check_component(component)) {
    if (c.verdict == Check::Verdict::fail) text += c.name + ": " + c.reason + "; ";
  }
  return text;
}

// |g|^2 / 2, with g in a place of its own, in one that all threads share, or in that behind a lock.
enum class Memory { own, shared, locked };

template <Memory memory>
class Kept final : public Regularizer {
 public:
  explicit Kept(const Options&) {}
  double penalize_micro_batch(MicroBatch& m, std::span<float> gradient) const override {
    std::unique_lock lock(mutex_, std::defer_lock);
    if (memory == Memory::locked) lock.lock();
    Vector own;
    Vector& g = memory == Memory::own ? own : shared_;
    g.resize(m.dimension());
    m.gradient(m.loss(), g);
    if (gradient.empty()) return 0.5 * conformance::dot(g, g);
    Vector hg(m.dimension());
    m.hessian_vector(m.loss(), g, hg);
    for (std::size_t i = 0; i < hg.size(); ++i) gradient[i] += hg[i];
    return 0.5 * conformance::dot(g, g);
  }

 private:
  mutable std::mutex mutex_;
  mutable Vector shared_ = Vector(39);
};

TEST(Races, OnAMutableMemberAreFound) {
  static constexpr Component own = regularizer<Kept<Memory::own>>(about, {});
  static constexpr Component shared = regularizer<Kept<Memory::shared>>(about, {});
  static constexpr Component locked = regularizer<Kept<Memory::locked>>(about, {});
  EXPECT_EQ(failures(own), "");
  EXPECT_EQ(failures(locked), "");
  EXPECT_THAT(failures(shared), HasSubstr("micro-batch: serves two threads at a time: two threads "
                                          "at a time get other answers"));
}

// The mean of |g|^2 over four micro-batches, with g in one place for all, or in one each.
template <bool shared>
class MeanSquare final : public Probe {
 public:
  explicit MeanSquare(const Options&) {}
  void measure(Snapshot& snapshot, Metrics& metrics) override {
    std::vector<Vector> g(4, Vector(snapshot.parameters().values.size()));
    std::vector<double> squares(4);
    snapshot.for_each_micro_batch({.size = 8, .count = 4}, [&](MicroBatch& m, std::size_t k) {
      Vector& place = g[shared ? 0 : k];
      m.gradient(m.loss(), place);
      squares[k] = conformance::dot(place, place);
    });
    metrics.add("square", squares[0] + squares[1] + squares[2] + squares[3], "");
  }
};

TEST(Races, BetweenAProbesMicroBatchesAreFound) {
  static constexpr Component right = probe<MeanSquare<false>>(about, {});
  static constexpr Component wrong = probe<MeanSquare<true>>(about, {});
  EXPECT_EQ(failures(right), "");
  EXPECT_THAT(failures(wrong), StartsWith("measures the same with micro-batches side by side: "));
}

// exp(z) summed, with derivatives that may be wrong.
enum class Slip { none, cotangent, curvature, no_curvature };

template <Slip slip>
class Exponential final : public Head {
 public:
  double value(const Outputs& z, std::span<float> cotangent) const override {
    const auto n = static_cast<double>(z.examples);
    double sum = 0;
    for (std::size_t i = 0; i < z.values.size(); ++i) {
      const double e = std::exp(0.1 * z.values[i]) / n;
      sum += e;
      if (!cotangent.empty()) {
        cotangent[i] = static_cast<float>((slip == Slip::cotangent ? 0.2 : 0.1) * e);
      }
    }
    return sum;
  }
  void curvature(const Outputs& z, std::span<const float> t, std::span<float> out) const override {
    const auto n = static_cast<double>(z.examples);
    const double sign = slip == Slip::curvature ? -1 : slip == Slip::no_curvature ? 0 : 1;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<float>(sign * 0.01 * std::exp(0.1 * z.values[i]) / n * t[i]);
    }
  }
};

// A probe sees no difference: only the head itself can be held against differences.
template <Slip slip>
class Trace final : public Probe {
 public:
  explicit Trace(const Options&) {}
  void measure(Snapshot& snapshot, Metrics& metrics) override {
    std::vector<double> along(2);
    snapshot.for_each_micro_batch({.size = 8, .count = 2}, [&](MicroBatch& m, std::size_t k) {
      Vector v(m.dimension(), 1);
      Vector gv(m.dimension());
      m.gauss_newton_vector(Exponential<slip>(), v, gv);
      along[k] = conformance::dot(v, gv);
    });
    metrics.add("along", along[0] + along[1], "");
  }
};

template <Slip slip>
std::string with_slip() {
  static constexpr Component component = probe<Trace<slip>>(about, {});
  return failures(component);
}

TEST(Heads, AreHeldAgainstDifferences) {
  EXPECT_EQ(with_slip<Slip::none>(), "");
  EXPECT_THAT(with_slip<Slip::cotangent>(), HasSubstr("a head's value changes by "));
  EXPECT_THAT(with_slip<Slip::curvature>(), HasSubstr("a head's curvature and the difference of "));
  EXPECT_THAT(with_slip<Slip::no_curvature>(), HasSubstr("a head's curvature and the difference "));
}

TEST(Lockstep, BothHaveAskedBeforeEitherGoesOn) {
  for (int repeat = 0; repeat < 100; ++repeat) {
    conformance::Lockstep together;
    int place = 0;
    std::mutex mutex;
    const auto write = [&](int mine, int& seen) {
      {
        const std::lock_guard lock(mutex);
        place += mine;
      }
      together.meet();
      const std::lock_guard lock(mutex);
      seen = place;
    };
    int seen[2] = {};
    conformance::side_by_side(
        together, [&] { write(1, seen[0]); }, [&] { write(2, seen[1]); });
    EXPECT_EQ(seen[0], 3);
    EXPECT_EQ(seen[1], 3);
  }
}

TEST(Lockstep, OneThatLeavesEarlyIsNotWaitedFor) {
  conformance::Lockstep together;
  int rounds = 0;
  conformance::side_by_side(
      together,
      [&] {
        for (; rounds < 5; ++rounds) together.meet();
      },
      [] {});
  EXPECT_EQ(rounds, 5);
}

}  // namespace
}  // namespace gapbench::plugin

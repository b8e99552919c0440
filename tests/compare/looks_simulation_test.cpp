// What looking more than once costs and spares, by simulation. Every line must stand in
// docs/statistics.md: where a test fails, its message has the new one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compare/page_line.h"
#include "compare/statistics/e_value.h"
#include "compare/statistics/interval.h"
#include "compare/statistics/looks.h"
#include "compare/statistics/outlook.h"

namespace gapbench::compare {
namespace {

using test::expect_on_page;
using test::expect_rates_on_page;
using test::Values;
using Looks = std::vector<std::size_t>;

constexpr std::size_t draws = 10000;
constexpr double error = 0.0065;  ///< three standard errors of a rate of 5 % over the draws
const Looks looks{5, 8, 12, 20};

struct Decisions {
  double share = 0;
  double seeds = 0;  ///< mean number at the decision, or at the last look
};

/// Rejects where rejects(values so far) at a look.
template <class Sample, class Rejects>
Decisions decisions(Random random, const Looks& at, const Sample& sample, const Rejects& rejects) {
  Decisions d;
  for (std::size_t i = 0; i < draws; ++i) {
    const Values values = sample(random, at.back());
    std::size_t seeds = at.back();
    for (const std::size_t n : at) {
      if (!rejects(std::span(values).first(n))) continue;
      d.share += 1;
      seeds = n;
      break;
    }
    d.seeds += static_cast<double>(seeds);
  }
  return {d.share / draws, d.seeds / draws};
}

/// An exact t test at a level, its quantiles found once.
class TTest {
 public:
  explicit TTest(double level) {
    for (std::size_t n = 2; n <= 20; ++n) limits_.push_back(t_quantile(n, 1 - level));
  }
  bool operator()(std::span<const double> values) const {
    double sum = 0;
    double squares = 0;
    for (const double x : values) sum += x;
    const auto n = static_cast<double>(values.size());
    for (const double x : values) squares += (x - sum / n) * (x - sum / n);
    return std::abs(sum / n) > limits_[values.size() - 2] * std::sqrt(squares / (n - 1) / n);
  }

 private:
  std::vector<double> limits_;
};

Values normal(Random& random, std::size_t n) { return test::normal_values(random, n); }

TEST(LooksSimulation, FalsePositives) {
  const TTest nominal(nominal_level(looks, 0.05));
  const TTest five(0.05);
  const auto line = [&](const std::string& what, const auto& sample) {
    const Decisions kept = decisions(Random(11).at(what), looks, sample, nominal);
    const Decisions naive = decisions(Random(11).at(what), looks, sample, five);
    expect_rates_on_page(what, {kept.share, naive.share});
    return std::pair(kept.share, naive.share);
  };
  const auto [kept, naive] = line("normal", normal);
  EXPECT_NEAR(kept, 0.05, error);
  EXPECT_NEAR(naive, chance_of_rejection(looks, 0.05), 2 * error);
  line("heavy tails (Laplace)", test::laplace_values);
  line("skewed (exponential)", test::skewed_values);
  line("one seed in ten falls by 10", test::falling_values);
}

TEST(LooksSimulation, PowerAndSeeds) {
  const TTest nominal(nominal_level(looks, 0.05));
  const TTest five(0.05);
  for (const double effect : {0.0, 0.5, 1.0, 2.0, 3.0}) {
    const auto sample = [effect](Random& random, std::size_t n) {
      return test::normal_values(random, n, effect);
    };
    const Decisions kept = decisions(Random(12).at("power"), looks, sample, nominal);
    const Decisions fixed = decisions(Random(12).at("power"), {5}, sample, five);
    const Decisions all = decisions(Random(12).at("power"), {20}, sample, five);
    expect_on_page(fmt::format("| {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} |", effect,
                               100 * kept.share, kept.seeds, 100 * fixed.share, 100 * all.share));
  }
}

// Looked at after every seed from 3 to 50.
TEST(EValueSimulation, AtAnyTime) {
  Looks each;
  for (std::size_t n = 3; n <= 50; ++n) each.push_back(n);
  const auto rejects = [](std::span<const double> values) { return e_value(values) >= 20; };
  for (const double effect : {0.0, 1.0, 2.0, 3.0}) {
    const auto sample = [effect](Random& random, std::size_t n) {
      return test::normal_values(random, n, effect);
    };
    const Decisions d = decisions(Random(13).at("e"), each, sample, rejects);
    if (effect == 0) {
      EXPECT_LE(d.share, 0.05);
    }
    expect_on_page(fmt::format("| {} | {:.1f} | {:.1f} |", effect, 100 * d.share, d.seeds));
  }
}

// Five seeds, not decided at the first look: what the outlook says of the rest, and what comes.
TEST(OutlookSimulation, IsBorneOut) {
  const double level = nominal_level(looks, 0.05);
  const TTest rejects(level);
  const auto decided = [&](const Samples& s) { return rejects(s[0]); };
  for (const double effect : {0.0, 1.0, 1.5}) {
    Random random = Random(14).at("outlook");
    double undecided = 0;
    double foretold = 0;
    double came = 0;
    double foretold_seeds = 0;
    double seeds = 0;
    for (std::size_t i = 0; i < 1000; ++i) {
      const Values values = test::normal_values(random, 20, effect);
      const Values seen(values.begin(), values.begin() + 5);
      if (rejects(seen)) continue;
      undecided += 1;
      const auto o = outlook({seen}, looks, decided, random.at("futures", i), 200);
      foretold += o->decided.back();
      foretold_seeds += o->seeds;
      std::size_t at = 1;
      while (at < looks.size() && !rejects(std::span(values).first(looks[at]))) ++at;
      came += at < looks.size() ? 1 : 0;
      seeds += static_cast<double>(looks[std::min(at, looks.size() - 1)]);
    }
    expect_on_page(fmt::format("| {} | {:.0f} | {:.0f} | {:.0f} | {:.1f} | {:.1f} |", effect,
                               undecided / 10, 100 * foretold / undecided, 100 * came / undecided,
                               foretold_seeds / undecided, seeds / undecided));
  }
}

}  // namespace
}  // namespace gapbench::compare

// Error and power of the transfer verdict, by simulation. Every line must stand in
// docs/statistics.md: where a test fails, its message has the new one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

#include "compare/findings/verdict.h"
#include "compare/simulation.h"

namespace gapbench::compare {
namespace {

constexpr std::size_t draws = 10000;

struct Rates {
  double reproduces = 0;
  double reverses = 0;
  double absent = 0;
  double cannot_tell = 0;
};

/// True effects in standard deviations of the differences; n seeds on both.
Rates rates(double on_a, double on_b, std::size_t n) {
  Random random = Random(4).at("transfer", n);
  std::array<std::size_t, 4> counts{};
  for (std::size_t i = 0; i < draws; ++i) {
    const auto a = test::normal_values(random, n, on_a);
    const auto b = test::normal_values(random, n, on_b);
    ++counts[static_cast<std::size_t>(transfer(a, b).verdict())];
  }
  const auto share = [&](Verdict v) {
    return static_cast<double>(counts[static_cast<std::size_t>(v)]) / static_cast<double>(draws);
  };
  const Rates r{share(Verdict::reproduces), share(Verdict::reverses),
                share(Verdict::does_not_carry_over), share(Verdict::cannot_tell)};
  const std::string line =
      fmt::format("| {} | {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} |", on_a, on_b, n,
                  100 * r.reproduces, 100 * r.reverses, 100 * r.absent, 100 * r.cannot_tell);
  test::expect_on_page(line);
  return r;
}

TEST(TransferSimulation, NoEffectAnywhereIsHardlyEverAVerdict) {
  for (const std::size_t n : {5U, 10U, 20U}) {
    const Rates r = rates(0, 0, n);
    EXPECT_LE(r.reproduces + r.reverses, 0.01) << n;
    EXPECT_LE(r.absent, 0.05) << n;
  }
}

// Three standard errors of 5 % over 10,000 draws: 0.65 points.
TEST(TransferSimulation, NoEffectOnTheSecondIsRarelyReproducedOrReversed) {
  for (const std::size_t n : {5U, 10U, 20U}) {
    const Rates r = rates(3, 0, n);
    EXPECT_LE(r.reproduces + r.reverses, 0.05 + 0.0065) << n;
    EXPECT_GT(r.absent, n == 5 ? 0.6 : 0.9) << n;
  }
}

TEST(TransferSimulation, ALargeEffectOnBothIsRecognized) {
  EXPECT_LE(rates(3, 3, 5).cannot_tell, 0.05);
  EXPECT_LE(rates(2, 2, 10).cannot_tell, 0.01);
  EXPECT_GT(rates(2, 2, 5).reproduces, 0.7);
  EXPECT_LE(rates(4, 4, 5).cannot_tell, 0.005);
}

TEST(TransferSimulation, AReversalIsRecognized) {
  const Rates r = rates(3, -3, 5);
  EXPECT_GT(r.reverses, 0.94);
  EXPECT_LE(r.reproduces, 0.001);
}

// The same effect on both is not called absent for want of power.
TEST(TransferSimulation, LackOfPowerIsNotAbsence) {
  EXPECT_LE(rates(1, 1, 5).absent, 0.03);
  EXPECT_LE(rates(0.5, 0.5, 5).absent, 0.03);
  EXPECT_LE(rates(1, 1, 10).absent, 0.03);
  EXPECT_LE(rates(1, 0.5, 20).absent, 0.07);  // on the margin, which is measured
}

}  // namespace
}  // namespace gapbench::compare

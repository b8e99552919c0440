#include "train/team.h"

#include <gtest/gtest.h>

#include "gapbench/error.h"
#include "train/line_problem.h"

namespace gapbench::train {
namespace {

using gapbench::testing::LineProblem;

const LineProblem& tiny() {
  static const LineProblem problem({{{1, 0}, 1}}, {{{1, 0}, 1}});
  return problem;
}

// What sum() must give for whole numbers, whatever the order.
TEST(Team, SumsAreExactOnIntegers) {
  constexpr std::size_t dimension = 40000;  // more than two slices
  for (const std::size_t count : {1U, 2U, 15U, 16U, 17U, 100U}) {
    Team team(tiny(), 2, dimension, 1);
    std::vector<float> out(dimension, -1);
    team.sum(
        count, [](std::size_t k) { return k % 2 == 0 ? 2.0 : 1.0; },
        [](Slot&, std::size_t k, std::span<float> g) {
          for (std::size_t i = 0; i < g.size(); ++i) g[i] = static_cast<float>(k + i % 7);
        },
        out);
    for (std::size_t i = 0; i < dimension; i += 997) {
      double expected = 0;
      for (std::size_t k = 0; k < count; ++k) {
        expected += (k % 2 == 0 ? 2.0 : 1.0) * static_cast<double>(k + i % 7);
      }
      ASSERT_EQ(out[i], expected) << "count " << count << " element " << i;
    }
  }
}

TEST(Team, SameBitsOnAnyNumberOfThreads) {
  constexpr std::size_t dimension = 5000;
  std::vector<std::vector<float>> results;
  for (const std::size_t threads : {1U, 2U, 3U, 2U, 1U}) {
    Team team(tiny(), threads, dimension, 1);
    std::vector<float> out(dimension);
    team.sum(
        50, [](std::size_t k) { return 1.0 / static_cast<double>(k + 3); },
        [](Slot&, std::size_t k, std::span<float> g) { Random(k).at("g").normal(g); }, out);
    results.push_back(std::move(out));
  }
  for (const auto& r : results) EXPECT_EQ(r, results.front());
}

TEST(Team, AnErrorInTheWorkReachesTheCaller) {
  Team team(tiny(), 2, 2, 1);
  EXPECT_THROW(team.for_each(8,
                             [](Slot&, std::size_t k) {
                               if (k == 5) throw Error("place", "wrong");
                             }),
               Error);
}

}  // namespace
}  // namespace gapbench::train

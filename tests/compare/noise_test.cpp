#include "compare/noise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "records/records.h"

namespace gapbench::compare {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// t with 2 degrees of freedom at 0.975 is 4.302653 (tables); s of 1 and 3 is sqrt(2), sqrt(2 / 2) 1.
TEST(Noise, TheFloorIsStudentsForTwoMeans) {
  const std::vector<double> values{1, 3};
  EXPECT_NEAR(noise_floor(values), 4.302653 * 1.414214, 1e-5);
}

// Two seeds, 40 and 50 % right; the second run of each took 10 % longer by the mean of both.
TEST(Noise, MetricsByTheSeedAndCostsByTheRepetition) {
  records::Records once;
  records::Records again;
  for (const std::uint64_t seed : {1U, 2U}) {
    records::Record r = test::some_record("sgd", seed, "aaaaaaa" + std::to_string(seed), 1,
                                          0.3 + 0.1 * static_cast<double>(seed));
    r.outcome.cost.train = {95, 95};
    once.good.push_back(r);
    r.outcome.cost.train = {105, 105};
    again.good.push_back(r);
  }
  const std::string text = noise_text(once, again);
  EXPECT_THAT(text, HasSubstr("2 seeds, 2 run twice"));
  EXPECT_THAT(text, HasSubstr("| Test acc % | 45 | 7.1 | 30 |"));  // 4.302653 * 7.0711 = 30.4
  EXPECT_THAT(text, HasSubstr("| Train s | 95 | 10.00 % | 10.00 % |"));
  EXPECT_THAT(text, Not(HasSubstr("the same bits were due")));
  again.good[1].outcome.final->test->accuracy = 0.25;
  EXPECT_THAT(noise_text(once, again),
              HasSubstr("seed 2: Test acc % differs between the two runs: the same bits were due"));
}

}  // namespace
}  // namespace gapbench::compare

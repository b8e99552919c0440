// The generated regression: pinned, and a sine under noise.
#include <gmock/gmock.h>

#include <cmath>

#include "data/sets/set.h"
#include "fixtures.h"

namespace gapbench::data {
namespace {

TableRecords sinusoid(const OptionMap& given) {
  const Request r = request("sinusoid", "", given);
  Source read = find_set(r.name).read({r.name, r.options, r.root});
  return std::get<TableRecords>(read.records);
}

TEST(Sinusoid, IsASineWhereThereIsNoNoise) {
  const TableRecords records = sinusoid({{"noise", 0.0}});
  ASSERT_EQ(records.train.rows, 150U);
  ASSERT_EQ(records.test.rows, 500U);
  for (const TablePart* part : {&records.train, &records.test}) {
    for (std::size_t i = 0; i < part->rows; ++i) {
      EXPECT_GE(part->features[i], 0);
      EXPECT_LT(part->features[i], 8);
      EXPECT_EQ(part->targets[i], std::sin(part->features[i]));
    }
  }
  EXPECT_NE(records.train.features[0], records.test.features[0]);
}

// 100,000 residuals: their variance is known to 0.45 %, here within four of that; inputs fill [0,
// 8).
TEST(Sinusoid, NoiseHasItsDeviation) {
  const TableRecords records = sinusoid({{"examples", std::int64_t{100000}}, {"noise", 0.3}});
  double mean = 0;
  double squares = 0;
  for (std::size_t i = 0; i < records.train.rows; ++i) {
    const double miss = records.train.targets[i] - std::sin(records.train.features[i]);
    mean += records.train.features[i] / 1e5;
    squares += miss * miss / 1e5;
  }
  EXPECT_NEAR(mean, 4, 4 * 8 / std::sqrt(12e5));
  EXPECT_NEAR(squares, 0.09, 0.018 * 0.09);
}

TEST(Sinusoid, ALongerPartBeginsWithTheShorter) {
  const TableRecords shorter = sinusoid({});
  const TableRecords longer = sinusoid({{"examples", std::int64_t{151}}});
  EXPECT_TRUE(std::equal(shorter.train.targets.begin(), shorter.train.targets.end(),
                         longer.train.targets.begin()));
  EXPECT_NE(sinusoid({{"seed", std::int64_t{1}}}).train.targets, shorter.train.targets);
}

}  // namespace
}  // namespace gapbench::data

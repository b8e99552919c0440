// Several seeds on each draw of the training set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "compare/compare.h"
#include "compare/findings/claims.h"
#include "compare/rows/by_seed.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using suite::Claim;
using test::some_record;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

TEST(ByDraw, MeansOverTheSeedsThatAllHave) {
  const BySeed a{{1, 1}, {2, 3}, {3, 5}, {4, 7}};
  const BySeed b{{1, 10}, {3, 30}, {4, 50}};
  const auto means = by_draw({a, b}, 2);
  EXPECT_THAT(means[0], ElementsAre(Pair(1, 1), Pair(2, 6)));  // seed 2 has no pair
  EXPECT_THAT(means[1], ElementsAre(Pair(1, 10), Pair(2, 40)));
  // A draw that one row has nothing of is none of its pairs, and takes nothing from the other.
  const auto alone = by_draw({a, {{3, 30}, {4, 50}}}, 2);
  EXPECT_THAT(alone[0], ElementsAre(Pair(1, 2), Pair(2, 6)));
  EXPECT_THAT(alone[1], ElementsAre(Pair(2, 40)));
  EXPECT_THAT(by_draw({{{1, 1}}, {{2, 2}}}, 2)[0], IsEmpty());
  EXPECT_EQ(by_draw({a, b}, 1)[0], a);
  EXPECT_EQ(by_draw({a, b}, 0)[1], b);
}

/// Six seeds, two a draw; the gain is 1, 3 | 5, 7 | 9, 11 points: means 2, 6, 10.
Records some_records(const std::string& split_seed) {
  Records records;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    for (const bool is_adam : {false, true}) {
      const double points = is_adam ? 2 * static_cast<double>(seed) - 1 : 0;
      Record r = some_record(is_adam ? "adam" : "sgd", seed,
                             (is_adam ? "a000000" : "b000000") + std::to_string(seed), 1,
                             0.5 + points / 100);
      r.dataset = "cifar10";
      r.settings["data.split_seed"] = split_seed;
      records.good.push_back(r);
    }
  }
  records.suites = {{"demo", "", "sgd", {"sgd", "adam"}}};
  return records;
}

// sd of 2, 6, 10 is 4: 6 ± 4.302653 x 4 / sqrt 3. MS within 2; MS between 2 x 16 = 32, tau^2 = 15.
TEST(ByDraw, TheDrawIsTheUnit) {
  const Records records = some_records("seed/2");
  const std::string text = compare(records, {});
  EXPECT_THAT(text, HasSubstr("| Against sgd, by seed | Draws |"));
  EXPECT_THAT(text, HasSubstr("τ (draws) | σ (seeds)"));
  EXPECT_THAT(text, HasSubstr("| adam | 3 | +6 [-3.94, +15.9]"));
  EXPECT_THAT(text, HasSubstr("| 3.87 | 1.41 |"));
  EXPECT_THAT(text, HasSubstr("Each draw of the training set counts once"));
  CompareOptions json;
  json.format = Format::json;
  const auto all = nlohmann::json::parse(compare(records, json));
  const auto& against = all["sections"][0]["rows"][1]["against"]["test_accuracy"];
  EXPECT_EQ(against["seeds"], 6);
  EXPECT_EQ(against["draws"], 3);
  EXPECT_NEAR(against["tau"].get<double>(), std::sqrt(15), 1e-9);
  EXPECT_NEAR(against["sigma"].get<double>(), std::sqrt(2), 1e-9);
}

TEST(ByDraw, OneSeedADrawIsAsBefore) {
  const std::string text = compare(some_records("seed"), {});
  EXPECT_THAT(text, HasSubstr("| Against sgd, by seed | Seeds |"));
  EXPECT_THAT(text, HasSubstr("| adam | 6 |"));
  EXPECT_THAT(text, Not(HasSubstr("(draws)")));
}

TEST(ByDraw, ClaimsSayHowMany) {
  Records records = some_records("seed/2");
  records.suites[0].claims = {{{Claim::Kind::gains, "adam", "test_accuracy", "cifar10"}, 0}};
  EXPECT_THAT(answers(records).at(0).given,
              ElementsAre("n = 3 draws of 2 seeds", "over draws of the training set"));
}

}  // namespace
}  // namespace gapbench::compare

// Statistics against SciPy. The values: fixtures/scipy.json, made by fixtures/make_scipy.py.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "compare/statistics/interval.h"
#include "compare/statistics/over_problems.h"
#include "compare/statistics/paired_t.h"
#include "compare/statistics/sample.h"
#include "compare/statistics/signed_rank.h"
#include "compare/statistics/superiority.h"
#include "paths.h"

namespace gapbench::compare {
namespace {

using Json = nlohmann::json;
using Values = std::vector<double>;

Json fixture() {
  std::ifstream in(test::source_folder() + "/tests/compare/fixtures/scipy.json");
  return Json::parse(in);
}

/// Twelve digits, and as many places below 1.
void expect_close(double ours, double theirs) {
  EXPECT_NEAR(ours, theirs, 1e-12 * std::max(1.0, std::abs(theirs)));
}

class Scipy : public ::testing::Test {
 protected:
  /// check(case, its values) for each sample of the fixture.
  template <class Check>
  void each(const Check& check) const {
    ASSERT_EQ(cases_.size(), 9U);
    for (const Json& c : cases_) {
      SCOPED_TRACE(c.at("name").get<std::string>());
      check(c, c.at("values").get<Values>());
    }
  }

 private:
  const Json cases_ = fixture().at("cases");
};

TEST_F(Scipy, MeanAndDeviation) {
  each([](const Json& c, const Values& values) {
    expect_close(summary(values).mean, c.at("mean"));
    EXPECT_NEAR(summary(values).deviation, c.at("deviation"), 1e-9);
  });
}

// SciPy 1.10 finds quantiles of t by bisection, to 1e-9 or so.
TEST_F(Scipy, IntervalsOfT) {
  const auto expect_close = [](double ours, double theirs) {
    EXPECT_NEAR(ours, theirs, 5e-9 * std::max(1.0, std::abs(theirs)));
  };
  each([&](const Json& c, const Values& values) {
    expect_close(t_interval(values)->low, c.at("t95").at(0));
    expect_close(t_interval(values)->high, c.at("t95").at(1));
    expect_close(t_interval(values, 0.9)->low, c.at("t90").at(0));
    expect_close(t_interval(values, 0.9)->high, c.at("t90").at(1));
  });
}

TEST_F(Scipy, PairedT) {
  each([](const Json& c, const Values& values) {
    EXPECT_NEAR(paired_t_test(values)->statistic / c.at("t").get<double>(), 1, 1e-9);
    expect_close(paired_t_test(values)->p, c.at("t_p"));
  });
}

TEST_F(Scipy, SignedRank) {
  each([](const Json& c, const Values& values) {
    expect_close(signed_rank_test(values)->p, c.at("signed_rank_p"));
  });
}

TEST_F(Scipy, Equivalence) {
  each([](const Json& c, const Values& values) {
    expect_close(*equivalence_p(values, 0.5), c.at("tost_0.5_p"));
  });
}

TEST_F(Scipy, SuperiorityIsMannWhitney) {
  each([](const Json& c, const Values& values) {
    expect_close(*superiority(values, c.at("other").get<Values>()), c.at("superiority"));
  });
}

TEST_F(Scipy, InterQuartileMean) {
  each([](const Json& c, const Values& values) {
    expect_close(*inter_quartile_mean(values), c.at("inter_quartile_mean"));
  });
}

}  // namespace
}  // namespace gapbench::compare

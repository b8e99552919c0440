// One seed less must not turn a verdict of a committed suite into one that contradicts it.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "compare/findings/findings.h"
#include "paths.h"

namespace gapbench::compare {
namespace {

namespace fs = std::filesystem;
using Zones = std::map<std::string, Zone>;

Zones zones(const records::Records& records) {
  Zones zones;
  const Aggregate all = aggregate(records, "");
  for (const Carried& c : carried(all)) {
    zones[c.method + ", " + c.metric.name + ", " + c.from->title + ", " + c.to->title] =
        c.transfer.share.zone;
  }
  return zones;
}

/// What a zone says of the share: between -2 and 2, 0 and 1 standing for 0 and the declared share.
Interval said(Zone zone) {
  switch (zone) {
    case Zone::reproduces:
      return {1, 2};
    case Zone::weaker:
      return {0, 1};
    case Zone::share_open:
      return {0, 2};
    case Zone::at_most:
      return {-2, 1};
    case Zone::reverses:
      return {-2, 0};
    case Zone::cannot_tell:
      break;
  }
  return {-2, 2};
}

bool contradict(Zone a, Zone b) {
  return said(a).high <= said(b).low || said(b).high <= said(a).low;
}

TEST(LeaveOneOut, ZonesThatContradictEachOther) {
  EXPECT_TRUE(contradict(Zone::reproduces, Zone::reverses));
  EXPECT_TRUE(contradict(Zone::at_most, Zone::reproduces));
  EXPECT_TRUE(contradict(Zone::reverses, Zone::weaker));
  EXPECT_FALSE(contradict(Zone::share_open, Zone::weaker));
  EXPECT_FALSE(contradict(Zone::cannot_tell, Zone::reproduces));
}

TEST(LeaveOneOut, NoCommittedVerdictTurns) {
  std::size_t definite = 0;
  for (const auto& suite : fs::directory_iterator(fs::path(test::source_folder()) / "results")) {
    if (!fs::exists(suite.path() / "suite.json")) continue;
    const records::Records all = records::read_records({suite.path()});
    const Zones whole = zones(all);
    std::set<std::uint64_t> seeds;
    for (const records::Record& r : all.good) seeds.insert(r.seed);
    for (const std::uint64_t seed : seeds) {
      records::Records fewer = all;
      std::erase_if(fewer.good, [&](const records::Record& r) { return r.seed == seed; });
      for (const auto& [finding, zone] : zones(fewer)) {
        EXPECT_FALSE(contradict(zone, whole.at(finding)))
            << suite.path() << " without seed " << seed << ", " << finding << ": "
            << to_text(whole.at(finding), 0.5) << " becomes " << to_text(zone, 0.5);
        definite += zone == Zone::cannot_tell ? 0 : 1;
      }
    }
  }
  EXPECT_GT(definite, 100U);
}

}  // namespace
}  // namespace gapbench::compare

// Followers of different trials are no repetitions of each other.
#include "compare/rows/followers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/compare.h"
#include "core/temporary_folder.h"
#include "records/records.h"
#include "suite/trials/trial_file.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::some_record;
using ::testing::HasSubstr;
using ::testing::Not;

/// A trial of "a" at this rate.
Record source(std::uint64_t seed, double rate, const std::string& head) {
  Record r = some_record("a", seed, head);
  r.settings["optimizer.learning_rate"] = rate;
  return r;
}

/// Follows `from`, whose settings are in no setting of its own.
Record follower(const Record& from, const std::string& head, double accuracy,
                const test::TemporaryFolder& root) {
  train::TrialSettings settings = test::some_settings("external", from.seed);
  settings.optimizer = {"external_graft", {{"from", std::string("a")}, {"scale", 1.0}}, 1};
  const std::string folder = from.folder.filename().string();
  settings.sources = {{"from", "a", from.identity, "../../a/" + folder}};
  Record r = some_record("external", from.seed, head, 0.75, accuracy);
  r.settings["optimizer"] = std::string("external_graft");
  r.settings["optimizer.from"] = std::string("a");
  r.folder = root.path() / r.folder;
  records::RecordWriter writer(r.folder);
  writer.write_trial(suite::write_trial(settings));
  writer.finish(r);
  return r;
}

/// `a` at two rates, two seeds each, and a follower of each.
Records two_rates(const test::TemporaryFolder& root) {
  Records records;
  records.good = {source(1, 0.1, "aaaaaaa1"), source(2, 0.1, "aaaaaaa2"),
                  source(1, 0.5, "aaaaaaa3"), source(2, 0.5, "aaaaaaa4")};
  for (std::size_t i = 0; i < 4; ++i) {
    records.good.push_back(
        follower(records.good[i], "eeeeeee" + std::to_string(i + 1), i < 2 ? 0.10 : 0.60, root));
  }
  return records;
}

TEST(Followers, OfDifferentTrialsHaveRowsOfTheirOwn) {
  const test::TemporaryFolder root;
  const std::string page = compare(two_rates(root), {});
  EXPECT_THAT(page, HasSubstr("| external [follows.a.optimizer.learning_rate=0.1] | 2"));
  EXPECT_THAT(page, HasSubstr("| external [follows.a.optimizer.learning_rate=0.5] | 2"));
}

TEST(Followers, OfTrialsOfOneSettingShareARow) {
  const test::TemporaryFolder root;
  Records records = two_rates(root);
  records.good = {records.good[0], records.good[1], records.good[4], records.good[5]};
  const std::string page = compare(records, {});
  EXPECT_THAT(page, HasSubstr("| external | 2"));
  EXPECT_THAT(page, Not(HasSubstr("follows.")));
}

TEST(Followers, OfWhatIsGoneAreNotPooledWithOthers) {
  const test::TemporaryFolder root;
  Records records = two_rates(root);
  records.good.erase(records.good.begin(), records.good.begin() + 2);
  EXPECT_THAT(compare(records, {}), HasSubstr("| external [follows.a=a trial that is g"));
}

TEST(Followers, OfFollowersAreToldApartToo) {
  const test::TemporaryFolder root;
  Records records = two_rates(root);
  for (std::size_t i = 4; i < 8; ++i) {
    Record& first = records.good[i];
    train::TrialSettings settings = test::some_settings("fine", first.seed);
    settings.start = "external";
    settings.sources = {{"", "external", first.identity, "..", train::Hands::start}};
    Record r = some_record("fine", first.seed, "fffffff" + std::to_string(i));
    r.settings["start"] = std::string("external");
    r.folder = root.path() / r.folder;
    records::RecordWriter(r.folder).write_trial(suite::write_trial(settings));
    records.good.push_back(r);
  }
  tell_followers_apart(records);
  EXPECT_EQ(records.good[8].settings.at("follows.external.follows.a.optimizer.learning_rate"),
            OptionValue(0.1));
  EXPECT_EQ(records.good[10].settings.at("follows.external.follows.a.optimizer.learning_rate"),
            OptionValue(0.5));
}

}  // namespace
}  // namespace gapbench::compare

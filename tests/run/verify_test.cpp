#include "run/verify.h"

#include <gtest/gtest.h>

#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/records.h"

namespace gapbench::run {
namespace {

using test::TemporaryFolder;

class HistoryDifference : public ::testing::Test {
 protected:
  std::string difference(const std::string& recorded, const std::string& repeated) {
    return history_difference(write("a", recorded), write("b", repeated));
  }
  std::filesystem::path write(const std::string& name, const std::string& lines) {
    std::filesystem::create_directory(root_.path() / name);
    return root_.write(name + "/history.jsonl", lines).parent_path();
  }
  TemporaryFolder root_;
};

TEST_F(HistoryDifference, NoneForTheSameNumbers) {
  EXPECT_EQ(difference("{\"step\":1,\"loss\":0.5}\n", "{\"loss\":0.5,\"step\":1}\n"), "");
}

// 0.1 + 0.2 is the double after 0.3.
TEST_F(HistoryDifference, NamesTheFirstNumberDownToTheLastBit) {
  EXPECT_EQ(difference("{\"step\":0}\n{\"step\":8,\"test\":{\"loss\":0.3}}\n{\"step\":16}\n",
                       "{\"step\":0}\n{\"step\":8,\"test\":{\"loss\":0.30000000000000004}}\n{}\n"),
            "step 8: test/loss is 0.30000000000000004, was 0.3");
}

TEST_F(HistoryDifference, AMissingNumberAndAMissingEvaluationAreDifferences) {
  EXPECT_EQ(difference("{\"step\":4,\"objective\":2}\n", "{\"step\":4}\n"),
            "step 4: objective is not there, was 2");
  EXPECT_EQ(difference("{\"step\":4}\n{\"step\":8}\n", "{\"step\":4}\n"), "1 evaluations, were 2");
}

// Records from before a chain's mixing was told verify as they did.
TEST_F(HistoryDifference, MixingIsComparedWhereItWasRecorded) {
  const auto line = [](const std::string& values) {
    return "{\"step\":4,\"posterior\":{\"values\":[{\"probe\":\"own\",\"value\":1}" + values +
           "]}}\n";
  };
  const std::string mixing = ",{\"probe\":\"mixing\",\"value\":7}";
  const std::string other = ",{\"probe\":\"mixing\",\"value\":8}";
  EXPECT_EQ(difference(line(""), line(mixing)), "");
  EXPECT_EQ(difference(line(mixing), line(mixing)), "");
  EXPECT_EQ(difference(line(mixing), line(other)), "step 4: posterior/values/1/value is 8, was 7");
  EXPECT_NE(difference(line(mixing), line("")), "");
  EXPECT_NE(difference(line(""), line(",{\"probe\":\"own\",\"value\":2}" + mixing)), "");
}

// Records from before the bins of the calibration error were kept, too.
TEST_F(HistoryDifference, BinsAreComparedWhereTheyWereRecorded) {
  const auto line = [](const std::string& bins) {
    return "{\"step\":4,\"predictive\":{\"train\":{\"ece\":1" + bins + "},\"test\":{\"ece\":2" +
           bins + "}}}\n";
  };
  const std::string seven = ",\"bins\":{\"examples\":[7]}";
  const std::string eight = ",\"bins\":{\"examples\":[8]}";
  EXPECT_EQ(difference(line(""), line(seven)), "");
  EXPECT_EQ(difference(line(seven), line(seven)), "");
  EXPECT_EQ(difference(line(seven), line(eight)),
            "step 4: predictive/test/bins/examples/0 is 8, was 7");
  EXPECT_NE(difference(line(seven), line("")), "");
}

TEST_F(HistoryDifference, ABrokenOneIsNamed) {
  try {
    difference("{\"step\":4}\n{\n", "{\"step\":4}\n{\"step\":8}\n");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.what(), (root_.path() / "a/history.jsonl").string() + ": line 2 is not valid JSON");
  }
}

TEST(Verify, NeedsATrialThatEnded) {
  records::Records records;
  records.good = {test::failed_record("sgd", 1, "aaaaaaa1", train::Status::crashed, 3, "killed")};
  EXPECT_THROW(verify(records, {}), Error);
}

}  // namespace
}  // namespace gapbench::run

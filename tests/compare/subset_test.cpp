// Test numbers on some test images, and rows looked at image by image. By hand.
#include "compare/rows/subset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "compare/compare.h"
#include "compare/error_of.h"
#include "core/temporary_folder.h"
#include "records/outcomes.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Outcomes;
using records::Record;
using test::error_of;
using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Labels 0 0 1 1 and these predictions, each with this probability of the label.
Outcomes outcomes(const std::vector<std::int32_t>& predicted, float probability) {
  Outcomes list;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    list.push_back({i < 2 ? 0 : 1, predicted[i], probability});
  }
  return list;
}

/// Writes a finished trial of four test images whose recorded loss is -log p.
void write(const TemporaryFolder& root, const std::string& method, std::uint64_t seed,
           const std::string& head, const std::vector<std::int32_t>& predicted,
           float probability = 0.5F) {
  const Outcomes list = outcomes(predicted, probability);
  double right = 0;
  for (const auto& o : list) right += o.label == o.predicted ? 1 : 0;
  Record record = test::some_record(method, seed, head, 1.0, right / 4);
  record.outcome.final->test = train::PartMetrics{-std::log(double{probability}), right / 4, 4};
  records::RecordWriter writer(root.path() / record.folder);
  writer.write_trial("suite: demo\n");
  writer.write_outcomes(list);
  writer.finish(record);
}

/// a: 3 and 2 of 4 right; b: 4 of 4 twice.
void write_two_methods(const TemporaryFolder& root) {
  write(root, "a", 1, "aaaaaaa1", {0, 1, 1, 1});
  write(root, "a", 2, "aaaaaaa2", {0, 1, 1, 0});
  write(root, "b", 1, "bbbbbbb1", {0, 0, 1, 1});
  write(root, "b", 2, "bbbbbbb2", {0, 0, 1, 1});
}

SubsetChoice listing(const std::vector<std::size_t>& images, Side side = Side::listed,
                     const std::string& set = "") {
  return {{{"list.csv", set, images}}, side};
}

const train::PartMetrics& test_of(const records::Records& records, const std::string& method,
                                  std::uint64_t seed) {
  for (const Record& r : records.good) {
    if (r.method == method && r.seed == seed) return *r.outcome.final->test;
  }
  throw Error(method, "is not there");
}

TEST(ReadSubset, TakesTheFirstColumn) {
  const TemporaryFolder folder;
  const auto file = folder.write("list.csv",
                                 "# gapbench near duplicates, format 1\n# set: cifar10\n"
                                 "# checksum: 00ff\n"
                                 "test,train,distance\n\n 7,3,0.5\n2 , 9,0.1\n");
  const Subset subset = read_subset(file);
  EXPECT_EQ(subset.set, "cifar10");
  EXPECT_EQ(subset.checksum, "00ff");
  EXPECT_THAT(subset.images, ElementsAre(2, 7));
  EXPECT_THAT(read_subset(folder.write("bare", "4\r\n0\r\n")).images, ElementsAre(0, 4));
}

TEST(ReadSubset, RefusesWhatIsNoList) {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& text) {
    const auto file = folder.write("list", text);
    return error_of([&] { read_subset(file); });
  };
  EXPECT_THAT(refusal("test\n1\nx,2\n"), HasSubstr("list:3: \"x\" is no number of a test image"));
  EXPECT_THAT(refusal("a\nb\n"), HasSubstr("list:2: "));
  EXPECT_THAT(refusal("1\n-2\n"), HasSubstr("list:2: \"-2\""));
  EXPECT_THAT(refusal("1\n2\n1\n"), HasSubstr("lists test image 1 twice"));
  EXPECT_THAT(refusal("# nothing\n"), HasSubstr("lists no test image"));
  EXPECT_THAT(error_of([&] { read_subset(folder / "none"); }), HasSubstr("none"));
}

TEST(Subset, CountsTheListedOrTheOthers) {
  const TemporaryFolder root;
  write_two_methods(root);
  const auto records = records::read_records({root.path()});
  const OnSubset listed = on_subset(records, listing({1, 3}));
  EXPECT_EQ(test_of(listed.records, "a", 1).accuracy, 0.5);
  EXPECT_EQ(test_of(listed.records, "a", 2).accuracy, 0.0);
  EXPECT_EQ(test_of(listed.records, "b", 2).accuracy, 1.0);
  EXPECT_EQ(test_of(listed.records, "a", 1).examples, 2U);
  EXPECT_NEAR(test_of(listed.records, "a", 1).loss, std::log(2.0), 1e-12);
  ASSERT_EQ(listed.notes.size(), 1U);
  EXPECT_EQ(listed.notes.begin()->second,
            "Test numbers here are those on 2 of 4 test images: the ones listed in list.csv.");
  const OnSubset others = on_subset(records, listing({1}, Side::not_listed));
  EXPECT_EQ(test_of(others.records, "a", 1).accuracy, 1.0);
  EXPECT_EQ(test_of(others.records, "a", 2).accuracy, 2.0 / 3);
  // images that the test part does not have are no images of it
  EXPECT_EQ(test_of(on_subset(records, listing({1, 99})).records, "a", 1).accuracy, 0.0);
}

TEST(Subset, OfEveryImageChangesNoNumber) {
  const TemporaryFolder root;
  write_two_methods(root);
  const auto records = records::read_records({root.path()});
  const OnSubset whole = on_subset(records, listing({0, 1, 2, 3}));
  for (const Record& r : records.good) {
    EXPECT_EQ(test_of(whole.records, r.method, r.seed).accuracy, r.outcome.final->test->accuracy);
  }
}

TEST(Subset, LeavesOutByName) {
  const TemporaryFolder root;
  write_two_methods(root);
  test::write_record(root.path(), test::some_record("old", 1, "ccccccc1"));
  auto records = records::read_records({root.path()});
  records.good[0].outcome.final->test->accuracy = 0.25;  // not that of its outcomes
  const OnSubset on = on_subset(records, listing({1}));
  ASSERT_EQ(on.records.broken.size(), 2U);
  EXPECT_THAT(on.records.broken[0].reason, HasSubstr("does not have the test accuracy of summary"));
  EXPECT_THAT(on.records.broken[1].reason, HasSubstr("kept no outcomes of its test images"));
  EXPECT_EQ(on.records.good.size(), 3U);
  records.good.pop_back();  // the old one
  EXPECT_THAT(error_of([&] { on_subset(records, listing({4})); }),
              HasSubstr("none of its 4 test images counts"));
  EXPECT_THAT(error_of([&] { on_subset(records, listing({1}, Side::listed, "mnist")); }),
              HasSubstr("no list is of cifar10"));
}

TEST(Subset, AListOfOtherDataLeavesOut) {
  const TemporaryFolder root;
  write_two_methods(root);
  const auto records = records::read_records({root.path()});
  SubsetChoice choice = listing({1});
  choice.subsets[0].checksum = std::string(64, 'c');  // that of some_settings
  EXPECT_EQ(on_subset(records, choice).records.good.size(), 4U);
  choice.subsets[0].checksum = std::string(64, 'd');
  EXPECT_THAT(error_of([&] { on_subset(records, choice); }),
              HasSubstr("list.csv is a list of other data: its checksum is another"));
}

TEST(Subset, ALossOfAnotherKindIsNotKnown) {
  const TemporaryFolder root;
  write(root, "a", 1, "aaaaaaa1", {0, 0, 1, 1});
  auto records = records::read_records({root.path()});
  records.good[0].outcome.final->test->loss = 0.7;  // not ln 2
  EXPECT_TRUE(std::isnan(test_of(on_subset(records, listing({1})).records, "a", 1).loss));
}

TEST(Subset, OneListASet) {
  records::Records none;
  SubsetChoice choice{{{"x", "cifar10", {1}}, {"y", "cifar10", {2}}}};
  EXPECT_THAT(error_of([&] { on_subset(none, choice); }),
              HasSubstr("x and y would both be of cifar10"));
  choice.subsets[0].set = "";
  EXPECT_THAT(error_of([&] { on_subset(none, choice); }), HasSubstr("would both be of"));
}

TEST(Subset, IsInTheTable) {
  const TemporaryFolder root;
  write_two_methods(root);
  CompareOptions options;
  options.subset = listing({0, 1}, Side::not_listed);
  const std::string text = compare(records::read_records({root.path()}), options);
  EXPECT_THAT(text, HasSubstr("on 2 of 4 test images: the ones not listed in list.csv."));
  EXPECT_THAT(text, HasSubstr("Only the test images not listed in list.csv count here"));
  EXPECT_THAT(text, HasSubstr("75.00 ± 35.36"));  // a: 2 and 1 of the last two
  options.format = Format::csv;                   // every line says it
  const std::string lines = compare(records::read_records({root.path()}), options);
  std::size_t noted = 0;
  for (std::size_t at = lines.find("on 2 of 4"); at != std::string::npos; ++noted) {
    at = lines.find("on 2 of 4", at + 1);
  }
  EXPECT_EQ(noted, 4U);
  options.format = Format::json;
  const auto json = nlohmann::json::parse(compare(records::read_records({root.path()}), options));
  EXPECT_THAT(json["images"].get<std::string>(), HasSubstr("not listed in list.csv"));
  EXPECT_THAT(json["sections"][0]["note"].get<std::string>(), HasSubstr("on 2 of 4"));
  options.at = At::best_validation;
  EXPECT_THAT(error_of([&] { compare(records::read_records({root.path()}), options); }),
              HasSubstr("leave out --at"));
}

TEST(ByImage, ClassesAgreementAndSampling) {
  const TemporaryFolder root;
  write_two_methods(root);
  CompareOptions options;
  options.format = Format::json;
  options.baseline = "a";
  const auto records = records::read_records({root.path()});
  EXPECT_FALSE(nlohmann::json::parse(compare(records, options)).contains("by_image"));
  options.by_image = true;
  const auto json = nlohmann::json::parse(compare(records, options))["by_image"];
  ASSERT_EQ(json.size(), 1U);
  const auto& a = json[0]["rows"][0];
  const auto& b = json[0]["rows"][1];
  ASSERT_EQ(a["method"], "a");
  EXPECT_EQ(a["classes"][0]["images"], 2);
  EXPECT_EQ(a["classes"][0]["accuracy"], 0.5);
  EXPECT_EQ(a["classes"][1]["by_trial"], (std::vector<double>{1.0, 0.5}));
  EXPECT_EQ(a["own_agreement"], 0.75);  // they differ on the last image
  EXPECT_TRUE(a["agreement"].is_null());
  EXPECT_EQ(b["own_agreement"], 1.0);
  EXPECT_EQ(b["agreement"], (0.75 + 0.75 + 0.5 + 0.5) / 4);
  // by image 0 1 0 1/2: mean 3/8, deviation sqrt(11/48), error that over 2
  EXPECT_EQ(b["image_sampling"]["images"], 4);
  EXPECT_EQ(b["image_sampling"]["difference"], 0.375);
  EXPECT_NEAR(b["image_sampling"]["error"].get<double>(), std::sqrt(11.0 / 48) / 2, 1e-12);
  EXPECT_NEAR(b["image_sampling"]["share"].get<double>(), 1, 1e-12);
}

TEST(ByImage, IsATableOfClassesAndOneOfAgreement) {
  const TemporaryFolder root;
  write_two_methods(root);
  CompareOptions options;
  options.baseline = "a";
  options.by_image = true;
  const std::string text = compare(records::read_records({root.path()}), options);
  EXPECT_THAT(text, HasSubstr("| Test acc % of class | 0 | 1 |"));
  EXPECT_THAT(text, HasSubstr("| a | 50.0 | 75.0 |"));
  EXPECT_THAT(text, HasSubstr("| a | 75.0 | – | – | – | – |"));
  EXPECT_THAT(text, HasSubstr("| b | 100.0 | 62.5 | +37.5 | 23.94 | 100.0 |"));
}

TEST(ByImage, IsRefusedWhereItMeansNothing) {
  const TemporaryFolder root;
  write_two_methods(root);
  CompareOptions options;
  options.by_image = true;
  const auto records = records::read_records({root.path()});
  options.format = Format::csv;
  EXPECT_THAT(error_of([&] { compare(records, options); }), HasSubstr("is not for --format csv"));
  options.format = Format::json;
  options.subset = listing({1});
  EXPECT_THAT(error_of([&] { compare(records, options); }), HasSubstr("leave out --subset"));
}

}  // namespace
}  // namespace gapbench::compare

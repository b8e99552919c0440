// Regression sets from text files.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>

#include "data/verify.h"
#include "fixtures.h"

namespace gapbench::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Csv : public ::testing::Test {
 protected:
  Csv() {
    // Columns: feature 0, target, feature 1 (constant). Rows 0 to 3 train, row 4 tests.
    put("data.txt", "1 10 0.1\n3\t10  0.1\n\n1 30 0.1\n3 30 0.1\n5 40 0.6\n");
    put("index_features.txt", "0 2\n");
    put("index_target.txt", "1\n");
    put("index_train_0.txt", "0\n1\n2\n3\n");
    put("index_test_0.txt", "4\n");
  }
  void put(const std::string& name, const std::string& text) const {
    write(scratch.path() / "csv/tiny" / name, text);
  }
  std::unique_ptr<const Data> load_it(std::int64_t split = 0) const {
    return load(request("csv:tiny", scratch.path(), {{"split", split}}));
  }
  std::string refusal(const std::string& name, const std::string& text) const {
    put(name, text);
    return error_of([&] { load_it(); });
  }

  test::TemporaryFolder scratch;
};

TEST_F(Csv, StandardizedByHand) {
  const auto data = load_it();
  EXPECT_EQ(data->description().classes, 0U);
  EXPECT_EQ(data->description().target_width, 1U);
  EXPECT_EQ(data->description().shape.size(), 2U);
  const Gathered test = gather_all(*data, Part::test);
  // Feature 0: mean 2, deviation 1. Target: mean 20, deviation 10. Feature 1: constant 0.1.
  EXPECT_THAT(test.inputs, ElementsAre(3.0F, 0.5F));
  EXPECT_THAT(test.targets, ElementsAre(2.0F));
  const Gathered train = gather_all(*data, Part::train);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(std::abs(train.inputs[2 * i]), 1.0F);
    EXPECT_EQ(train.inputs[2 * i + 1], 0.0F);
    EXPECT_EQ(std::abs(train.targets[i]), 1.0F);
  }
  EXPECT_THAT(data->description().notes, ElementsAre(HasSubstr("mean 20, deviation 10"),
                                                     HasSubstr("1 of 2 features constant")));
}

TEST_F(Csv, CommasCommentsAndOtherNames) {
  const auto before = load_it();
  fs::remove(scratch.path() / "csv/tiny/data.txt");
  put("data.csv", "# x, y, z\r\n1, 10 ,0.1\r\n+3,10,1e-1\r\n1,30,0.1\r\n3,30,0.1\r\n5,40,0.6");
  put("index_train_0.txt", "0, 1, 2, 3");
  EXPECT_EQ(gather_all(*before, Part::train).inputs, gather_all(*load_it(), Part::train).inputs);
}

TEST_F(Csv, OwnFolderBeforeTheUciFolder) {
  fs::create_directories(scratch.path() / "uci");
  fs::copy(scratch.path() / "csv/tiny", scratch.path() / "uci/tiny");
  write(scratch.path() / "uci/tiny/data.txt", "nonsense");
  EXPECT_EQ(load_it()->examples(Part::train), 4U);
  fs::remove_all(scratch.path() / "csv");
  EXPECT_THAT(error_of([&] { load_it(); }), HasSubstr("uci/tiny/data.txt:1: \"nonsense\""));
}

TEST_F(Csv, SplitsAreChosenByNumber) {
  put("index_train_1.txt", "4 3");
  put("index_test_1.txt", "0");
  EXPECT_EQ(load_it(1)->examples(Part::train), 2U);
  EXPECT_NE(load_it(0)->description().checksum, load_it(1)->description().checksum);
  EXPECT_THAT(error_of([&] { load_it(2); }), HasSubstr("index_train_2.txt: is missing"));
}

TEST_F(Csv, EachSeedDrawsItsOwnParts) {
  for (const char* name : {"index_train_0.txt", "index_test_0.txt"}) {
    fs::remove(scratch.path() / "csv/tiny" / name);  // not read, and not missed
  }
  std::string rows;
  for (int i = 0; i < 20; ++i) rows += std::to_string(i) + " " + std::to_string(i) + " 0\n";
  put("data.txt", rows);
  Request r = request("csv:tiny", scratch.path());
  r.test_fraction = 0.1;
  r.validation = 3;
  // Rows by their standardized target: (i - mean) / deviation over the training part.
  const auto parts = [&](std::uint64_t seed) {
    r.split_seed = seed;
    const auto data = load(r);
    const double scale = data->description().target_scales.at(0);
    std::array<std::vector<float>, 3> targets;
    for (const Part part : {Part::train, Part::validation, Part::test}) {
      targets[static_cast<std::size_t>(part)] = gather_all(*data, part).targets;
    }
    double sum = 0, squares = 0;
    for (const float t : targets[0]) {
      sum += t;
      squares += double{t} * t;
    }
    EXPECT_NEAR(sum, 0, 1e-5);           // over the training part alone
    EXPECT_NEAR(squares / 15, 1, 1e-5);  // f32 rounding of 15 values of about 1
    std::vector<double> all;
    for (const auto& part : targets) {
      for (const float t : part) all.push_back(scale * (t - targets[2][0]));
    }
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_NEAR(all[i] - all[0], static_cast<double>(i), 1e-5);  // every row once
    }
    return targets;
  };
  const auto one = parts(1);
  EXPECT_EQ(one[2].size(), 2U);
  EXPECT_EQ(one[1].size(), 3U);
  EXPECT_EQ(one[0].size(), 15U);
  EXPECT_EQ(one, parts(1));
  EXPECT_NE(one[2], parts(2)[2]);
  EXPECT_EQ(load(r)->description().notes.size(), 2U);  // standardized, a constant feature
  EXPECT_EQ(checksum(r), load(r)->description().checksum);
  const Report report = verify("csv:tiny", scratch.path());
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.files.size(), 3U);
  r.test_fraction = 0.97;
  EXPECT_THAT(error_of([&] { load(r); }),
              HasSubstr("validation: 3 asked, csv:tiny has 1 training"));
  r.test_fraction = 0.99;
  EXPECT_EQ(
      error_of([&] { load(r); }),
      "test_fraction: 0.99 of the 20 records of csv:tiny are 20; both parts need one at least");
}

TEST_F(Csv, AChecksumOfAllRowsIsNotThatOfASplit) {
  Request r = request("csv:tiny", scratch.path());
  const std::string split = checksum(r);
  r.test_fraction = 0.5;
  const std::string all = checksum(r);
  EXPECT_NE(split, all);
  put("index_test_0.txt", "3");
  put("index_train_0.txt", "4");
  EXPECT_EQ(checksum(r), all);
}

TEST_F(Csv, ErrorsNameTheLine) {
  EXPECT_THAT(refusal("data.txt", "1 2 3\n\n1 2\n"),
              HasSubstr("data.txt:3: 2 columns, 3 expected"));
  EXPECT_THAT(refusal("data.txt", "1 2 3\n1 2 x3\n"),
              HasSubstr("data.txt:2: \"x3\" is not a number"));
  EXPECT_THAT(refusal("data.txt", "1 2 3\n1 2 3x\n"),
              HasSubstr("data.txt:2: \"3x\" is not a number"));
  EXPECT_THAT(refusal("data.txt", "1 nan 3\n"), HasSubstr("data.txt:1: \"nan\" found, a finite"));
  EXPECT_THAT(refusal("data.txt", "1 2 -inf\n"), HasSubstr("data.txt:1: \"-inf\" found, a finite"));
  EXPECT_THAT(refusal("data.txt", "1 2 1e999\n"), HasSubstr("data.txt:1: \"1e999\" does not fit"));
  EXPECT_THAT(refusal("data.txt", "1,,3\n"), HasSubstr("data.txt:1: \"\" is not a number"));
  EXPECT_THAT(refusal("data.txt", "1,2,\n"), HasSubstr("data.txt:1: \"\" is not a number"));
  EXPECT_THAT(refusal("data.txt", "\n\n"), HasSubstr("data.txt: holds no numbers"));
}

TEST_F(Csv, IndicesAreChecked) {
  EXPECT_THAT(refusal("index_train_0.txt", "0\n5\n"),
              HasSubstr("index_train_0.txt:2: \"5\" is not a row index, must be 0 to 4"));
  EXPECT_THAT(refusal("index_train_0.txt", "0\n-1\n"), HasSubstr("index_train_0.txt:2: \"-1\""));
  EXPECT_THAT(refusal("index_train_0.txt", "0\n1.5\n"), HasSubstr("index_train_0.txt:2: \"1.5\""));
  EXPECT_THAT(refusal("index_train_0.txt", "0 1\n1\n"), HasSubstr("txt:2: row 1 stands twice"));
  EXPECT_THAT(refusal("index_train_0.txt", ""), HasSubstr("index_train_0.txt: holds no row index"));
  EXPECT_THAT(refusal("index_train_0.txt", "0\n4\n"),
              HasSubstr("index_test_0.txt:1: row 4 is a training row as well"));
}

TEST_F(Csv, ColumnsAreChecked) {
  EXPECT_THAT(refusal("index_target.txt", "3"),
              HasSubstr("index_target.txt:1: \"3\" is not a column"));
  EXPECT_THAT(refusal("index_target.txt", "2"), HasSubstr("column 2 is a feature as well"));
}

TEST_F(Csv, ValuesBeyondF32AreRefused) {
  EXPECT_THAT(refusal("data.txt", "1 1 0\n2 2 0\n1 1 0\n2 2 0\n1 1e200 0\n"),
              HasSubstr("csv:tiny: 1e+200 is too large"));
  EXPECT_THAT(refusal("data.txt", "1e300 1 0\n-1e300 2 0\n1 1 0\n2 2 0\n1 1 0\n"),
              HasSubstr("csv:tiny: 1e+300 is too large"));
  EXPECT_THAT(refusal("data.txt", "1 1 0\n2 2 0\n1e300 1 0\n2 2 0\n1 1 0\n"),
              HasSubstr("csv:tiny: 1e+300 is too large"));
}

TEST_F(Csv, NothingToAugment) {
  const auto data = load_it();
  EXPECT_THAT(error_of([&] { gather_indices(*data, Part::train, {0}, true); }),
              HasSubstr("augment must be false"));
  EXPECT_EQ(gather_indices(*data, Part::test, {0}, true).inputs[0], 3.0F);
}

TEST(CsvName, MustBeAFolderName) {
  const test::TemporaryFolder scratch;
  for (const char* name : {"csv:", "csv:..", "csv:a/b", "csv:/etc", "csv:.hidden", "csv:a b"}) {
    EXPECT_THAT(error_of([&] { load(request(name, scratch.path())); }),
                HasSubstr("names no folder"))
        << name;
  }
  EXPECT_THAT(error_of([&] { load(request("csv:absent", scratch.path())); }),
              HasSubstr("csv/absent/data.txt: is missing; a csv set is"));
}

}  // namespace
}  // namespace gapbench::data

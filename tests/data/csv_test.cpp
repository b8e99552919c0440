// Regression sets from text files.
#include <gmock/gmock.h>

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

// npy and npy_regression: arrays of every kind by hand, and files that are not what they say.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "plugins/hand.h"
#include "plugins/npy_files.h"

namespace gapbench::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Npy : public ::testing::Test {
 protected:
  Npy() { write_npy_examples(folder_.path()); }

  void put(const char* file, const std::string& bytes) const {
    for (const char* name : {"npy", "npy_regression"}) {
      write_npy(folder_.path() / name / "example" / file, bytes);
    }
  }
  void put_f4(const char* file, const char* shape, const std::vector<float>& values) const {
    put(file, npy("<f4", shape, raw(values)));
  }

  DataRecords load(const std::string& text = "set=example", bool regression = false) const {
    const Component& c = component_of(regression);
    return load_data_set(c.about.name, c.load_data, c.has_targets, options(c, text),
                         folder_.path() / c.about.name);
  }
  std::string refusal(const std::string& text = "set=example", bool regression = false) const {
    try {
      load(text, regression);
      return "";
    } catch (const Error& e) {
      std::string what = e.what();
      const std::string place = folder_.path().string() + "/npy/example/";
      for (auto at = what.find(place); at != what.npos; at = what.find(place)) {
        what.erase(at, place.size());
      }
      return what;
    }
  }

  static const Component& component_of(bool regression) {
    const Component& first = component("data_npy");
    return regression ? *(&first + 1) : first;
  }

  const TemporaryFolder folder_;
};

TEST_F(Npy, BytesAreImages) {
  const DataRecords r = load();
  EXPECT_EQ(r.shape, (Shape{2, 2, 2}));
  EXPECT_EQ(r.classes, 2U);
  EXPECT_THAT(r.train.bytes, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  EXPECT_TRUE(r.train.values.empty());
  EXPECT_THAT(r.train.labels, ElementsAre(1, 0));
  EXPECT_THAT(r.test.bytes, ElementsAre(16, 17, 18, 19, 20, 21, 22, 23));
  EXPECT_THAT(r.test.labels, ElementsAre(1));
  EXPECT_EQ(load("set=example classes=7").classes, 7U);
}

// [channel][row][column]: the channels are 0 1 2 3 and 4 5 6 7.
TEST_F(Npy, ChannelsMayComeFirst) {
  const DataRecords r = load("set=example layout=channels_first");
  EXPECT_THAT(r.train.bytes, ElementsAre(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15));
  put_f4("x_train.npy", "(2, 3, 1, 2)", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  put_f4("x_test.npy", "(1, 3, 1, 2)", {0, 1, 2, 3, 4, 5});
  const DataRecords f = load("set=example layout=channels_first");
  EXPECT_EQ(f.shape, (Shape{1, 2, 3}));
  EXPECT_THAT(f.train.values, ElementsAre(0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11));
}

TEST_F(Npy, NumbersOfEveryTypeAreRead) {
  const auto values = [&](const char* type, const std::string& bytes) {
    put("x_train.npy", npy(type, "(2, 1)", bytes));
    put("x_test.npy", npy(type, "(2, 1)", bytes));
    put("y_test.npy", npy("|b1", "(2, 1)", std::string("\1\0", 2)));
    const DataRecords r = load();
    EXPECT_EQ(r.shape, (Shape{1, 1, 1}));
    EXPECT_THAT(r.test.labels, ElementsAre(1, 0));
    return r.train.values;
  };
  EXPECT_THAT(values("<f4", raw(std::vector<float>{0.5F, -2})), ElementsAre(0.5, -2));
  EXPECT_THAT(values("<f8", raw(std::vector<double>{0.1, 1e300})), ElementsAre(0.1, 1e300));
  EXPECT_THAT(values("|u1", raw(std::vector<std::uint8_t>{0, 255})), ElementsAre(0, 255));
  EXPECT_THAT(values("|i1", raw(std::vector<std::int8_t>{-128, 1})), ElementsAre(-128, 1));
  EXPECT_THAT(values("<i2", raw(std::vector<std::int16_t>{-300, 1})), ElementsAre(-300, 1));
  EXPECT_THAT(values("<u2", raw(std::vector<std::uint16_t>{65535, 1})), ElementsAre(65535, 1));
  EXPECT_THAT(values("<i4", raw(std::vector<std::int32_t>{-70000, 1})), ElementsAre(-70000, 1));
  EXPECT_THAT(values("<u4", raw(std::vector<std::uint32_t>{4294967295, 1})),
              ElementsAre(4294967295, 1));
  EXPECT_THAT(values("<i8", raw(std::vector<std::int64_t>{-5000000000, 1})),
              ElementsAre(-5000000000, 1));
  EXPECT_THAT(values("<u8", raw(std::vector<std::uint64_t>{5000000000, 1})),
              ElementsAre(5000000000, 1));
}

TEST_F(Npy, LaterVersionsOfTheFormatAreRead) {
  for (const unsigned char version : {std::uint8_t{2}, std::uint8_t{3}}) {
    put("y_test.npy", npy("<i4", "(1,)", raw(std::vector<std::int32_t>{0}), version));
    EXPECT_THAT(load().test.labels, ElementsAre(0));
  }
}

TEST_F(Npy, ARegressionHasTargets) {
  put_f4("y_train.npy", "(2, 3)", {1, 2, 3, 4, 5, 6});
  put_f4("y_test.npy", "(1, 3)", {7, 8, 9});
  const DataRecords r = load("set=example", true);
  EXPECT_EQ(r.target_width, 3U);
  EXPECT_EQ(r.classes, 0U);
  EXPECT_THAT(r.train.targets, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_TRUE(r.train.bytes.empty());
  EXPECT_EQ(r.train.values[9], 9);
  put_f4("y_test.npy", "(1, 2)", {7, 8});
  EXPECT_THAT(refusal("set=example", true), HasSubstr("has another width than y_train.npy"));
}

TEST_F(Npy, WhatDoesNotFitIsSaidWithTheFile) {
  EXPECT_THAT(refusal("set=nothing"), HasSubstr("x_train.npy: is missing; a set is x_train.npy"));
  EXPECT_THAT(refusal("set=../npy/example"), HasSubstr("npy.set: must be the name of a folder"));
  EXPECT_THAT(refusal("set=.."), HasSubstr("npy.set: must be the name of a folder"));
  EXPECT_EQ(refusal("set=example classes=1"),
            "npy: is a data_set of classes and gives 1 classes and a target_width of 0; must be at "
            "least 2 and 0");
  put("y_train.npy", npy("<i8", "(2,)", raw(std::vector<std::int64_t>{4294967297, 0})));
  EXPECT_EQ(refusal(), "npy: y_train.npy: the label 4294967297 is no class's; they count from 0");
  put("y_train.npy", npy("<i8", "(2,)", raw(std::vector<std::int64_t>{-1, 1})));
  EXPECT_EQ(refusal(), "npy: training part: label -1 of example 0, must be 0 to 1");
  put_f4("y_train.npy", "(2,)", {0, 1});
  EXPECT_EQ(refusal(), "npy: y_train.npy: holds <f4; labels are whole numbers: y.astype('int64')");
  put("y_train.npy", npy("<i8", "(3,)", raw(std::vector<std::int64_t>{0, 1, 1})));
  EXPECT_EQ(refusal(), "npy: training part: 3 labels for 2 examples, 2 expected");
  write_npy_examples(folder_.path());
  put_f4("x_test.npy", "(1, 2, 2, 2)", {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(refusal(),
            "npy: x_test.npy: holds other examples than x_train.npy; sizes and types must be the "
            "same");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  put_f4("x_train.npy", "(2, 2, 2, 2)", {1, 2, 3, 4, 5, 6, 7, 8, nan, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(refusal(), "npy: training part: nan among the values of example 1, must be finite");
}

TEST_F(Npy, HostileHeadersAreRefusedBeforeRoomIsMade) {
  const auto said = [&](const std::string& bytes) {
    put("x_train.npy", bytes);
    const std::string what = refusal();
    return what.substr(what.find("x_train.npy: ") + 13);
  };
  EXPECT_THAT(said(""), HasSubstr("is no .npy file: 0 bytes"));
  EXPECT_THAT(said("\x93NUMPY\1"), HasSubstr("is no .npy file"));
  EXPECT_THAT(said("PK\3\4 and so on, a zip file"), HasSubstr("is no .npy file; numpy.save"));
  EXPECT_THAT(said(npy("|u1", "(2,)", "ab", 9)), HasSubstr("has version 9 of the format"));
  EXPECT_THAT(said(npy("|u1", "(2,)", "ab").substr(0, 40)), HasSubstr("ends within its header"));
  EXPECT_THAT(said(npy(">f4", "(2,)", std::string(8, 'a'))), HasSubstr("the type >f4"));
  EXPECT_THAT(said(npy("|O", "(2,)", "ab")), HasSubstr("the type |O"));
  EXPECT_THAT(said(npy("<f2", "(2,)", "abcd")), HasSubstr("the type <f2"));
  EXPECT_THAT(said(npy("\x1b[2J", "(2,)", "ab")), HasSubstr("the type ?[2J;"));
  std::string fortran = npy("|u1", "(2,)", "ab");
  fortran.replace(fortran.find("False"), 5, "True ");
  EXPECT_THAT(said(fortran), HasSubstr("is in Fortran order"));
  for (const char* shape : {"(3,)", "(1,)", "(18446744073709551615, 2)", "(4294967296, 4294967296)",
                            "(9223372036854775808, 2)"}) {
    EXPECT_THAT(said(npy("|u1", shape, "ab")), HasSubstr("which do not make an array")) << shape;
  }
  EXPECT_THAT(said(npy("<f4", "(2,)", "1234567")), HasSubstr("which do not make an array"));
  EXPECT_THAT(said(npy("|u1", "(0, 2)", "")), HasSubstr("is an empty array"));
  for (const char* shape :
       {"()", "(2", "2", "(-2,)", "(2,,x)", "(99999999999999999999,)", "(1,1,1,1,1,1,1,1,2)"}) {
    EXPECT_THAT(said(npy("|u1", shape, "ab")), HasSubstr("shape")) << shape;
  }
  EXPECT_THAT(said(npy("|u1", "(1, 1, 1, 1, 2)", "ab")), HasSubstr("more than four axes"));
  std::string keyless = npy("|u1", "(2,)", "ab");
  keyless.replace(keyless.find("descr"), 5, "dtype");
  EXPECT_THAT(said(keyless), HasSubstr("has no 'descr':"));
}

}  // namespace
}  // namespace gapbench::test

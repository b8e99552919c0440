// What a loader may give, and what is said of what it may not.
#include "gapbench/data_set.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "gapbench/error.h"
#include "gapbench/options.h"

namespace gapbench {
namespace {

DataRecords given;

DataRecords load(const Options&, const std::filesystem::path&) { return given; }

DataRecords whole() {
  return {.shape = {1, 1, 2},
          .classes = 3,
          .train = {.values = {1, 2, 3, 4, 5, 6}, .labels = {0, 1, 2}},
          .test = {.values = {7, 8}, .labels = {1}}};
}

DataRecords regression() {
  return {.shape = {1, 1, 1},
          .target_width = 2,
          .train = {.values = {1, 2}, .targets = {1, 2, 3, 4}},
          .test = {.values = {7}, .targets = {1, 2}}};
}

std::string refusal(DataRecords records, bool has_targets = false) {
  given = std::move(records);
  try {
    load_data_set("rings", load, has_targets, Options::resolve("rings", {}, {}), "folder");
    return "";
  } catch (const Error& e) {
    return e.what();
  }
}

std::string changed(const std::function<void(DataRecords&)>& change) {
  DataRecords records = whole();
  change(records);
  return refusal(records);
}

TEST(DataSet, ThatIsWholeIsGivenAsItIs) {
  EXPECT_EQ(refusal(whole()), "");
  EXPECT_EQ(refusal(regression(), true), "");
  given = whole();
  EXPECT_EQ(load_data_set("rings", load, false, Options::resolve("rings", {}, {}), ""), whole());
  EXPECT_EQ(changed([](DataRecords& r) {
              r.train.values.clear(), r.train.bytes = {1, 2, 3, 4, 5, 6};
              r.test.values.clear(), r.test.bytes = {1, 2};
            }),
            "");
}

TEST(DataSet, IsRefusedInALine) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(changed([](DataRecords& r) { r.train.labels[2] = 3; }),
            "rings: training part: label 3 of example 2, must be 0 to 2");
  EXPECT_EQ(changed([](DataRecords& r) { r.test.labels[0] = -1; }),
            "rings: test part: label -1 of example 0, must be 0 to 2");
  EXPECT_EQ(changed([&](DataRecords& r) { r.train.values[3] = nan; }),
            "rings: training part: nan among the values of example 1, must be finite");
  EXPECT_EQ(changed([](DataRecords& r) { r.train.labels.pop_back(); }),
            "rings: training part: 2 labels for 3 examples, 3 expected");
  EXPECT_EQ(changed([](DataRecords& r) { r.train.values.pop_back(); }),
            "rings: training part: 5 input numbers are no multiple of 2, the size of one example");
  EXPECT_EQ(changed([](DataRecords& r) { r.test = {}; }),
            "rings: test part: is empty; at least one example is needed");
  EXPECT_EQ(changed([](DataRecords& r) { r.test.bytes = {1}; }),
            "rings: test part: 1 bytes and 2 numbers; give either");
  EXPECT_EQ(changed([](DataRecords& r) {
              r.test.values.clear(), r.test.bytes = {1, 2};
            }),
            "rings: gives bytes in one part and numbers in the other; both must be of one kind");
  EXPECT_EQ(changed([](DataRecords& r) { r.train.targets = {1}; }),
            "rings: training part: 1 targets, and the set has classes");
  EXPECT_EQ(changed([](DataRecords& r) { r.shape.width = 0; }),
            "rings: an example of 1x0x2; must be at least 1x1x1 and at most 2147483647 numbers");
  EXPECT_EQ(
      changed([](DataRecords& r) { r.classes = 1; }),
      "rings: is a data_set of classes and gives 1 classes and a target_width of 0; must be at "
      "least 2 and 0");
  EXPECT_EQ(
      refusal(whole(), true),
      "rings: is a regression_set and gives 3 classes and a target_width of 0; must be 0 and at "
      "least 1");
  DataRecords r = regression();
  r.train.targets[1] = nan;
  EXPECT_EQ(refusal(r, true),
            "rings: training part: nan among the targets of example 0, must be finite");
}

// height * width * channels overflows no number.
TEST(DataSet, OfAnImpossibleShapeIsRefused) {
  constexpr std::size_t huge = std::size_t{1} << 32;
  EXPECT_NE(changed([](DataRecords& r) { r.shape = {huge, huge, 1}; }), "");
}

DataRecords throws(const Options& o, const std::filesystem::path& folder) {
  if (folder == "file") throw Error("file.bin", "is cut");
  if (folder == "option") o.real("missing");
  throw std::runtime_error("out of luck");
}

TEST(DataSet, SaysWhatItsLoaderSays) {
  const auto said = [](const char* folder) {
    try {
      load_data_set("rings", throws, false, Options::resolve("rings", {}, {}), folder);
    } catch (const Error& e) {
      return std::pair(e.where(), std::string(e.what()));
    }
    return std::pair(std::string(), std::string());
  };
  EXPECT_EQ(said("file").second, "rings: file.bin: is cut");
  EXPECT_EQ(said("option").first, "rings.missing");
  EXPECT_EQ(said("other").second, "rings: could not be read: out of luck");
}

}  // namespace
}  // namespace gapbench

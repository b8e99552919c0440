// Sets of a loader: laid out, normalized and summed up like ours.
#include "data/sets/loaded.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "gapbench/error.h"

namespace gapbench::data {
namespace {

using ::testing::ElementsAre;

/// `change` of one thing that the loader gives; none: 0.
constexpr OptionSpec options[] = {option::integer("change", "").at_least(0).by_default(0)};

/// Two images of 1 x 2 pixels and 2 channels to train on, one to test.
DataRecords images(const Options& o, const std::filesystem::path& folder) {
  EXPECT_EQ(folder, "root/set");
  DataRecords r{.shape = {1, 2, 2},
                .classes = 3,
                .train = {.bytes = {0, 10, 2, 10, 4, 10, 6, 10}, .labels = {0, 2}},
                .test = {.bytes = {8, 9, 0, 11}, .labels = {1}},
                .notes = {"set: a note"}};
  switch (o.integer("change")) {
    case 1:
      r.train.bytes[0] = 1;
      break;
    case 2:
      r.test.labels[0] = 0;
      break;
    case 3:
      r.classes = 4;
      break;
    case 4:
      r.shape = {2, 1, 2};
      break;
    case 5:
      r.notes.clear();
      break;
  }
  return r;
}

/// Three examples of 1 x 2 pixels of one number, with classes.
DataRecords numbers(const Options&, const std::filesystem::path&) {
  return {.shape = {1, 2, 1},
          .classes = 2,
          .train = {.values = {1, 3, 1, 3, 2, 2}, .labels = {0, 1, 1}},
          .test = {.values = {4, 0}, .labels = {1}}};
}

DataRecords rows(const Options&, const std::filesystem::path&) {
  return {.shape = {1, 1, 2},
          .target_width = 1,
          .train = {.values = {1, 5, 3, 5}, .targets = {10, 30}},
          .test = {.values = {2, 6}, .targets = {20}}};
}

Request request(DataLoader* load, bool regression = false, std::int64_t change = 0) {
  Request r;
  r.name = "set";
  r.set = make_loaded({.name = "set", .summary = "", .options = options, .regression = regression},
                      load);
  r.options = Options::resolve("set", options, {{"change", change}});
  r.root = "root";
  return r;
}

struct Gathered {
  std::vector<float> inputs, targets;
  std::vector<std::int32_t> labels;
};

/// One example a line, in the order of the part.
Gathered gather(const Data& data, Part part, bool augmented = false) {
  const Description& d = data.description();
  const auto n = static_cast<std::uint32_t>(data.examples(part));
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < n; ++i) all.push_back(i);
  Gathered g{std::vector<float>(n * d.shape.size()), std::vector<float>(n * d.target_width),
             std::vector<std::int32_t>(d.classes > 0 ? n : 0)};
  data.gather({.part = part, .indices = all, .augmented = augmented}, g.inputs, g.labels,
              g.targets);
  return g;
}

// Channel 0 of the training part is 0 2 4 6: mean 3, variance 5; channel 1 is constant and only centred.
TEST(Loaded, ImagesAreNormalizedByChannel) {
  const auto data = load(request(images));
  EXPECT_EQ(data->description().classes, 3U);
  EXPECT_EQ(data->description().shape, (Shape{1, 2, 2}));
  EXPECT_THAT(data->description().notes, ElementsAre("set: a note"));
  EXPECT_TRUE(data->has_images());
  EXPECT_FALSE(data->shifts().empty());
  const Gathered test = gather(*data, Part::test);
  const double deviation = std::sqrt(5.0);
  EXPECT_FLOAT_EQ(test.inputs[0], static_cast<float>((8 - 3) / deviation));
  EXPECT_EQ(test.inputs[1], -1);
  EXPECT_FLOAT_EQ(test.inputs[2], static_cast<float>((0 - 3) / deviation));
  EXPECT_EQ(test.inputs[3], 1);
  EXPECT_THAT(test.labels, ElementsAre(1));
  EXPECT_EQ(gather(*data, Part::train).inputs[1], 0);
}

// The one channel over both pixels of all three: mean 2, variance 4/6.
TEST(Loaded, NumbersWithClassesAreNormalizedByChannel) {
  const auto data = load(request(numbers));
  const Gathered test = gather(*data, Part::test);
  const double deviation = std::sqrt(4.0 / 6);
  EXPECT_FLOAT_EQ(test.inputs[0], static_cast<float>(2 / deviation));
  EXPECT_FLOAT_EQ(test.inputs[1], static_cast<float>(-2 / deviation));
  EXPECT_THAT(test.labels, ElementsAre(1));
  EXPECT_FALSE(data->has_images());
  EXPECT_TRUE(data->shifts().empty());
  const Gathered train = gather(*data, Part::train);
  std::multiset<std::int32_t> labels(train.labels.begin(), train.labels.end());
  EXPECT_THAT(labels, ElementsAre(0, 1, 1));
  Request unseen = request(numbers);
  unseen.unseen = {1};
  EXPECT_THROW(load(unseen), Error);
}

TEST(Loaded, LabelsOfNumbersAreDrawnInTheTrainingPartAlone) {
  Request asked = request(numbers);
  asked.label_noise = 1;
  std::set<std::vector<std::int32_t>> seen;
  for (asked.label_seed = 0; asked.label_seed < 20; ++asked.label_seed) {
    const auto data = load(asked);
    seen.insert(gather(*data, Part::train).labels);
    EXPECT_THAT(gather(*data, Part::test).labels, ElementsAre(1));
  }
  EXPECT_GT(seen.size(), 3U);
}

TEST(Loaded, ARegressionHasStandardizedTargets) {
  const auto data = load(request(rows, true));
  const Gathered test = gather(*data, Part::test);
  EXPECT_THAT(test.inputs, ElementsAre(0, 1));  // mean 2; a constant column is only centred
  EXPECT_THAT(test.targets, ElementsAre(0));
  EXPECT_THAT(data->description().target_scales, ElementsAre(10));
}

TEST(Loaded, TheChecksumIsOfAllThatCounts) {
  std::set<std::string> sums;
  for (std::int64_t change = 0; change < 5; ++change) {
    const std::string sum = checksum(request(images, false, change));
    EXPECT_EQ(sum.size(), 64U);
    EXPECT_EQ(sum, load(request(images, false, change))->description().checksum);
    sums.insert(sum);
  }
  EXPECT_EQ(sums.size(), 5U);
  EXPECT_EQ(checksum(request(images, false, 5)), checksum(request(images)));  // a note
  sums.insert(checksum(request(numbers)));
  sums.insert(checksum(request(rows, true)));
  EXPECT_EQ(sums.size(), 7U);
}

}  // namespace
}  // namespace gapbench::data

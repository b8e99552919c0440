// Labels that are wrong on purpose: as many as stated, of the training part alone.
#include "data/label_noise.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "core/hash.h"
#include "fixtures.h"

namespace gapbench::data {
namespace {

using test::TemporaryFolder;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

/// Made-up pictures whose class is their official number modulo 10.
Request made_up(double noise, std::uint64_t label_seed = 0) {
  Request r = request("synthetic10", "",
                      {{"examples", std::int64_t{1200}},
                       {"test_examples", std::int64_t{300}},
                       {"label_noise", noise}});
  r.validation = 200;
  r.label_seed = label_seed;
  return r;
}

std::vector<std::int32_t> labels_of(const Request& r, Part part) {
  return gather_all(*load(r), part).labels;
}

std::size_t different(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
  EXPECT_EQ(a.size(), b.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

TEST(LabelNoise, IsAsStatedAndOfTheTrainingPartAlone) {
  const auto clean = labels_of(made_up(0), Part::train);
  // a tenth of the drawn labels are right by chance: 0.5 of 1000 drawn, 450 wrong, deviation 15.7
  EXPECT_NEAR(static_cast<double>(different(clean, labels_of(made_up(0.5), Part::train))), 450, 63);
  for (const Part part : {Part::validation, Part::test}) {
    EXPECT_EQ(labels_of(made_up(0), part), labels_of(made_up(1), part));
  }
}

TEST(LabelNoise, OfOneIsRandomLabels) {
  const auto drawn = labels_of(made_up(1), Part::train);
  for (std::int32_t c = 0; c < 10; ++c) {  // 100 expected of each class, deviation 9.5
    EXPECT_NEAR(static_cast<double>(std::count(drawn.begin(), drawn.end(), c)), 100, 38);
  }
  // and they tell nothing of the true ones: a tenth agrees
  const auto clean = labels_of(made_up(0), Part::train);
  EXPECT_NEAR(static_cast<double>(different(clean, drawn)), 900, 38);
}

TEST(LabelNoise, HasASeedOfItsOwnAndGrowsWithTheShare) {
  const auto clean = labels_of(made_up(0), Part::train);
  const auto few = labels_of(made_up(0.2), Part::train);
  const auto many = labels_of(made_up(0.6), Part::train);
  EXPECT_EQ(few, labels_of(made_up(0.2), Part::train));
  EXPECT_GT(different(few, labels_of(made_up(0.2, 1), Part::train)), 200U);
  for (std::size_t i = 0; i < clean.size(); ++i) {
    EXPECT_TRUE(few[i] == clean[i] || many[i] == few[i]) << i;
  }
}

TEST(LabelNoise, FollowsTheRecordIntoEverySplit) {
  std::vector<std::int32_t> labels(50, 0);
  std::vector<std::int32_t> others(50, 0);
  const std::vector<std::uint32_t> some = {3, 17, 40, 41};
  const std::vector<std::uint32_t> more = {41, 2, 40, 17, 3, 30};
  draw_labels(made_up(1), 10, some, labels);
  draw_labels(made_up(1), 10, more, others);
  for (const std::uint32_t record : some) EXPECT_EQ(labels[record], others[record]);
  EXPECT_EQ(std::count(labels.begin(), labels.end(), 0),
            46 + std::count_if(some.begin(), some.end(), [&](auto r) { return labels[r] == 0; }));
}

TEST(LabelNoise, IsForSetsOnFilesToo) {
  const TemporaryFolder folder;
  std::string records;
  for (int i = 0; i < 400; ++i) records += flat_record(3, i % 256, 0, 0);
  write(folder.path() / "cifar-10-batches-bin/data_batch_1.bin", records);
  write(folder.path() / "cifar-10-batches-bin/test_batch.bin", records);
  Request r = request("cifar10", folder.path());
  r.label_noise = 1;
  r.label_seed = 4;
  const auto data = load(r);
  const auto train = gather_all(*data, Part::train).labels;
  EXPECT_NEAR(static_cast<double>(std::count(train.begin(), train.end(), 3)), 40, 24);
  EXPECT_EQ(gather_all(*data, Part::test).labels, std::vector<std::int32_t>(400, 3));
  EXPECT_THAT(data->description().notes,
              Contains("cifar10: 100 % of the training labels drawn at random among all 10 classes "
                       "(label_seed 4); validation and test labels as they were"));
  Request plain = request("cifar10", folder.path());
  EXPECT_EQ(data->description().checksum, load(plain)->description().checksum);
  EXPECT_THAT(load(plain)->description().notes, Not(Contains(HasSubstr("labels"))));
}

TEST(LabelNoise, IsRefusedWhereThereAreNoLabels) {
  Request r = request("csv:yacht", "/nowhere");
  r.label_noise = 0.1;
  const auto refusal = HasSubstr("csv:yacht is a regression set and has no labels");
  EXPECT_THAT(error_of([&] { checksum(r); }), refusal);
  EXPECT_THAT(error_of([&] { load(r); }), refusal);
}

// What noise-free trials on made-up pictures are known by must not change.
TEST(LabelNoise, OfNoneKeepsTheGeneratedSetsAsTheyWere) {
  const auto text = [](int version, const std::string& noise) {
    return "synthetic10 version " + std::to_string(version) +
           "\nexamples=1200\nlabel_noise=" + noise + "\nnoise=20.0\nseed=0\ntest_examples=300\n";
  };
  EXPECT_EQ(checksum(made_up(0)), hash_bytes(Digest::sha256, text(1, "0.0")));
  EXPECT_EQ(checksum(made_up(0.25)), hash_bytes(Digest::sha256, text(2, "0.25")));
}

}  // namespace
}  // namespace gapbench::data

// Random crop and flip.
#include "data/augmentation.h"

#include <gmock/gmock.h>

#include <array>
#include <map>
#include <tuple>

#include "fixtures.h"

namespace gapbench::data {
namespace {

TEST(Placement, IsAPureFunctionOfItsKey) {
  const auto as_tuple = [](const Placement& p) { return std::tuple(p.down, p.right, p.flipped); };
  int differ_by_seed = 0, differ_by_epoch = 0, differ_by_index = 0;
  for (std::uint32_t i = 0; i < 100; ++i) {
    const auto here = as_tuple(placement(1, 2, i));
    EXPECT_EQ(here, as_tuple(placement(1, 2, i)));
    differ_by_seed += here != as_tuple(placement(2, 2, i)) ? 1 : 0;
    differ_by_epoch += here != as_tuple(placement(1, 3, i)) ? 1 : 0;
    differ_by_index += here != as_tuple(placement(1, 2, i + 100)) ? 1 : 0;
  }
  EXPECT_GT(differ_by_seed, 90);
  EXPECT_GT(differ_by_epoch, 90);
  EXPECT_GT(differ_by_index, 90);
}

TEST(Placement, AllAreReachedEquallyOften) {
  std::map<std::tuple<int, int, bool>, int> counts;
  constexpr int draws = 162 * 200;
  for (std::uint32_t i = 0; i < draws; ++i) {
    const Placement p = placement(7, 0, i);
    ASSERT_LE(std::abs(p.down), 4);
    ASSERT_LE(std::abs(p.right), 4);
    ++counts[{p.down, p.right, p.flipped}];
  }
  ASSERT_EQ(counts.size(), 162U);
  double chi_squared = 0;
  for (const auto& [place, count] : counts) chi_squared += (count - 200.0) * (count - 200.0) / 200;
  EXPECT_LT(chi_squared, 161 + 5 * 18);  // 161 degrees of freedom, deviation sqrt(322) = 18
  EXPECT_GT(chi_squared, 161 - 5 * 18);
}

/// Training records whose pixels tell where they are; normalization is undone by comparing with the
/// plain picture.
class Augmented : public ::testing::Test {
 protected:
  Augmented() {
    std::string bytes;
    for (int r = 0; r < 3; ++r) {
      bytes += cifar_record(std::string(1, static_cast<char>(r)), [r](int c, int y, int x) {
        return (r * 31 + c * 17 + y * 7 + x * 3 + y * x) % 256;
      });
    }
    write(scratch.path() / "cifar-10-batches-bin/data_batch_1.bin", bytes);
    write(scratch.path() / "cifar-10-batches-bin/test_batch.bin", bytes);
    Request r = request("cifar10", scratch.path());
    r.augmentation_seed = 11;
    r.validation = 1;
    r.split_seed = 3;  // index and record differ, and the key must be the index
    data = load(r);
  }

  /// The definition, pixel by pixel.
  static float expected(const std::vector<float>& plain, const Placement& p, int y, int x, int c) {
    const int from_y = y + p.down;
    const int from_x = (p.flipped ? 31 - x : x) + p.right;
    if (from_y < 0 || from_y > 31 || from_x < 0 || from_x > 31) return 0;
    return plain[static_cast<std::size_t>((from_y * 32 + from_x) * 3 + c)];
  }

  test::TemporaryFolder scratch;
  std::unique_ptr<const Data> data;
};

TEST_F(Augmented, ExactlyTheShiftedAndFlippedPixels) {
  std::map<std::tuple<int, int, bool>, int> seen;
  for (std::uint32_t index : {0U, 1U}) {
    ASSERT_NE(gather_indices(*data, Part::train, {index}).labels[0],
              static_cast<std::int32_t>(index));
    const auto plain = gather_indices(*data, Part::train, {index}).inputs;
    for (std::uint64_t epoch = 0; epoch < 700; ++epoch) {
      const Placement p = placement(11, epoch, index);
      ++seen[{p.down, p.right, p.flipped}];
      const auto moved = gather_indices(*data, Part::train, {index}, true, epoch).inputs;
      for (int y = 0; y < 32; ++y) {
        for (int x = 0; x < 32; ++x) {
          for (int c = 0; c < 3; ++c) {
            ASSERT_EQ(moved[static_cast<std::size_t>((y * 32 + x) * 3 + c)],
                      expected(plain, p, y, x, c))
                << p.down << ' ' << p.right << ' ' << p.flipped << " at " << y << ' ' << x;
          }
        }
      }
    }
  }
  EXPECT_EQ(seen.size(), 162U);
}

TEST_F(Augmented, DoesNotDependOnTheRestOfTheBatch) {
  const auto together = gather_indices(*data, Part::train, {1, 0, 1}, true, 5).inputs;
  const auto alone = gather_indices(*data, Part::train, {1}, true, 5).inputs;
  EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin()));
  EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + 2 * 3072));
}

TEST_F(Augmented, ValidationAndTestAreLeftAlone) {
  for (const Part part : {Part::validation, Part::test}) {
    for (std::uint64_t epoch = 0; epoch < 4; ++epoch) {
      EXPECT_EQ(gather_indices(*data, part, {0}, true, epoch).inputs,
                gather_indices(*data, part, {0}, false, 0).inputs);
    }
  }
}

TEST_F(Augmented, LabelsStayWithTheirPictures) {
  const Gathered plain = gather_indices(*data, Part::train, {0, 1});
  EXPECT_EQ(gather_indices(*data, Part::train, {1, 0}, true, 3).labels,
            (std::vector<std::int32_t>{plain.labels[1], plain.labels[0]}));
}

}  // namespace
}  // namespace gapbench::data

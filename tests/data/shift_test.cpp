// Corrupted images, byte by byte.
#include "data/shift.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fixtures.h"

namespace gapbench::data {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

using Bytes = std::vector<unsigned char>;

std::size_t way_of(const std::string& name) {
  const auto names = shift_names();
  const auto found = std::find(names.begin(), names.end(), name);
  EXPECT_NE(found, names.end()) << name;
  return static_cast<std::size_t>(found - names.begin());
}

Bytes shifted(const std::string& name, const Shape& shape, const Bytes& in,
              std::uint32_t record = 0) {
  Bytes out(in.size(), 77);
  shift_image(way_of(name), shape, record, in.data(), out);
  return out;
}

TEST(Shift, FiveKindsOfFiveSeverities) {
  EXPECT_EQ(shift_names().size(), 25U);
  EXPECT_EQ(shift_names().front(), "gaussian_noise-1");
  EXPECT_EQ(shift_names().back(), "rotation-5");
}

// Channel 0 has the mean 100: half of what is off it is left. Channel 1 is its own mean.
TEST(Shift, ContrastByHand) {
  EXPECT_THAT(shifted("contrast-2", {1, 2, 2}, {0, 200, 30, 30}), ElementsAre(50, 150, 30, 30));
}

// v = 102 / 255 = 0.4 becomes 0.55, all channels 1.375 times as large: 70.1, 140.3, 0. Black becomes
// grey, 38.3, and what is white already stays.
TEST(Shift, BrightnessByHand) {
  EXPECT_THAT(shifted("brightness-3", {1, 3, 3}, {51, 0, 255, 102, 0, 0, 0, 0, 255}),
              ElementsAre(70, 38, 255, 140, 38, 0, 0, 38, 255));
}

// One bright pixel becomes the kernel itself: of deviation 1, weights e^(-i^2/2) over their sum.
TEST(Shift, BlurOfAPoint) {
  Bytes in(11 * 11, 0);
  in[5 * 11 + 5] = 255;
  const Bytes out = shifted("blur-5", {11, 11, 1}, in);
  double sum = 0;
  for (int i = -4; i <= 4; ++i) sum += std::exp(-i * i / 2.0);
  for (int y = 0; y <= 4; ++y) {
    for (int x = 0; x <= 4; ++x) {
      const auto at = [&](int down, int right) {
        return out[static_cast<std::size_t>((5 + down) * 11 + 5 + right)];
      };
      const double due = 255 * std::exp(-(x * x + y * y) / 2.0) / sum / sum;
      EXPECT_EQ(at(y, x), std::lround(due)) << y << " " << x;
      EXPECT_EQ(at(-y, x), at(y, x));
      EXPECT_EQ(at(y, -x), at(x, y));
    }
  }
}

TEST(Shift, BlurAndRotationLeaveAnEvenImage) {
  const Bytes even(8 * 6 * 3, 93);
  for (const char* name : {"blur-1", "blur-5", "rotation-1", "rotation-5"}) {
    EXPECT_THAT(shifted(name, {8, 6, 3}, even), Each(93)) << name;
  }
}

// A ramp of 10 a pixel to the right becomes one of 10 (cos right + sin down), or of the other side.
TEST(Shift, RotationOfARamp) {
  Bytes in;
  for (int y = 0; y < 9; ++y) {
    for (int x = 0; x < 9; ++x) in.push_back(static_cast<unsigned char>(100 + 10 * (x - 4)));
  }
  const double angle = 20 * M_PI / 180;
  std::set<double> sides;
  for (std::uint32_t record = 0; record < 20; ++record) {
    const Bytes out = shifted("rotation-2", {9, 9, 1}, in, record);
    EXPECT_EQ(out[4 * 9 + 4], 100);
    const double side = out[6 * 9 + 4] > 100 ? 1 : -1;
    sides.insert(side);
    for (int down = -2; down <= 2; ++down) {
      for (int right = -2; right <= 2; ++right) {
        const double due = 100 + 10 * (std::cos(angle) * right + side * std::sin(angle) * down);
        EXPECT_EQ(out[static_cast<std::size_t>((4 + down) * 9 + 4 + right)], std::lround(due));
      }
    }
    // The same side at every severity.
    EXPECT_EQ(shifted("rotation-5", {9, 9, 1}, in, record)[6 * 9 + 4] > 100, side > 0);
  }
  EXPECT_EQ(sides.size(), 2U);
}

// 60 images of 3072 bytes of 128: the standard error of a mean is 0.06 levels, of a deviation 0.04.
TEST(Shift, NoiseIsNormalAndKeyedByTheRecord) {
  const Shape shape{32, 32, 3};
  const Bytes grey(shape.size(), 128);
  double sum = 0, squares = 0;
  for (std::uint32_t record = 0; record < 60; ++record) {
    for (const unsigned char byte : shifted("gaussian_noise-5", shape, grey, record)) {
      sum += byte - 128.0;
      squares += (byte - 128.0) * (byte - 128.0);
    }
  }
  const double n = 60 * 3072;
  EXPECT_NEAR(sum / n, 0, 0.3);
  EXPECT_NEAR(std::sqrt(squares / n), 25.5, 0.2);
  EXPECT_EQ(shifted("gaussian_noise-5", shape, grey, 3),
            shifted("gaussian_noise-5", shape, grey, 3));
  const Bytes weak = shifted("gaussian_noise-1", shape, grey, 3);
  const Bytes strong = shifted("gaussian_noise-5", shape, grey, 3);
  const Bytes other = shifted("gaussian_noise-5", shape, grey, 4);
  EXPECT_NE(strong, other);
  for (std::size_t i = 0; i < weak.size();
       ++i) {  // one draw, 2.5 times as strong; rounding 1.25 + 0.5
    EXPECT_NEAR(strong[i] - 128.0, 2.5 * (weak[i] - 128.0), 1.76);
  }
}

class ShiftedData : public ::testing::Test {
 protected:
  Gathered gathered(const Data& data, Part part, std::uint32_t shift) const {
    Gathered g;
    const std::vector<std::uint32_t> which{0, 3};
    g.inputs.assign(2 * data.description().shape.size(), -77.0F);
    g.labels.assign(2, -77);
    data.gather({.part = part, .indices = which, .shift = shift}, g.inputs, g.labels, {});
    return g;
  }
  test::TemporaryFolder scratch;
};

TEST_F(ShiftedData, TheTestPartAloneIsShifted) {
  Request r = request("synthetic10", scratch.path(),
                      {{"examples", std::int64_t{60}}, {"test_examples", std::int64_t{10}}});
  const auto data = load(r);
  EXPECT_EQ(data->shifts().size(), 25U);
  const auto contrast = static_cast<std::uint32_t>(way_of("contrast-5") + 1);
  const Gathered plain = gathered(*data, Part::test, 0);
  const Gathered flat = gathered(*data, Part::test, contrast);
  EXPECT_EQ(plain.inputs, gather_indices(*data, Part::test, {0, 3}).inputs);
  EXPECT_EQ(plain.labels, flat.labels);
  EXPECT_EQ(gathered(*data, Part::train, contrast).inputs, gathered(*data, Part::train, 0).inputs);
  // Normalized levels are linear in bytes: their spread within an image shrinks to 0.15, up to the
  // rounding to bytes.
  const auto spread = [](const Gathered& g) {
    double sum = 0, squares = 0;
    const std::size_t n = g.inputs.size() / 6;  // channel 0 of image 0
    for (std::size_t i = 0; i < n; ++i) {
      sum += g.inputs[3 * i];
      squares += double{g.inputs[3 * i]} * g.inputs[3 * i];
    }
    const double mean = sum / static_cast<double>(n);
    return std::sqrt(squares / static_cast<double>(n) - mean * mean);
  };
  EXPECT_NEAR(spread(flat) / spread(plain), 0.15, 0.01);
}

TEST_F(ShiftedData, IsTheSameInEveryTrial) {
  Request r = request("synthetic10", scratch.path(),
                      {{"examples", std::int64_t{60}}, {"test_examples", std::int64_t{10}}});
  const auto noise = static_cast<std::uint32_t>(way_of("gaussian_noise-3") + 1);
  const auto here = gathered(*load(r), Part::test, noise).inputs;
  r.augmentation_seed = 9;
  EXPECT_EQ(gathered(*load(r), Part::test, noise).inputs, here);
}

// What is kept out is in no part, and behind the test part.
TEST_F(ShiftedData, UnseenClassesAreInNoPart) {
  const OptionMap options{
      {"examples", std::int64_t{200}}, {"test_examples", std::int64_t{100}}, {"label_noise", 0.0}};
  Request all = request("synthetic10", scratch.path(), options);
  Request some = all;
  some.unseen = {3, 8};
  some.validation = 40;
  const auto whole = load(all);
  const auto data = load(some);
  const auto labels = [](const Data& d, Part part, std::size_t first, std::size_t count) {
    std::vector<std::uint32_t> which(count);
    std::iota(which.begin(), which.end(), static_cast<std::uint32_t>(first));
    return gather_indices(d, part, which).labels;
  };
  const auto is_unseen = [](std::int32_t c) { return c == 3 || c == 8; };
  for (const Part part : {Part::train, Part::validation, Part::test}) {
    for (const std::int32_t c : labels(*data, part, 0, data->examples(part))) {
      EXPECT_FALSE(is_unseen(c));
    }
  }
  const auto everywhere = [&](Part part) {
    const auto c = labels(*whole, part, 0, whole->examples(part));
    return static_cast<std::size_t>(std::count_if(c.begin(), c.end(), is_unseen));
  };
  EXPECT_GT(data->unseen(), 0U);
  EXPECT_EQ(data->unseen(), everywhere(Part::test));
  EXPECT_EQ(data->examples(Part::test) + data->unseen(), 100U);
  EXPECT_EQ(data->examples(Part::train) + 40 + everywhere(Part::train), 200U);
  const auto behind = labels(*data, Part::test, data->examples(Part::test), data->unseen());
  EXPECT_TRUE(std::all_of(behind.begin(), behind.end(), is_unseen));
  EXPECT_EQ(whole->unseen(), 0U);
}

TEST_F(ShiftedData, UnseenClassesMustBeSome) {
  Request r = request("synthetic10", scratch.path(), {{"label_noise", 0.0}});
  r.unseen = {3, 12};
  EXPECT_EQ(error_of([&] { load(r); }), "unseen: class 12, and synthetic10 has the classes 0 to 9");
  r.unseen = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_THAT(error_of([&] { load(r); }), ::testing::HasSubstr("nothing to train on"));
  r = request("synthetic10", scratch.path());
  r.unseen = {3};
  EXPECT_THAT(error_of([&] { load(r); }), ::testing::HasSubstr("give label_noise: 0"));
}

}  // namespace
}  // namespace gapbench::data

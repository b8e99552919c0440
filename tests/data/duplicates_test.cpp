// Near duplicates: planted ones are found, whatever was done to them, and others are not.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "data/duplicates/descriptor.h"
#include "data/duplicates/duplicates.h"
#include "data/duplicates/list.h"
#include "fixtures.h"

namespace gapbench::data::duplicates {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Image = std::vector<unsigned char>;
constexpr Shape colour{32, 32, 3};

/// 30 soft bright and dark spots; nothing about it is periodic.
Image spots(std::size_t index) {
  Random random = Random(1).at("picture", index);
  std::vector<double> plane(1024, 128);
  for (int k = 0; k < 30; ++k) {
    const double x = 32 * random.uniform();
    const double y = 32 * random.uniform();
    const double radius = 2 + 4 * random.uniform();
    const double height = 140 * random.uniform() - 70;
    for (std::size_t i = 0; i < plane.size(); ++i) {
      const double dx = static_cast<double>(i % 32) - x;
      const double dy = static_cast<double>(i / 32) - y;
      plane[i] += height * std::exp(-(dx * dx + dy * dy) / (2 * radius * radius));
    }
  }
  Image image(colour.size());
  for (std::size_t i = 0; i < image.size(); ++i) {
    const double tint = i < 1024 ? 10 : -5;
    image[i] = static_cast<unsigned char>(std::clamp(plane[i % 1024] + tint, 0.0, 255.0));
  }
  return image;
}

ImageRecords records(std::vector<Image> train, std::vector<Image> test) {
  ImageRecords all;
  const auto add = [&](std::vector<Image>& images, ImagePart& part) {
    for (Image& image : images) {
      all.buffers.push_back(std::move(image));
      part.images.push_back(all.buffers.back().data());
      part.labels.push_back(0);
    }
  };
  all.buffers.reserve(train.size() + test.size());
  add(train, all.train);
  add(test, all.test);
  return all;
}

std::vector<Image> pictures(std::size_t count) {
  std::vector<Image> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(spots(i));
  return all;
}

/// What was done to an image: value * contrast + lift of what `where` finds, the edge going on.
struct Edit {
  const char* name;
  Transform where;
  double contrast = 1;
  double lift = 0;
};

/// The image in which `edit.where` finds `image`: pixel (x, y) of it is at x' = c + s (x - c) + r.
Image edited(const Image& image, const Edit& edit) {
  Image out(image.size());
  const auto at = [&](std::size_t channel, double y, double x) {
    const auto pixel = [&](int v, int u) {
      const int index = std::clamp(v, 0, 31) * 32 + std::clamp(u, 0, 31);
      return static_cast<double>(image[channel * 1024 + static_cast<std::size_t>(index)]);
    };
    const int v = static_cast<int>(std::floor(y));
    const int u = static_cast<int>(std::floor(x));
    const double upper = pixel(v, u) + (x - u) * (pixel(v, u + 1) - pixel(v, u));
    const double lower = pixel(v + 1, u) + (x - u) * (pixel(v + 1, u + 1) - pixel(v + 1, u));
    return upper + (y - v) * (lower - upper);
  };
  const Transform& t = edit.where;
  for (std::size_t c = 0; c < 3; ++c) {
    for (int y = 0; y < 32; ++y) {
      for (int x = 0; x < 32; ++x) {
        const int seen = t.flipped ? 31 - x : x;
        const double value = at(c, 15.5 + (y - 15.5 - t.down) / t.scale_y,
                                15.5 + (seen - 15.5 - t.right) / t.scale_x);
        out[c * 1024 + static_cast<std::size_t>(y * 32 + x)] = static_cast<unsigned char>(
            std::clamp(std::lround(edit.contrast * value + edit.lift), 0L, 255L));
      }
    }
  }
  return out;
}

Search within(double threshold) {
  Search search;
  search.threshold = threshold;
  return search;
}

class Planted : public ::testing::TestWithParam<Edit> {};

TEST_P(Planted, IsFoundAsWhatWasDone) {
  const Edit& edit = GetParam();
  const ImageRecords r = records(pictures(60), {spots(1000), edited(spots(37), edit), spots(1001)});
  const auto found = find(colour, r, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].test, 1U);
  EXPECT_EQ(found[0].train, 37U);
  const Transform& t = found[0].transform;
  EXPECT_EQ(t.flipped, edit.where.flipped);
  // A descent in single steps ends where none of them helps: within two of its last for shifts,
  // within its first for scales, which move the middle half of the image by a third of a pixel.
  EXPECT_NEAR(t.right, edit.where.right, 0.5);
  EXPECT_NEAR(t.down, edit.where.down, 0.5);
  EXPECT_NEAR(t.scale_x, edit.where.scale_x, 0.06);
  EXPECT_NEAR(t.scale_y, edit.where.scale_y, 0.06);
  RecordProperty("distance", std::to_string(found[0].distance));
}

INSTANTIATE_TEST_SUITE_P(
    Edits, Planted,
    ::testing::Values(Edit{"Nothing", {}}, Edit{"Mirrored", {true}},
                      Edit{"ShiftedByFour", {false, 4, -4}}, Edit{"ShiftedByOne", {false, -1, 1}},
                      Edit{"Darker", {}, 1, -30}, Edit{"Flatter", {}, 0.5, 60},
                      Edit{"Crisper", {}, 1.3, -40}, Edit{"Larger", {false, 0, 0, 1.15, 1.15}},
                      Edit{"Smaller", {false, 0, 0, 0.87, 0.87}},
                      Edit{"Stretched", {false, 0, 0, 1.12, 0.95}},
                      Edit{"Everything", {true, -2.5, 1.5, 1.08, 1.08}, 0.7, 20}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Duplicates, TheSameBytesAreAtDistanceZeroWhateverTheyShow) {
  const Image flat(colour.size(), 77);
  std::vector<Image> train = pictures(40);
  train.push_back(flat);
  train.push_back(flat);
  const auto found = find(colour, records(std::move(train), {flat, spots(3)}), within(0));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].train, 40U);  // the first of equals
  EXPECT_EQ(found[0].distance, 0);
  EXPECT_EQ(found[1].test, 1U);
  EXPECT_EQ(found[1].train, 3U);
}

TEST(Duplicates, AnImageOfNothingIsLikeNone) {
  std::vector<Image> train = pictures(5);
  train.emplace_back(colour.size(), static_cast<unsigned char>(77));
  EXPECT_THAT(find(colour, records(std::move(train), {Image(colour.size(), 78)}), {}),
              ::testing::IsEmpty());
}

TEST(Duplicates, OneChannelAndOtherSizes) {
  const Shape grey{28, 24, 1};
  const auto image = [](std::size_t index) {
    Image all(28 * 24);
    const Image from = spots(index);
    for (std::size_t y = 0; y < 28; ++y) {
      std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(y * 32), 24,
                  all.begin() + static_cast<std::ptrdiff_t>(y * 24));
    }
    return all;
  };
  Image mirrored = image(2);
  for (std::size_t y = 0; y < 28; ++y) {
    const auto row = mirrored.begin() + static_cast<std::ptrdiff_t>(y * 24);
    std::reverse(row, row + 24);
  }
  const auto found = find(grey, records({image(0), image(1), image(2)}, {mirrored}), {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].train, 2U);
  EXPECT_TRUE(found[0].transform.flipped);
}

TEST(Duplicates, TheSameListOnAnyNumberOfThreads) {
  std::vector<Image> test;
  for (std::size_t i = 0; i < 40; ++i) {
    test.push_back(i % 2 == 0 ? spots(500 + i)
                              : edited(spots(i), {"", {i % 3 == 0, 1, -2}, 0.8, 10}));
  }
  const ImageRecords r = records(pictures(80), test);
  const auto with = [&](std::size_t threads) {
    std::size_t calls = 0;
    Search search = within(0.6);
    search.threads = threads;
    search.progress = [&](std::size_t done, std::size_t all) {
      EXPECT_EQ(done, ++calls);
      EXPECT_EQ(all, 40U);
    };
    const auto list = find(colour, r, search);
    EXPECT_EQ(calls, 40U);
    return list;
  };
  const auto one = with(1);
  const auto four = with(4);
  EXPECT_GE(one.size(), 20U);
  ASSERT_EQ(one.size(), four.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].test, four[i].test);
    EXPECT_EQ(one[i].train, four[i].train);
    EXPECT_EQ(one[i].distance, four[i].distance);
    EXPECT_EQ(one[i].transform.right, four[i].transform.right);
    EXPECT_EQ(one[i].transform.scale_y, four[i].transform.scale_y);
  }
}

TEST(Duplicates, RefusesImagesTooSmallToTell) {
  const Image small(15 * 20, 1);
  EXPECT_THAT(error_of([&] {
                find({15, 20, 1}, records({small}, {small}), {});
              }),
              HasSubstr("15 x 20, at least 16 x 16"));
}

// By hand: gradients a and b everywhere, no local contrast; e is 1 a pixel.
TEST(Aligner, DistanceOfConstantGradients) {
  const Shape shape{16, 16, 1};
  const auto with = [&](float right, float down) {
    Features f(shape, std::vector<float>(256, 9.0F));
    EXPECT_THAT(f.right, Each(0));
    EXPECT_THAT(f.local, Each(0));
    std::fill(f.right.begin(), f.right.end(), right);
    std::fill(f.down.begin(), f.down.end(), down);
    return f;
  };
  Aligner aligner(shape);
  EXPECT_EQ(aligner.distance(with(1, 0), with(1, 0), {}), 0.75);   // 1 - 1 / 2 / 2
  EXPECT_EQ(aligner.distance(with(1, 0), with(-1, 0), {}), 1.25);  // 1 + 1 / 2 / 2
  EXPECT_EQ(aligner.distance(with(1, 0), with(0, 1), {}), 1);      // at right angles
  EXPECT_EQ(aligner.distance(with(0, 0), with(0, 1), {}), 1);      // nothing to compare
  EXPECT_EQ(aligner.distance(with(3, 4), with(3, 4), {}), 1 - 25.0 / 26 / 2);
}

// A naive loop over the pixels that are shared, every one interpolated by itself.
TEST(Aligner, DistanceIsTheFormula) {
  const Features a(colour, brightness(colour, spots(1).data(), false));
  const Features b(colour, brightness(colour, spots(2).data(), false));
  const Transform t{false, 2.25, -1.5, 1.1, 0.85};
  double sums[2][3] = {};
  int shared = 0;
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) {
      const double v = 15.5 + 0.85 * (y - 15.5) - 1.5;
      const double u = 15.5 + 1.1 * (x - 15.5) + 2.25;
      if (v < 0 || v > 31 || u < 0 || u > 31) continue;
      ++shared;
      const int top = std::min(static_cast<int>(v), 30);
      const int left = std::min(static_cast<int>(u), 30);
      const auto add = [&](const std::vector<float>& test, const std::vector<float>& train,
                           double* sum) {
        const auto p = [&](int i, int j) {
          return double{test[static_cast<std::size_t>((top + i) * 32 + left + j)]};
        };
        const double fy = v - top;
        const double fx = u - left;
        const double found = (1 - fy) * ((1 - fx) * p(0, 0) + fx * p(0, 1)) +
                             fy * ((1 - fx) * p(1, 0) + fx * p(1, 1));
        const double other = train[static_cast<std::size_t>(y * 32 + x)];
        sum[0] += found * found;
        sum[1] += found * other;
        sum[2] += other * other;
      };
      add(a.right, b.right, sums[0]);
      add(a.down, b.down, sums[0]);
      add(a.local, b.local, sums[1]);
    }
  }
  const auto cosine = [&](const double* s, double e) {
    return s[1] / std::sqrt((s[0] + e * shared) * (s[2] + e * shared));
  };
  // Sums of some 700 products in single precision.
  EXPECT_NEAR(Aligner(colour).distance(a, b, t),
              1 - (cosine(sums[0], 1) + cosine(sums[1], 0.01)) / 2, 1e-5);
}

TEST(Aligner, NothingIsSaidOfLessThanHalf) {
  const Features a(colour, brightness(colour, spots(1).data(), false));
  Aligner aligner(colour);
  // Shared are 27 x 27 pixels, then 23 x 23, then 22 x 22; half of all are 512.
  EXPECT_LT(aligner.distance(a, a, {false, 5, 5}), 2);
  EXPECT_LT(aligner.distance(a, a, {false, 9, 9}), 2);
  EXPECT_EQ(aligner.distance(a, a, {false, 10, 10}), 2);
}

TEST(Features, GradientsOfARamp) {
  const Shape shape{16, 16, 1};
  std::vector<float> ramp(256);
  for (std::size_t i = 0; i < 256; ++i) ramp[i] = static_cast<float>(3 * (i % 16) + 5 * (i / 16));
  const Features f(shape, ramp);
  EXPECT_EQ(f.right[8 * 16 + 8], 6);  // central differences span two pixels
  EXPECT_EQ(f.down[8 * 16 + 8], 10);
  EXPECT_EQ(f.local[8 * 16 + 8], 0);  // the middle of its surroundings
}

TEST(Features, BrightnessOfColours) {
  Image image(3 * 256, 0);
  std::fill_n(image.begin() + 256, 256, static_cast<unsigned char>(100));  // green
  EXPECT_THAT(brightness({16, 16, 3}, image.data(), false), Each(::testing::FloatEq(58.7F)));
  EXPECT_EQ(brightness({1, 3, 1}, Image{1, 2, 3}.data(), true), (std::vector<float>{3, 2, 1}));
}

TEST(Describer, DescriptorsHaveOneLengthAndKnowNoBrightness) {
  const Describer describer(colour);
  const std::vector<float> plain = brightness(colour, spots(4).data(), false);
  std::vector<float> flatter = plain;
  for (float& v : flatter) v = 0.5F * v + 20;
  const Descriptor a = describer.plain(plain);
  const Descriptor b = describer.plain(flatter);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1);  // rounding
  // 64 roundings of at most 1/2 each.
  EXPECT_NEAR(std::sqrt(static_cast<double>(product(a, a))), 16384, 4);
  EXPECT_THAT(describer.plain(std::vector<float>(1024, 7.0F)), Each(0));
  EXPECT_EQ(describer.views(plain).front(), a);
}

TEST(Describer, EachViewUndoesItsTransform) {
  const Describer describer(colour);
  const Image image = spots(4);
  const Descriptor train = describer.plain(brightness(colour, image.data(), false));
  for (std::size_t index = 0; index < 49; ++index) {
    const Image moved = edited(image, {"", Describer::transform(index)});
    const auto views = describer.views(brightness(colour, moved.data(), false));
    ASSERT_EQ(views.size(), 49U);
    // Interpolated twice, so not the same; 0.95 of the square of the length.
    EXPECT_GT(product(train, views[index]), 0.95 * 16384 * 16384) << index;
  }
}

TEST(DuplicateList, Text) {
  const List list{{"cifar10", {{"labels", std::string("fine")}}, "abc", 50000, 10000, 0.15},
                  {{7, 49999, 0.012345, {true, -1.25, 4, 1.03, 1}}, {12, 0, 0, {}}}};
  EXPECT_EQ(to_text(list),
            "# gapbench near duplicates, format 1\n"
            "# set: cifar10\n"
            "# option: labels=fine\n"
            "# checksum: abc\n"
            "# distance: 1 - (cosine of gradients + cosine of local contrasts) / 2, laid onto each "
            "other\n"
            "# threshold: 0.15\n"
            "# found: 2 of 10000 test images, in 50000 training images; counted from 0\n"
            "test,train,distance,flipped,right,down,scale_x,scale_y\n"
            "7,49999,0.0123,1,-1.25,4,1.03,1\n"
            "12,0,0.0000,0,0,0,1,1\n");
}

TEST(DuplicateList, IsOfASetOfImages) {
  const OptionMap few{{"examples", std::int64_t{50}}, {"test_examples", std::int64_t{4}}};
  const List list = make_list(request("synthetic10", "", few), {});
  EXPECT_EQ(list.subject.set, "synthetic10");
  EXPECT_EQ(list.subject.options.at("examples"), OptionValue(std::int64_t{50}));
  EXPECT_EQ(list.subject.checksum, checksum(request("synthetic10", "", few)));
  EXPECT_EQ(list.subject.train, 50U);
  EXPECT_EQ(list.subject.test, 4U);
  EXPECT_THAT(list.duplicates, ::testing::IsEmpty());
  const test::TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { make_list(request("cifar10", folder.path()), {}); }),
              HasSubstr("gapbench data fetch cifar10"));
  for (const auto& [name, text] : {std::pair("data.txt", "1 2\n3 4\n"),
                                   {"index_features.txt", "0\n"},
                                   {"index_target.txt", "1\n"},
                                   {"index_train_0.txt", "0\n"},
                                   {"index_test_0.txt", "1\n"}}) {
    write(folder.path() / "csv/tiny" / name, text);
  }
  EXPECT_THAT(error_of([&] { make_list(request("csv:tiny", folder.path()), {}); }),
              HasSubstr("csv:tiny: holds no images"));
}

TEST(DuplicateList, PlacesThatWillNotDoAreRefusedBeforeTheSearch) {
  const test::TemporaryFolder folder;
  write(folder.path() / "notes.txt", "mine\n");
  write(folder.path() / "list.csv", "# gapbench near duplicates, format 1\n# set: mnist\n");
  require_place(folder.path() / "list.csv");
  require_place(folder.path() / "new.csv");
  require_place("new.csv");
  const auto refusal = [&](const char* name) {
    return error_of([&] { require_place(folder.path() / name); });
  };
  EXPECT_THAT(refusal("notes.txt"), HasSubstr("exists and is no list of near duplicates"));
  EXPECT_THAT(refusal("nowhere/list.csv"), HasSubstr("nowhere: is no folder"));
  EXPECT_THAT(refusal("."), HasSubstr("exists and is no list"));
}

}  // namespace
}  // namespace gapbench::data::duplicates

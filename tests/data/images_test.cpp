// Images of one's own, from folders of PNG files.
#include <gmock/gmock.h>
#include <png.h>

#include "data/sets/png.h"
#include "data/verify.h"
#include "fixtures.h"

namespace gapbench::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A PNG of these bytes, [height, width, channels], written by libpng's simplified interface.
std::string png(Shape shape, const std::vector<unsigned char>& pixels, png_uint_32 format) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.height = static_cast<png_uint_32>(shape.height);
  image.width = static_cast<png_uint_32>(shape.width);
  image.format = format;
  png_alloc_size_t size = 0;
  png_image_write_to_memory(&image, nullptr, &size, 0, pixels.data(), 0, nullptr);
  std::string bytes(size, '\0');
  EXPECT_NE(png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr),
            0);
  bytes.resize(size);
  return bytes;
}

std::string grey(Shape shape, const std::vector<unsigned char>& pixels) {
  return png(shape, pixels, PNG_FORMAT_GRAY);
}

/// 2 x 2, all of one brightness.
std::string flat(unsigned char level) { return grey({2, 2, 1}, {level, level, level, level}); }

class Images : public ::testing::Test {
 protected:
  /// Two classes, dog before owl; three training images and two test images.
  Images() {
    put("train/owl/a.png", flat(10));
    put("train/dog/b.png", flat(20));
    put("train/dog/a.png", flat(60));
    put("test/dog/z.png", flat(30));
    put("test/owl/y.png", flat(90));
  }
  fs::path at(const std::string& name) const { return scratch.path() / "images/pets" / name; }
  void put(const std::string& name, const std::string& bytes) const { write(at(name), bytes); }
  /// The same images as classes with a split.csv.
  void as_list() const {
    for (const auto& [from, to] :
         std::vector<std::pair<std::string, std::string>>{{"train/owl/a.png", "owl/a.png"},
                                                          {"train/dog/b.png", "dog/b.png"},
                                                          {"train/dog/a.png", "dog/a.png"},
                                                          {"test/dog/z.png", "dog/z.png"},
                                                          {"test/owl/y.png", "owl/y.png"}}) {
      fs::create_directories(at(to).parent_path());
      fs::rename(at(from), at(to));
    }
    fs::remove_all(at("train"));
    fs::remove_all(at("test"));
    put("split.csv",
        "# image, part\nowl/a.png,train\ndog/b.png, train\ndog/a.png,train\n\ndog/z.png,test\r\n"
        "owl/y.png,test\n");
  }
  std::unique_ptr<const Data> load_it() const {
    return load(request("images:pets", scratch.path()));
  }
  std::string refusal() const {
    return error_of([&] { load_it(); });
  }

  test::TemporaryFolder scratch;
};

// Levels 60, 20 and 10: mean 30, deviation sqrt(1400 / 3); test levels 30 and 90.
TEST_F(Images, AreNormalizedOverTheTrainingPart) {
  const auto data = load_it();
  EXPECT_EQ(data->description().shape, (Shape{2, 2, 1}));
  EXPECT_EQ(data->description().classes, 2U);
  EXPECT_EQ(data->examples(Part::train), 3U);
  const Gathered test = gather_all(*data, Part::test);
  EXPECT_THAT(test.labels, ElementsAre(0, 1));
  const auto level = static_cast<float>(60 / std::sqrt(1400.0 / 3));
  EXPECT_THAT(test.inputs, ElementsAre(0, 0, 0, 0, level, level, level, level));
  auto labels = gather_all(*data, Part::train).labels;
  std::ranges::sort(labels);
  EXPECT_THAT(labels, ElementsAre(0, 0, 1));
}

TEST_F(Images, InEitherLayoutAreOneSet) {
  const auto before = load_it();
  as_list();
  const auto after = load_it();
  EXPECT_EQ(before->description().checksum, after->description().checksum);
  for (const Part part : {Part::train, Part::test}) {
    EXPECT_EQ(gather_all(*before, part).inputs, gather_all(*after, part).inputs);
    EXPECT_EQ(gather_all(*before, part).labels, gather_all(*after, part).labels);
  }
}

TEST_F(Images, ChecksumIsOverTheContents) {
  const auto sum = [&] { return checksum(request("images:pets", scratch.path())); };
  const std::string before = sum();
  EXPECT_EQ(before, load_it()->description().checksum);
  put("train/dog/.hidden", "nothing");
  EXPECT_EQ(sum(), before);
  fs::rename(at("train/dog/b.png"), at("train/dog/c.png"));
  EXPECT_NE(sum(), before);
  fs::rename(at("train/dog/c.png"), at("train/dog/b.png"));
  EXPECT_EQ(sum(), before);
  put("test/owl/y.png", flat(91));
  EXPECT_NE(sum(), before);
}

TEST_F(Images, LeftOutByTheListAreCounted) {
  as_list();
  put("split.csv", "owl/a.png,train\ndog/b.png,train\ndog/z.png,test\n");
  EXPECT_THAT(load_it()->description().notes,
              ElementsAre("images:pets: 2 images that split.csv does not name are left out"));
}

TEST_F(Images, ColourIsRedGreenBlue) {
  const std::vector<unsigned char> pixels{1, 2, 3, 4, 5, 6};
  const Picture p = read_png("x.png", [&] {
    static std::string bytes;
    bytes = png({1, 2, 3}, pixels, PNG_FORMAT_RGB);
    return std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }());
  EXPECT_EQ(p.shape, (Shape{1, 2, 3}));
  EXPECT_THAT(p.pixels, ElementsAre(1, 4, 2, 5, 3, 6));
}

TEST_F(Images, ErrorsNameThePlace) {
  put("train/owl/a.png", "JFIF");
  EXPECT_THAT(refusal(), HasSubstr("train/owl/a.png: is no PNG file"));
  const std::string whole = flat(10);
  put("train/owl/a.png", whole.substr(0, whole.size() - 20));
  EXPECT_THAT(refusal(), HasSubstr("train/owl/a.png: cannot be read as PNG: "));
  std::string bad_sum = whole;
  bad_sum[whole.size() - 16] = static_cast<char>(bad_sum[whole.size() - 16] ^ 1);  // of its data
  put("train/owl/a.png", bad_sum);
  EXPECT_THAT(refusal(), HasSubstr("train/owl/a.png: cannot be read as PNG: "));
  put("train/owl/a.png", grey({2, 3, 1}, {1, 2, 3, 4, 5, 6}));
  EXPECT_THAT(refusal(), HasSubstr("train/owl/a.png: is 2x3 grey, and dog/a.png is 2x2 grey"));
  put("train/owl/a.png", png({1, 1, 4}, {1, 2, 3, 4}, PNG_FORMAT_RGBA));
  EXPECT_THAT(refusal(), HasSubstr("train/owl/a.png: has transparency"));
  put("train/owl/a.png", flat(1));
  put("train/owl/b.jpg", "JFIF");
  EXPECT_THAT(refusal(), HasSubstr("train/owl/b.jpg: is no .png, which alone is read"));
  fs::remove(at("train/owl/b.jpg"));
  put("test/cat/a.png", flat(1));
  EXPECT_THAT(refusal(), HasSubstr("test/cat: is a class that train has not"));
  fs::remove_all(at("test/cat"));
  fs::create_directories(at("train/cat"));
  EXPECT_THAT(refusal(), HasSubstr("images/pets: class cat has no training image"));
  fs::remove_all(at("train/cat"));
  fs::create_directories(at("train/owl/deep"));
  EXPECT_THAT(refusal(), HasSubstr("train/owl/deep: is a folder"));
  fs::remove_all(at("train/owl"));
  fs::remove_all(at("test/owl"));
  EXPECT_THAT(refusal(), HasSubstr("has 1 folders of classes, at least 2"));
  fs::remove_all(at(""));
  EXPECT_THAT(refusal(), HasSubstr("images/pets: is missing; an image set is train/CLASS/*.png"));
}

TEST_F(Images, ErrorsOfTheListNameTheLine) {
  as_list();
  const auto with = [&](const std::string& line) {
    put("split.csv", "owl/a.png,train\n" + line + "\n");
    return refusal();
  };
  EXPECT_THAT(with("dog/b.png"), HasSubstr("split.csv:2: must be an image and its part"));
  EXPECT_THAT(with("dog/b.png,valid"), HasSubstr("split.csv:2: must be an image and its part"));
  EXPECT_THAT(with("dog/c.png,train"), HasSubstr("split.csv:2: names \"dog/c.png\", which is not"));
  EXPECT_THAT(with("owl/a.png,test"), HasSubstr("split.csv:2: names \"owl/a.png\" again"));
  EXPECT_THAT(with("dog/b.png,train"), HasSubstr("has no test image"));
}

TEST_F(Images, AreListedAndVerified) {
  const auto listed = [&] {
    for (const Listing& line : list(scratch.path())) {
      if (line.name == "images:pets") return line.presence;
    }
    return Presence::embedded;
  };
  EXPECT_EQ(listed(), Presence::whole);
  Report report = verify("images:pets", scratch.path());
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.files.size(), 4U);
  put("test/owl/y.png", "nothing");
  EXPECT_EQ(listed(), Presence::whole);  // names and sizes only
  report = verify("images:pets", scratch.path());
  EXPECT_FALSE(report.ok);
  EXPECT_THAT(report.notes, ElementsAre(HasSubstr("y.png: is no PNG file")));
  EXPECT_THAT(error_of([&] { load(request("images:../up", scratch.path())); }),
              HasSubstr("names no folder; must be images:NAME"));
}

}  // namespace
}  // namespace gapbench::data

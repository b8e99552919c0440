// MNIST's idx files, plain and gzipped.
#include <gmock/gmock.h>

#include "data/sets/gzip.h"
#include "fixtures.h"

namespace gapbench::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// 784 pixels: the first two as given, the rest `fill`.
std::string image(int first, int second, int fill) {
  std::string pixels(784, static_cast<char>(fill));
  pixels[0] = static_cast<char>(first);
  pixels[1] = static_cast<char>(second);
  return pixels;
}

class Idx : public ::testing::Test {
 protected:
  Idx() {
    put("train-images-idx3-ubyte", idx_images({image(10, 10, 10), image(30, 30, 30)}));
    put("train-labels-idx1-ubyte", idx_labels({4, 5}));
    put("t10k-images-idx3-ubyte", idx_images({image(40, 0, 20)}));
    put("t10k-labels-idx1-ubyte", idx_labels({9}));
  }
  void put(const std::string& name, const std::string& bytes) const {
    write(scratch.path() / "mnist" / name, bytes);
  }
  std::unique_ptr<const Data> load_it() const { return load(request("mnist", scratch.path())); }
  std::string refusal(const std::string& name, const std::string& bytes) const {
    put(name, bytes);
    return error_of([&] { load_it(); });
  }

  test::TemporaryFolder scratch;
};

TEST_F(Idx, PixelsByHand) {
  const auto data = load_it();
  EXPECT_EQ(data->description().shape.height, 28U);
  EXPECT_EQ(data->description().shape.channels, 1U);
  const Gathered g = gather_all(*data, Part::test);  // mean 20, deviation 10
  EXPECT_THAT(g.labels, ElementsAre(9));
  EXPECT_EQ(g.inputs[0], 2.0F);
  EXPECT_EQ(g.inputs[1], -2.0F);
  EXPECT_EQ(g.inputs[2], 0.0F);
  EXPECT_EQ(g.inputs[783], 0.0F);
  EXPECT_THAT(data->description().notes, ElementsAre("mnist: partial: 2 of 60000 training records",
                                                     "mnist: partial: 1 of 10000 test records"));
}

TEST_F(Idx, GzippedIsTheSameData) {
  const auto plain = load_it();
  for (const auto& entry : fs::directory_iterator(scratch.path() / "mnist")) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    write(entry.path().string() + ".gz", gzipped(bytes));
    fs::remove(entry.path());
  }
  const auto zipped = load_it();
  EXPECT_EQ(gather_all(*plain, Part::train).inputs, gather_all(*zipped, Part::train).inputs);
  EXPECT_EQ(gather_all(*plain, Part::test).labels, gather_all(*zipped, Part::test).labels);
  EXPECT_EQ(plain->description().checksum, zipped->description().checksum);
}

TEST_F(Idx, FashionMnistHasItsOwnFolder) {
  EXPECT_THAT(error_of([&] { load(request("fashion_mnist", scratch.path())); }),
              HasSubstr("fashion-mnist/train-images-idx3-ubyte.gz: is missing"));
  fs::rename(scratch.path() / "mnist", scratch.path() / "fashion-mnist");
  EXPECT_EQ(load(request("fashion_mnist", scratch.path()))->examples(Part::train), 2U);
}

TEST_F(Idx, DigitsFromFiveOnAreOneClass) {
  const auto data = load(request("mnist_binary", scratch.path()));
  EXPECT_EQ(data->description().classes, 2U);
  EXPECT_THAT(gather_all(*data, Part::train).labels, ::testing::UnorderedElementsAre(0, 1));
  EXPECT_THAT(gather_all(*data, Part::test).labels, ElementsAre(1));
  EXPECT_EQ(data->description().checksum, load_it()->description().checksum);
}

TEST_F(Idx, WrongMagic) {
  EXPECT_THAT(refusal("train-images-idx3-ubyte", idx_labels(std::string(20, '\1'))),
              HasSubstr("begins with 0x00000801, an idx file of images begins with 0x00000803"));
}

TEST_F(Idx, WrongShape) {
  std::string bytes = idx_images({image(0, 0, 0)});
  bytes[11] = 27;
  EXPECT_THAT(refusal("t10k-images-idx3-ubyte", bytes), HasSubstr("images of 27 x 28, 28 x 28"));
}

TEST_F(Idx, SizeAndHeaderDisagree) {
  const std::string bytes = idx_images({image(0, 0, 0), image(1, 1, 1)});
  EXPECT_THAT(refusal("train-images-idx3-ubyte", bytes.substr(0, bytes.size() - 1)),
              HasSubstr("truncated: 1583 bytes, 2 records make 1584"));
  EXPECT_THAT(refusal("train-images-idx3-ubyte", bytes + "x"), HasSubstr("too long: 1585 bytes"));
}

TEST_F(Idx, ImagesAndLabelsDisagree) {
  EXPECT_THAT(refusal("train-labels-idx1-ubyte", idx_labels({4, 5, 6})),
              HasSubstr("holds 3 labels, train-images-idx3-ubyte holds 2 images"));
}

TEST_F(Idx, LabelOutOfRange) {
  EXPECT_THAT(refusal("train-labels-idx1-ubyte", idx_labels({4, 10})),
              HasSubstr("record 1 (from 0): label 10 out of range, must be 0 to 9"));
}

TEST_F(Idx, AnImpossibleCountIsRefusedBeforeAnythingIsSized) {
  std::string bytes = idx_labels({1});
  bytes[4] = '\xff';
  EXPECT_THAT(refusal("t10k-labels-idx1-ubyte", bytes),
              HasSubstr("4278190081 records announced, 1 to 10000 expected"));
  EXPECT_THAT(refusal("t10k-labels-idx1-ubyte", idx_labels("")), HasSubstr("0 records announced"));
}

TEST(Gzip, InflatesSeveralPieces) {
  std::string bytes((std::size_t{3} << 20) + 7, 'a');
  for (std::size_t i = 0; i < bytes.size(); i += 97) bytes[i] = static_cast<char>(i / 97);
  const std::string zipped = gzipped(bytes);
  const std::vector<unsigned char> in(zipped.begin(), zipped.end());
  const auto out = inflate_gzip("x.gz", in, bytes.size());
  EXPECT_TRUE(
      std::equal(out.begin(), out.end(), bytes.begin(), bytes.end(),
                 [](unsigned char a, char b) { return a == static_cast<unsigned char>(b); }));
}

TEST(Gzip, ExactlyOnePiece) {
  const std::string zipped = gzipped(std::string(std::size_t{1} << 20, 'z'));
  const std::vector<unsigned char> in(zipped.begin(), zipped.end());
  EXPECT_EQ(inflate_gzip("x.gz", in, std::size_t{1} << 20).size(), std::size_t{1} << 20);
}

TEST(Gzip, Refusals) {
  const auto refusal = [](const std::string& bytes, std::size_t limit) {
    const std::vector<unsigned char> in(bytes.begin(), bytes.end());
    return error_of([&] { inflate_gzip("x.gz", in, limit); });
  };
  const std::string whole = gzipped(std::string(5000, 'q'));
  EXPECT_THAT(refusal(whole, 4999), HasSubstr("x.gz: inflates to 5000 bytes, at most 4999"));
  EXPECT_THAT(refusal(gzipped(std::string(std::size_t{9} << 20, 'q')), 10),
              HasSubstr("inflates to more than the 10 bytes expected"));
  EXPECT_THAT(refusal(whole.substr(0, whole.size() - 1), 5000), HasSubstr("ends early"));
  EXPECT_THAT(refusal(whole + "x", 5000), HasSubstr("1 more bytes after the end"));
  EXPECT_THAT(refusal("not gzip", 5000), HasSubstr("damaged gzip data"));
  EXPECT_THAT(refusal("", 5000), HasSubstr("is empty"));
  std::string flipped = whole;
  flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 1);  // in the CRC
  EXPECT_THAT(refusal(flipped, 5000), HasSubstr("damaged gzip data"));
}

}  // namespace
}  // namespace gapbench::data

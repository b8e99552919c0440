// Cutout: in training one square of every image is hidden.
//
//   x(i, j, c) <- 0   for |i - y| and |j - x| within the square of `size` pixels around (y, x)
//
// (y, x) is a pixel drawn uniformly from the whole image, so that a part of the square may lie outside;
// rows y - size/2 up to, but not with, y - size/2 + size (rounded down), columns likewise. 0 is the
// channel's mean, as inputs are normalized. Drawn anew for every example and step, and with probability
// 1 - `probability` nothing is hidden. The source hides one square of every image; the authors' sizes are
// 16 on CIFAR-10 and 8 on CIFAR-100, with crops and flips, which come first here, too.
//
// Source: DeVries, Taylor 2017, "Improved regularization of convolutional neural networks with cutout".
// State: none. Cost per step: two draws and at most size x size pixels an example.
#include <gapbench/plugin.h>

#include <algorithm>

namespace {

using gapbench::OptionSpec;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::integer("size", "side of the square").at_least(1).at_most(4096).in_unit("pixels"),
    option::real("probability", "that an image loses its square")
        .above(0)
        .at_most(1)
        .by_default(1.0),
};

class Cutout final : public gapbench::Regularizer {
 public:
  explicit Cutout(const gapbench::Options& o)
      : size_(o.count("size")), probability_(o.real("probability")) {}

  void change_input(gapbench::Shape shape, gapbench::Random random,
                    std::span<float> input) const override {
    if (shape.height * shape.width == 1) {
      throw gapbench::Error("cutout", "hides a part of an image; these inputs are rows of numbers");
    }
    if (random.uniform() >= probability_) return;
    const Range rows = range(random.below(shape.height), shape.height);
    const Range columns = range(random.below(shape.width), shape.width);
    for (std::size_t i = rows.begin; i < rows.end; ++i) {
      const auto row = input.subspan(i * shape.width * shape.channels);
      std::ranges::fill(row.subspan(columns.begin * shape.channels,
                                    (columns.end - columns.begin) * shape.channels),
                        0.0F);
    }
  }

 private:
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  /// What of the square around `center` lies within the image.
  Range range(std::size_t center, std::size_t extent) const {
    const std::size_t before = size_ / 2;
    return {center - std::min(center, before), std::min(extent, center + size_ - before)};
  }

  std::size_t size_;
  double probability_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<Cutout>(
    {.name = "cutout",
     .summary = "one square of each image hidden; DeVries, Taylor 2017",
     .example = "size=3"},
    options));

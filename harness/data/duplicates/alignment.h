// How alike two images are once one is laid onto the other.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "data/duplicates/features.h"

namespace gapbench::data::duplicates {

/// Where a training image is found in a test image: what it shows at (x, y) stands in the test
/// image, mirrored left to right if `flipped`, at c + scale_x (x - c) + right, c = (width - 1) / 2;
/// so for y. Pixels.
struct Transform {
  bool flipped = false;
  double right = 0;    ///< in -5 .. 5
  double down = 0;     ///< in -5 .. 5
  double scale_x = 1;  ///< in 1/1.45 .. 1.45
  double scale_y = 1;
};

struct Alignment {
  double distance = 2;
  Transform transform;
};

/// distance(test, train, T) = 1 - (cos(gradients) + cos(local contrasts)) / 2 over the pixels that
/// the two share, the test image interpolated bilinearly; cos(a, b) = a.b / sqrt((a.a + e)(b.b +
/// e)) with e = one squared byte level (gradients) or 0.01 (local contrasts) a pixel, below which
/// there is nothing to compare. In 0 .. 2; 2 where less than half the pixels are shared. One thread
/// at a time: it has memory to work in.
class Aligner {
 public:
  explicit Aligner(const Shape& shape);

  /// Cost: about 5 us for 32 x 32.
  double distance(const Features& test, const Features& train, const Transform& transform);

  /// The same of brightness, less its mean, in place of local contrasts: says less about whether
  /// two images are one, but shows from farther away where one lies on the other.
  double rough_distance(const Features& test, const Features& train, const Transform& transform);

  /// A local minimum of the distance near `start`: a descent on the rough distance in steps of 1
  /// pixel and 6 % of the scale, then on the distance in steps of 1/2 and 1/4 pixels, 3 and 1.5 %,
  /// always to the best of ten neighbours. Cost: about 100 distances.
  Alignment refine(const Features& test, const Features& train, const Transform& start);

 private:
  /// Pixels first .. end-1 of the training image, and where each lies in the test image.
  struct Axis {
    std::size_t first = 0, end = 0;
    std::vector<std::size_t> at;
    std::vector<float> beyond;
  };
  struct Sums {
    double test = 0, both = 0, train = 0;
  };

  static double cosine(const Sums& sums, double floor);

  /// Pixels shared, 0 where they are less than half.
  std::size_t lay(const Transform& transform);
  static void place(Axis& axis, double scale, double shift);
  double gradient_cosine(const Features& test, const Features& train, double shared);
  void add(const std::vector<float>& test, const std::vector<float>& train, Sums& sums);

  std::size_t height_;
  std::size_t width_;
  Axis columns_;
  Axis rows_;
  std::vector<float> row_;    // of the test image, between two of its rows
  std::vector<float> found_;  // and between its columns
  std::array<std::vector<float>, 3> column_sums_;
};

}  // namespace gapbench::data::duplicates

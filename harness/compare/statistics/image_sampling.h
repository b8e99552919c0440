// What the choice of test images does to a difference.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace gapbench::compare {

struct ImageSampling {
  std::size_t images = 0;
  double difference = 0;  ///< of the accuracies
  double error = 0;       ///< its standard error over draws of test images
  double share = 0;       ///< of |difference| that q errors explain, at most 1
};

/// How far a difference in accuracy may come from which images the test set happens to have.
/// `by_image`: for each test image the share of seeds that got it right with the method, less that
/// with the baseline, in [-1, 1]. With m its mean and s its deviation over N images,
///
///   error = s / sqrt(N),   share = min(1, q error / |m|),   q normal, two-sided
///
/// For one seed each, s^2 (N - 1) / N = (b + c) / N - ((b - c) / N)^2 with b images that only the
/// method and c that only the baseline got right (McNemar 1947, Psychometrika 12). For several
/// seeds the error is that with these trained networks: seed noise that differs by image is in it
/// and falls as seeds are added. Both methods see the same images, so most of an image's difficulty
/// cancels. Images are taken as independent: near duplicates among them make the error too small.
/// A share of 1 where the difference is 0. Nothing for fewer than two images. Throws Error for
/// values outside [-1, 1] and a confidence outside (0, 1).
std::optional<ImageSampling> image_sampling(std::span<const double> by_image,
                                            double confidence = 0.95);

}  // namespace gapbench::compare

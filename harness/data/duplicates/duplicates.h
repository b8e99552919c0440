// Near duplicates of test images in the training part (Barz and Denzler 2020, "Do we train on test
// data? Purging CIFAR of near-duplicates", made a list of them by eye; this finds them by rule).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "data/duplicates/alignment.h"
#include "data/sets/set.h"

namespace gapbench::data::duplicates {

/// A test image and the training image nearest to it; both count from 0 in the official order.
struct Duplicate {
  std::uint32_t test = 0;
  std::uint32_t train = 0;
  double distance = 0;
  Transform transform;
};

/// Where recall and precision against CIFAR-100's list balance best; docs/data.md.
inline constexpr double default_threshold = 0.15;

struct Search {
  double threshold = default_threshold;  ///< largest distance (Aligner) that counts
  std::size_t threads = 1;
  /// Called after every few test images, one call at a time; may be empty.
  std::function<void(std::size_t done, std::size_t all)> progress;
};

/// Each test image that has a training image within the threshold, with the nearest of them, in
/// order. Looked at closely are the 100 best of Candidates; the 10 of them that are nearest by
/// rough distance in one of their views are refined. Images of the same bytes are at distance 0,
/// whatever they show. The same on any number of threads. Throws Error for images of less than
/// 16 x 16. Cost: about 25 ms a test image and core for 50,000 training images.
std::vector<Duplicate> find(const Shape& shape, const ImageRecords& records, const Search& search);

}  // namespace gapbench::data::duplicates

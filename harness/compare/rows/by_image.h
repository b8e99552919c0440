// Rows looked at test image by test image.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "compare/rows/aggregate.h"
#include "compare/statistics/image_sampling.h"

namespace gapbench::compare {

/// Accuracy on the test images of one class, over a row's trials.
struct ClassAccuracy {
  std::size_t images = 0;
  std::vector<double> by_trial;  ///< fraction correct; in the order of RowByImage::seeds
};

/// A row with the outcomes of its finished trials that kept them.
struct RowByImage {
  const Row* row = nullptr;
  std::vector<std::uint64_t> seeds;
  std::vector<ClassAccuracy> classes;  ///< by class, from 0
  /// Mean over the pairs of its trials of the share of test images for which both predict one class.
  std::optional<double> own_agreement;
  /// The same over all pairs of one of its trials and one of the baseline's.
  std::optional<double> agreement;
  /// Of its accuracy less the baseline's; see image_sampling().
  std::optional<ImageSampling> sampling;
  std::vector<std::string> left_out;  ///< "seed 3: kept no outcomes of its test images"
};

/// Of one section's rows; empty where none of them kept outcomes. What concerns the baseline is there
/// for the other rows where the section has exactly one row of it and the test images agree. Reads
/// one file a trial.
std::vector<RowByImage> by_image(const Section& section, const std::string& baseline);

}  // namespace gapbench::compare

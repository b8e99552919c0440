// The probabilities that a trial's last prediction gave every test example.
//
//   predictions.f32 = N x C 32-bit floats, little-endian and nothing else: the probabilities of the
//                     C classes, averaged over draws, example by example in the order of the test part
//
// 400 kB for 10,000 examples of 10 classes.
#pragma once

#include <cstddef>
#include <vector>

#include "records/record.h"

namespace gapbench::records {

inline constexpr const char* predictions_file = "predictions.f32";

struct Predictions {
  std::size_t classes = 0;
  std::vector<float> probabilities;  ///< [examples, classes]
  std::size_t examples() const { return probabilities.size() / classes; }
};

/// Of a trial that keeps them. Throws Error that names the file where it is missing, damaged, of
/// another number of examples than the record says, not the one that the summary was written with, or
/// where an example's numbers are no probabilities (0 to 1, their sum 1 to 1e-3).
Predictions read_predictions(const Record& record);

}  // namespace gapbench::records

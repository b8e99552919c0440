// A data set as its author hands it over: all records in plain values. The harness checks, splits,
// normalizes and augments them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gapbench/export.h"
#include "gapbench/shape.h"

namespace gapbench {

/// One official part, example after example; within one, row by row, pixel by pixel, channel by
/// channel.
struct DataPart {
  /// Pixels, [examples, shape], or else:
  std::vector<std::uint8_t> bytes{};
  /// Numbers, [examples, shape], all finite.
  std::vector<double> values{};
  std::vector<std::int32_t> labels{};  ///< [examples], of classes
  std::vector<double> targets{};       ///< [examples, target_width], of a regression, all finite

  friend bool operator==(const DataPart&, const DataPart&) = default;
};

/// A data set. Bytes are images: they can be augmented and shifted. Numbers are normalized and no more:
/// each channel, and each target, becomes (value - mean) / deviation over the training part that a
/// suite asks for. Do not normalize them here: it would have seen other examples.
struct DataRecords {
  Shape shape;
  std::size_t classes = 0;       ///< 0 for a regression
  std::size_t target_width = 0;  ///< 0 for classes
  DataPart train;
  DataPart test;
  std::vector<std::string> notes{};  ///< what a record should say of them, a line each

  friend bool operator==(const DataRecords&, const DataRecords&) = default;
};

class Options;

/// How a set is read: by its options, from `folder`, <data folder>/<name of the set>, which need not be
/// there for a set that needs no files. Throws Error(file, what is wrong and what would be right). A pure
/// function: the same records from the same files and options; several threads at a time. Called anew for
/// every trial, and once where a suite is planned. Check what a file says of itself against its size
/// before you make room for it.
using DataLoader = DataRecords(const Options& options, const std::filesystem::path& folder);

/// What a loader gives, if it is a whole set: lengths that fit the shape and each other, either bytes or
/// numbers, labels 0 to classes - 1, finite numbers, no empty part, and targets if `has_targets`, else
/// classes. Throws Error(set, ...) else, with the first thing that is wrong; of an Error of the loader, the
/// set's name stands in front, and another exception becomes one. The harness asks before it trains.
GAPBENCH_API DataRecords load_data_set(const std::string& set, DataLoader* load, bool has_targets,
                                       const Options& options, const std::filesystem::path& folder);

}  // namespace gapbench

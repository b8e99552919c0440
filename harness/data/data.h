// Data sets as the trainer sees them: parts, examples, batches of inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gapbench/options.h"
#include "gapbench/problem.h"
#include "gapbench/shape.h"

namespace gapbench::data {

/// What a data set is, before any of it is read.
struct Kind {
  const char* name;     ///< "cifar10"
  const char* summary;  ///< one line with the source and year
  std::span<const OptionSpec> options;
  bool synthetic = false;
  bool regression = false;  ///< targets in place of classes
  bool redrawable = false;  ///< its test part can be drawn anew, see Request::test_fraction
  Shape shape{0, 0, 0};     ///< of every set of this kind; empty: as its files say
};

/// Every known data set, in the order `gapbench data list` prints them.
std::span<const Kind> kinds();

bool has_kind(const std::string& name);

/// Throws Error with the nearest valid name, of `others`, too.
const Kind& find_kind(const std::string& name, std::span<const std::string> others = {});

/// What was loaded, for records and messages.
struct Description {
  std::string name;
  Shape shape;
  std::size_t classes = 0;       ///< 0 for regression
  std::size_t target_width = 0;  ///< 0 for classification
  bool synthetic = false;
  std::string checksum;                 ///< SHA-256 over the files' (or the generator's) identity
  std::vector<std::string> notes;       ///< "cifar10: partial: 2000 of 50000 training records"
  std::vector<double> target_scales{};  ///< what one unit of each target is in its own units
};

class Set;

/// Which data, how split, how normalized. Everything here but `root` is part of a trial's identity.
struct Request {
  std::string name;
  std::shared_ptr<const Set> set{};  ///< of a plugin; null: the one of this name
  Options options;                   ///< the kind's own, resolved
  std::size_t train = 0;             ///< training examples; 0: all that validation leaves
  std::size_t validation = 0;        ///< taken from the official training part
  std::size_t test = 0;              ///< 0: the whole official test part
  std::uint64_t split_seed = 0;
  /// Above 0: split_seed draws the test part, too, this share of all records; whatever parts the set
  /// has of its own are put together. Only where the kind is redrawable.
  double test_fraction = 0;
  /// Classes that no part has, ascending: a network that never saw them is asked about their test
  /// records. It has outputs for them all the same.
  std::vector<std::size_t> unseen{};
  double label_noise = 0;               ///< see label_noise.h; of the training part alone
  std::uint64_t label_seed = 0;         ///< draws it
  std::uint64_t augmentation_seed = 0;  ///< the trial's seed
  std::filesystem::path root;           ///< the data folder
};

/// A loaded data set, split and normalized. Const and thread-safe; the raw bytes stay mapped.
///
/// Split: the official training records are permuted by a key of split_seed; the first
/// `validation` records of the permutation are the validation part, the next `train` the training
/// part. Where the test part is drawn, too: of n records permuted, the first n - round((1 - f) n) are
/// the test part, the next the validation part, then the training part, as Hernandez-Lobato and Adams
/// 2015 draw their splits. Normalization: per channel (images) or feature, mean and deviation over the training part.
class Data {
 public:
  virtual ~Data() = default;

  virtual const Description& description() const noexcept = 0;
  virtual std::size_t examples(Part part) const noexcept = 0;
  /// Test records of unseen classes: indices from examples(Part::test) on, of that part.
  virtual std::size_t unseen() const noexcept { return 0; }
  /// Writes the examples' normalized inputs [n, height, width, channels], and labels [n] or
  /// targets [n, target_width]. augmented: crop of the image padded by 4 zero pixels (after
  /// normalization: the channel mean) and horizontal flip with probability 1/2, keyed by
  /// (augmentation_seed, epoch, index in the part).
  virtual void gather(const Examples& examples, std::span<float> inputs,
                      std::span<std::int32_t> labels, std::span<float> targets) const = 0;
  /// Whether examples can be augmented.
  virtual bool has_images() const noexcept { return false; }
  /// As Problem::shifts(): of the test part alone, see shift.h.
  virtual std::span<const std::string> shifts() const noexcept { return {}; }
};

/// Throws Error: missing files (with the command that fetches them), truncated or foreign files,
/// labels out of range, parts larger than the data.
std::unique_ptr<const Data> load(const Request& request);

/// SHA-256 that stands for the contents a request would load, without splitting.
std::string checksum(const Request& request);

/// The data folder: `given`, else GAPBENCH_DATA, else the XDG data home's "gapbench/data".
std::filesystem::path data_folder(const std::string& given);

}  // namespace gapbench::data

// What one data set has to tell: its raw records, before any split or normalization.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/file.h"
#include "data/data.h"
#include "data/remote.h"
#include "data/verify.h"

namespace gapbench::data {

/// One official part of an image set. images[i] points at shape.size() bytes, planar: all of
/// channel 0 row by row, then channel 1 ...
struct ImagePart {
  std::vector<const unsigned char*> images;
  std::vector<std::int32_t> labels;
};

/// Images, with whatever memory they lie in.
struct ImageRecords {
  ImagePart train;
  ImagePart test;
  std::vector<MappedFile> files;
  std::vector<std::vector<unsigned char>> buffers;
  /// Of a generated set: makes picture i of the test part, else of the training part, where images[i]
  /// points; before that nothing is there. Empty: all is there.
  std::function<void(bool of_test, std::size_t i)> draw{};

  void draw_all() const {
    if (!draw) return;
    for (std::size_t i = 0; i < train.images.size(); ++i) draw(false, i);
    for (std::size_t i = 0; i < test.images.size(); ++i) draw(true, i);
  }
};

/// One official part of a set of numbers: features [rows, shape.size()], and targets [rows,
/// target_width] or labels [rows], as in the file.
struct TablePart {
  std::size_t rows = 0;
  std::vector<double> features;
  std::vector<double> targets;
  std::vector<std::int32_t> labels{};
};

struct TableRecords {
  TablePart train;
  TablePart test;
};

/// A set as it was published.
struct Source {
  Shape shape;
  std::size_t classes = 0;       ///< 0 for regression
  std::size_t target_width = 0;  ///< 0 for classification
  std::string checksum;
  std::vector<std::string> notes;
  std::variant<ImageRecords, TableRecords> records;
};

/// How closely inspect looks: at names and sizes, or at every byte.
enum class Depth : std::uint8_t { sizes, contents };

/// Which set, as asked for.
struct Place {
  const std::string& name;
  const Options& options;
  const std::filesystem::path& root;
  bool pooled = false;  ///< all records as the training part; of redrawable kinds
};

/// One kind of data set. Const and stateless: several threads at a time.
class Set {
 public:
  explicit Set(Kind kind) : kind_(kind) {}
  virtual ~Set() = default;

  const Kind& kind() const noexcept { return kind_; }
  virtual bool answers_to(std::string_view name) const { return name == kind_.name; }

  /// Throws Error naming the file for everything that is wrong with it.
  virtual Source read(const Place& place) const = 0;
  /// Whether it has a test part of its own; without, it can only be read pooled.
  virtual bool has_split(const Place& /*place*/) const { return true; }
  /// The same as read(place).checksum.
  virtual std::string checksum(const Place& place) const { return read(place).checksum; }

  /// Those of this kind that have a folder; of a kind with a single set, that one.
  virtual std::vector<std::string> names(const std::filesystem::path& /*root*/) const {
    return {kind_.name};
  }

  /// Where the files lie; empty for a generated set.
  virtual std::filesystem::path folder(const std::filesystem::path& /*root*/,
                                       const std::string& /*name*/) const {
    return {};
  }
  /// Every file by itself; empty for a generated set. Reports what is wrong, does not throw it.
  virtual std::vector<FileReport> inspect(const Place& /*place*/, Depth /*depth*/) const {
    return {};
  }
  /// Where to get it, if it can be fetched.
  virtual std::optional<Remote> remote(const std::string& /*name*/) const { return std::nullopt; }

 private:
  Kind kind_;
};

/// The table of all sets. To add one: a new file in this folder with a function that makes it, and
/// that function's name in table.cpp.
std::span<const std::unique_ptr<const Set>> sets();

/// Throws Error with the nearest valid name, of `others`, too.
const Set& find_set(const std::string& name, std::span<const std::string> others = {});

/// Throws Error for a set on files where the data folder is not known.
void require_root(const Set& set, const std::filesystem::path& root);

}  // namespace gapbench::data

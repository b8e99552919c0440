// npy, npy_regression: a set from four NumPy files, as numpy.save writes them.
//
//   <data>/npy/SET/x_train.npy  y_train.npy  x_test.npy  y_test.npy        (npy_regression/SET likewise)
//
//   x   [n, height, width, channels], [n, height, width] or [n, features] (layout: channels_first has
//       [n, channels, height, width]); uint8 with two pixels or more are images, which can be augmented
//       and shifted; all else, and every input of a regression, is numbers, normalized by channel
//   y   of classes whole numbers [n] or [n, 1], from 0; of a regression [n] or [n, targets]
//
// Little-endian bool, int, uint of 1 to 8 bytes, float32 and float64, in C order. Sizes that a header claims
// are held against the file's before room is made for them. NaN and infinities are refused.
//
// Source of the format: NumPy Enhancement Proposal 1, "A simple file format for NumPy arrays", versions 1 to
// 3. Cost: each file is read once; 1 byte a pixel in memory, 8 a number.
#include <gapbench/plugin.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
namespace option = gapbench::option;
using gapbench::Error;
using gapbench::Shape;

constexpr gapbench::OptionSpec set_option = option::text("set", "folder with the four files");
constexpr gapbench::OptionSpec layout_option =
    option::choice("layout", "channels_last|channels_first", "where images have their channels")
        .by_default("channels_last");
constexpr gapbench::OptionSpec class_options[] = {
    set_option, layout_option,
    option::integer("classes", "0: the largest training label + 1").at_least(0).by_default(0)};
constexpr gapbench::OptionSpec regression_options[] = {set_option, layout_option};

/// One array file, open behind its header.
class ArrayFile {
 public:
  explicit ArrayFile(const fs::path& path) : name_(path.string()) {
    std::error_code code;
    if (!fs::is_regular_file(path, code)) {
      throw Error(name_,
                  "is missing; a set is x_train.npy, y_train.npy, x_test.npy and y_test.npy, as "
                  "numpy.save writes them");
    }
    size_ = fs::file_size(path, code);
    stream_.open(path, std::ios::binary);
    if (code || !stream_) throw Error(name_, "cannot be read");
    read_header();
  }

  const std::string& name() const noexcept { return name_; }
  const std::vector<std::size_t>& shape() const noexcept { return shape_; }
  const std::string& type() const noexcept { return type_; }
  bool is_bytes() const noexcept { return type_ == "|u1"; }
  bool is_whole() const noexcept { return type_[1] != 'f'; }

  std::vector<std::uint8_t> bytes() {
    std::vector<std::uint8_t> all(count_);
    read(all.data(), all.size());
    return all;
  }

  /// Every element, converted.
  template <class To>
  std::vector<To> numbers() {
    switch (type_[1]) {
      case 'f':
        return width_ == 4 ? converted<float, To>() : converted<double, To>();
      case 'i':
        if (width_ == 1) return converted<std::int8_t, To>();
        if (width_ == 2) return converted<std::int16_t, To>();
        return width_ == 4 ? converted<std::int32_t, To>() : converted<std::int64_t, To>();
      default:  // u, b
        if (width_ == 1) return converted<std::uint8_t, To>();
        if (width_ == 2) return converted<std::uint16_t, To>();
        return width_ == 4 ? converted<std::uint32_t, To>() : converted<std::uint64_t, To>();
    }
  }

  [[noreturn]] void refuse(const std::string& what) const { throw Error(name_, what); }

 private:
  void read(void* to, std::size_t bytes) {
    stream_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
    if (static_cast<std::size_t>(stream_.gcount()) != bytes) refuse("ends before its last number");
  }

  template <class From, class To>
  std::vector<To> converted() {
    std::vector<To> all;
    all.reserve(count_);
    std::array<From, 4096> some;
    for (std::size_t left = count_; left > 0;) {
      const std::size_t now = std::min(left, some.size());
      read(some.data(), now * sizeof(From));
      for (std::size_t i = 0; i < now; ++i) all.push_back(to<To>(some[i]));
      left -= now;
    }
    return all;
  }

  // Labels are compared with their range as they are: nothing wraps.
  template <class To, class From>
  To to(From x) const {
    if constexpr (std::is_same_v<To, std::int32_t> && std::is_integral_v<From>) {
      if (!std::in_range<std::int32_t>(x)) {
        refuse("the label " + std::to_string(x) + " is no class's; they count from 0");
      }
    }
    return static_cast<To>(x);
  }

  void read_header() {
    std::array<unsigned char, 12> head{};
    constexpr std::string_view magic = "\x93NUMPY";
    if (size_ < 10) refuse("is no .npy file: " + std::to_string(size_) + " bytes");
    read(head.data(), 10);
    if (std::memcmp(head.data(), magic.data(), magic.size()) != 0) {
      refuse("is no .npy file; numpy.save writes one");
    }
    const unsigned version = head[6];
    if (version < 1 || version > 3) {
      refuse("has version " + std::to_string(version) + " of the format, must be 1, 2 or 3");
    }
    std::size_t begin = 10;
    std::size_t length = head[8] + 256U * head[9];
    if (version > 1) {
      if (size_ < 12) refuse("ends within its header");
      read(head.data() + 10, 2);
      begin = 12;
      length += (head[10] + 256U * head[11]) * std::size_t{65536};
    }
    if (length > 65536 || begin + length > size_) refuse("ends within its header");
    std::string text(length, ' ');
    read(text.data(), length);
    parse(text);
    require_size(size_ - begin - length);
  }

  void parse(const std::string& text) {
    const std::string_view type = after(text, "'descr':");
    if (type.empty() || type.front() != '\'') refuse("holds records or objects, no numbers");
    type_ = type.substr(1, type.find('\'', 1) - 1);
    constexpr std::string_view known[] = {"|b1", "|u1", "|i1", "<u2", "<i2", "<u4",
                                          "<i4", "<u8", "<i8", "<f4", "<f8"};
    if (std::ranges::find(known, type_) == std::end(known)) {
      type_.resize(std::min<std::size_t>(type_.size(), 16));  // what a damaged file holds
      std::ranges::replace_if(
          type_, [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
      refuse("holds numbers of the type " + type_ +
             "; must be little-endian bool, int, uint, float32 or float64 (a.astype)");
    }
    width_ = static_cast<std::size_t>(type_[2] - '0');
    if (!after(text, "'fortran_order':").starts_with("False")) {
      refuse("is in Fortran order; save numpy.ascontiguousarray(a)");
    }
    parse_shape(after(text, "'shape':"));
  }

  std::string_view after(std::string_view text, std::string_view key) const {
    const auto at = text.find(key);
    if (at == text.npos) refuse("has no " + std::string(key) + " in its header");
    text.remove_prefix(at + key.size());
    return text.substr(std::min(text.find_first_not_of(' '), text.size()));
  }

  void parse_shape(std::string_view text) {
    if (!text.starts_with('(')) refuse("has no shape in its header");
    text.remove_prefix(1);
    while (!text.empty() && text.front() != ')') {
      std::size_t extent = 0;
      const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), extent);
      if (code != std::errc() || shape_.size() == 8) refuse("has a shape that cannot be read");
      shape_.push_back(extent);
      text.remove_prefix(static_cast<std::size_t>(end - text.data()));
      text.remove_prefix(std::min(text.find_first_not_of(", "), text.size()));
    }
    if (text.empty() || shape_.empty()) refuse("has a shape that cannot be read");
  }

  // By division: a product of what a header claims may be too large for any number.
  void require_size(std::uintmax_t left) {
    std::uintmax_t numbers = left / width_;
    for (const std::size_t extent : shape_) {
      if (extent == 0) refuse("is an empty array");
      if (numbers % extent != 0 || numbers / extent == 0) numbers = 0;
      numbers /= extent;
    }
    if (numbers != 1 || left % width_ != 0) {
      refuse("holds " + std::to_string(left) +
             " bytes behind its header, which do not make an array " + shape_text() + " of " +
             type_);
    }
    count_ = left / width_;
  }

  std::string shape_text() const {
    std::string text;
    for (const std::size_t extent : shape_) {
      text += (text.empty() ? "(" : ", ") + std::to_string(extent);
    }
    return text + ")";
  }

  std::string name_;
  std::ifstream stream_;
  std::uintmax_t size_ = 0;
  std::string type_;
  std::size_t width_ = 1;
  std::vector<std::size_t> shape_;
  std::size_t count_ = 0;
};

/// [n, channels, height, width] to [n, height, width, channels].
template <class T>
void put_channels_last(std::vector<T>& values, Shape shape) {
  const std::size_t plane = shape.height * shape.width;
  std::vector<T> one(shape.size());
  for (std::size_t first = 0; first < values.size(); first += shape.size()) {
    for (std::size_t c = 0; c < shape.channels; ++c) {
      for (std::size_t p = 0; p < plane; ++p) {
        one[p * shape.channels + c] = values[first + c * plane + p];
      }
    }
    std::ranges::copy(one, values.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

/// Reads one folder of four files.
class Reader {
 public:
  Reader(const gapbench::Options& o, const fs::path& root)
      : folder_(folder_of(o, root)), channels_first_(o.choice("layout") == "channels_first") {}

  /// Fills in the inputs of both parts and their shape.
  void inputs(bool may_be_images, gapbench::DataRecords& records) const {
    records.shape = read_inputs("x_train.npy", may_be_images, records.train);
    const Shape other = read_inputs("x_test.npy", may_be_images, records.test);
    if (other != records.shape || records.train.bytes.empty() != records.test.bytes.empty()) {
      throw Error((folder_ / "x_test.npy").string(),
                  "holds other examples than x_train.npy; sizes and types must be the same");
    }
  }

  std::vector<std::int32_t> labels(const char* file) const {
    ArrayFile array(folder_ / file);
    if (!array.is_whole()) {
      array.refuse("holds " + array.type() + "; labels are whole numbers: y.astype('int64')");
    }
    if (width_of(array) != 1) array.refuse("must be one label an example, [n]");
    return array.numbers<std::int32_t>();
  }

  /// Returns their width.
  std::size_t targets(const char* file, std::vector<double>& to) const {
    ArrayFile array(folder_ / file);
    const std::size_t width = width_of(array);
    to = array.numbers<double>();
    return width;
  }

 private:
  static fs::path folder_of(const gapbench::Options& o, const fs::path& root) {
    const std::string name(o.text("set"));
    if (name.empty() || name.front() == '.' || name.find('/') != name.npos) {
      throw Error(root.filename().string() + ".set",
                  "must be the name of a folder in " + root.string() + ", got \"" + name + "\"");
    }
    return root / name;
  }

  static std::size_t width_of(const ArrayFile& array) {
    if (array.shape().size() > 2) array.refuse("has more than two axes; must be [n] or [n, width]");
    return array.shape().size() == 2 ? array.shape()[1] : 1;
  }

  Shape shape_of(const ArrayFile& array) const {
    const auto& s = array.shape();
    switch (s.size()) {
      case 1:
        return {};
      case 2:
        return {1, 1, s[1]};
      case 3:
        return {s[1], s[2], 1};
      case 4:
        return channels_first_ ? Shape{s[2], s[3], s[1]} : Shape{s[1], s[2], s[3]};
      default:
        array.refuse("has more than four axes; must be [n, height, width, channels] or less");
    }
  }

  Shape read_inputs(const char* file, bool may_be_images, gapbench::DataPart& part) const {
    ArrayFile array(folder_ / file);
    const Shape shape = shape_of(array);
    const bool moves = channels_first_ && array.shape().size() == 4;
    if (may_be_images && array.is_bytes() && shape.height * shape.width > 1) {
      part.bytes = array.bytes();
      if (moves) put_channels_last(part.bytes, shape);
    } else {
      part.values = array.numbers<double>();
      if (moves) put_channels_last(part.values, shape);
    }
    return shape;
  }

  fs::path folder_;
  bool channels_first_;
};

gapbench::DataRecords load_classes(const gapbench::Options& o, const fs::path& folder) {
  const Reader reader(o, folder);
  gapbench::DataRecords records;
  records.classes = o.count("classes");
  reader.inputs(true, records);
  records.train.labels = reader.labels("y_train.npy");
  records.test.labels = reader.labels("y_test.npy");
  const std::int32_t largest = std::max(0, std::ranges::max(records.train.labels));
  if (records.classes == 0) records.classes = static_cast<std::size_t>(largest) + 1;
  return records;
}

gapbench::DataRecords load_regression(const gapbench::Options& o, const fs::path& folder) {
  const Reader reader(o, folder);
  gapbench::DataRecords records;
  reader.inputs(false, records);
  records.target_width = reader.targets("y_train.npy", records.train.targets);
  if (reader.targets("y_test.npy", records.test.targets) != records.target_width) {
    throw Error((folder / "y_test.npy").string(), "has another width than y_train.npy");
  }
  return records;
}

}  // namespace

GAPBENCH_PLUGIN(
    gapbench::data_set<load_classes>(
        {.name = "npy",
         .summary = "images or rows of numbers with classes from four .npy files; NumPy's NEP 1",
         .example = "set=example"},
        class_options),
    gapbench::regression_set<load_regression>(
        {.name = "npy_regression",
         .summary = "inputs and targets from four .npy files; NumPy's NEP 1",
         .example = "set=example"},
        regression_options));

// MNIST (LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document
// recognition") and Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): idx files, plain or gzipped. A
// plain file is mapped, a gzipped one inflated into memory; where both are there the plain one is
// read. mnist_binary is MNIST with two classes (Dziugaite and Roy 2017, "Computing nonvacuous
// generalization bounds", section 6).

#include <fmt/format.h>

#include <array>

#include "data/sets/contents.h"
#include "data/sets/gzip.h"
#include "data/sets/set.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t side = 28;
constexpr std::size_t labels = 10;
constexpr std::uint32_t image_magic = 0x0803;  // unsigned bytes, three dimensions
constexpr std::uint32_t label_magic = 0x0801;  // unsigned bytes, one dimension

struct IdxFile {
  const char* name;  // without .gz
  std::size_t records;
  std::size_t header_bytes;
  std::size_t record_bytes;
  const char* gzip_md5;  // published
  std::size_t most_bytes() const { return header_bytes + records * record_bytes; }
};

struct Files {
  IdxFile train_images, train_labels, test_images, test_labels;
};

/// A file's contents: mapped, or inflated.
struct Loaded {
  fs::path path;
  MappedFile mapped;
  std::vector<unsigned char> inflated;
  bool gzipped = false;
  std::span<const unsigned char> bytes() const {
    return gzipped ? std::span<const unsigned char>(inflated) : mapped.bytes();
  }
};

fs::path path_of(const fs::path& folder, const IdxFile& file) {
  const fs::path plain = folder / file.name;
  std::error_code ignored;
  return fs::exists(plain, ignored) ? plain : folder / (std::string(file.name) + ".gz");
}

Loaded load_file(const fs::path& path, const IdxFile& file) {
  Loaded loaded{path, MappedFile(path), {}, path.extension() == ".gz"};
  if (!loaded.gzipped) return loaded;
  loaded.inflated = inflate_gzip(path, loaded.mapped.bytes(), file.most_bytes());
  loaded.mapped = MappedFile();
  return loaded;
}

std::uint32_t big_endian(std::span<const unsigned char> bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
         std::uint32_t{bytes[at + 2]} << 8 | std::uint32_t{bytes[at + 3]};
}

void require_header(const Loaded& loaded, const IdxFile& file) {
  const auto bytes = loaded.bytes();
  const std::string where = loaded.path.string();
  if (bytes.size() < file.header_bytes) {
    throw Error(where, fmt::format("truncated: {} bytes, a header of {} expected", bytes.size(),
                                   file.header_bytes));
  }
  const std::uint32_t magic = file.record_bytes == 1 ? label_magic : image_magic;
  if (big_endian(bytes, 0) != magic) {
    throw Error(where, fmt::format("begins with 0x{:08x}, an idx file of {} begins with 0x{:08x}",
                                   big_endian(bytes, 0),
                                   file.record_bytes == 1 ? "labels" : "images", magic));
  }
  if (file.record_bytes == 1) return;
  const std::uint32_t rows = big_endian(bytes, 8);
  const std::uint32_t columns = big_endian(bytes, 12);
  if (rows != side || columns != side) {
    throw Error(where,
                fmt::format("images of {} x {}, {} x {} expected", rows, columns, side, side));
  }
}

/// Returns the number of records. Throws Error unless header, size and labels are right.
std::size_t check(const Loaded& loaded, const IdxFile& file) {
  require_header(loaded, file);
  const auto bytes = loaded.bytes();
  const std::size_t records = big_endian(bytes, 4);
  const std::string where = loaded.path.string();
  if (records == 0 || records > file.records) {
    throw Error(where,
                fmt::format("{} records announced, 1 to {} expected", records, file.records));
  }
  const std::size_t whole = file.header_bytes + records * file.record_bytes;
  if (bytes.size() != whole) {
    throw Error(where, fmt::format("{}: {} bytes, {} records make {}",
                                   bytes.size() < whole ? "truncated" : "too long", bytes.size(),
                                   records, whole));
  }
  if (file.record_bytes == 1) {
    for (std::size_t r = 0; r < records; ++r) {
      require_label(loaded.path, r, bytes[file.header_bytes + r], labels);
    }
  }
  return records;
}

class Idx final : public Set {
 public:
  /// Label l of the files is class l / labels_in_class.
  Idx(Kind kind, const char* folder, const char* base_url, Files files,
      std::size_t labels_in_class = 1)
      : Set(kind),
        folder_(folder),
        base_url_(base_url),
        files_(files),
        labels_in_class_(labels_in_class) {}

  Source read(const Place& place) const override {
    Source source;
    source.shape = {side, side, 1};
    source.classes = labels / labels_in_class_;
    ImageRecords records;
    std::vector<Content> contents;
    read_part(place, files_.train_images, files_.train_labels, records.train, records, contents);
    read_part(place, files_.test_images, files_.test_labels, records.test, records, contents);
    source.checksum = checksum_of(contents);
    note_partial(source.notes, kind().name, records.train.labels.size(),
                 files_.train_images.records, "training records");
    note_partial(source.notes, kind().name, records.test.labels.size(), files_.test_images.records,
                 "test records");
    source.records = std::move(records);
    return source;
  }

  fs::path folder(const fs::path& root, const std::string& /*name*/) const override {
    return root / folder_;
  }

  std::vector<FileReport> inspect(const Place& place, Depth depth) const override {
    std::vector<FileReport> reports;
    for (const IdxFile* file : all_files()) {
      reports.push_back(inspect_file(path_of(place.root / folder_, *file), *file, depth));
    }
    return reports;
  }

  std::optional<Remote> remote(const std::string& /*name*/) const override {
    Remote remote{base_url_, folder_, false, {}};
    for (const IdxFile* file : all_files()) {
      remote.files.push_back({std::string(file->name) + ".gz", Digest::md5, file->gzip_md5});
    }
    return remote;
  }

 private:
  std::array<const IdxFile*, 4> all_files() const {
    return {&files_.train_images, &files_.train_labels, &files_.test_images, &files_.test_labels};
  }

  void read_part(const Place& place, const IdxFile& image_file, const IdxFile& label_file,
                 ImagePart& part, ImageRecords& records, std::vector<Content>& contents) const {
    Loaded images = open(place, image_file);
    const Loaded label_records = open(place, label_file);
    const std::size_t count = check(images, image_file);
    const std::size_t label_count = check(label_records, label_file);
    if (count != label_count) {
      throw Error(label_records.path.string(),
                  fmt::format("holds {} labels, {} holds {} images", label_count,
                              images.path.filename().string(), count));
    }
    contents.push_back({image_file.name, sha256_of(images.bytes())});
    contents.push_back({label_file.name, sha256_of(label_records.bytes())});
    for (const unsigned char label : label_records.bytes().subspan(label_file.header_bytes)) {
      part.labels.push_back(static_cast<std::int32_t>(label / labels_in_class_));
    }
    const unsigned char* pixels = images.bytes().data() + image_file.header_bytes;
    for (std::size_t r = 0; r < count; ++r) part.images.push_back(pixels + r * side * side);
    records.files.push_back(std::move(images.mapped));
    records.buffers.push_back(std::move(images.inflated));
  }

  Loaded open(const Place& place, const IdxFile& file) const {
    const fs::path path = path_of(place.root / folder_, file);
    require_file(path, kind().name, place.root);
    return load_file(path, file);
  }

  static FileReport inspect_file(const fs::path& path, const IdxFile& file, Depth depth) {
    FileReport report = look_at(path);
    report.whole_records = file.records;
    if (report.presence == Presence::missing || depth == Depth::sizes) return report;
    try {
      const Loaded loaded = load_file(path, file);
      report.records = check(loaded, file);
      if (report.records < file.records) report.presence = Presence::partial;
      if (report.presence == Presence::whole && loaded.gzipped) {
        report.checksum =
            hash_file(Digest::md5, path) == file.gzip_md5 ? Checksum::published : Checksum::other;
      }
    } catch (const Error& e) {
      mark_broken(report, e);
    }
    return report;
  }

  const char* folder_;
  const char* base_url_;
  Files files_;
  std::size_t labels_in_class_;
};

Files files(const char* train_images, const char* train_labels, const char* test_images,
            const char* test_labels) {
  return {{"train-images-idx3-ubyte", 60000, 16, side * side, train_images},
          {"train-labels-idx1-ubyte", 60000, 8, 1, train_labels},
          {"t10k-images-idx3-ubyte", 10000, 16, side * side, test_images},
          {"t10k-labels-idx1-ubyte", 10000, 8, 1, test_labels}};
}

constexpr const char* mnist_url = "https://ossci-datasets.s3.amazonaws.com/mnist/";

Files mnist_files() {
  return files("f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
               "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c");
}

}  // namespace

std::unique_ptr<const Set> make_mnist() {
  return std::make_unique<Idx>(
      Kind{.name = "mnist",
           .summary = "70000 28x28 grey handwritten digits, 10 classes; LeCun et al. 1998",
           .options = {},
           .shape = {side, side, 1}},
      "mnist", mnist_url, mnist_files());
}

std::unique_ptr<const Set> make_mnist_binary() {
  return std::make_unique<Idx>(
      Kind{.name = "mnist_binary",
           .summary = "mnist, digits 0 to 4 against 5 to 9; Dziugaite and Roy 2017",
           .options = {},
           .shape = {side, side, 1}},
      "mnist", mnist_url, mnist_files(), 5);
}

std::unique_ptr<const Set> make_fashion_mnist() {
  return std::make_unique<Idx>(
      Kind{.name = "fashion_mnist",
           .summary = "70000 28x28 grey articles of clothing, 10 classes; Xiao et al. 2017",
           .options = {},
           .shape = {side, side, 1}},
      "fashion-mnist", "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      files("8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310"));
}

}  // namespace gapbench::data

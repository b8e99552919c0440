// CIFAR-10 and CIFAR-100, the official binary files (Krizhevsky 2009, "Learning multiple layers of
// features from tiny images"). One record is the label bytes (CIFAR-10: one; CIFAR-100: coarse,
// fine), then 3072 bytes: 32 x 32 red, green, blue.

#include <fmt/format.h>

#include <algorithm>

#include "data/sets/contents.h"
#include "data/sets/set.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t image_bytes = 3072;

struct BatchFile {
  const char* name;
  Part part;
  std::size_t records;  // as published
  const char* sha256;
};

struct LabelByte {
  const char* name;
  std::size_t classes;
};

struct Layout {
  const char* folder;
  std::vector<LabelByte> label_bytes;
  std::vector<BatchFile> files;  // training files first, in the order of their records
  std::size_t record_bytes() const { return label_bytes.size() + image_bytes; }
};

/// Returns how many records the file holds. Throws Error unless it is a whole number of records
/// with labels in range.
std::size_t check(const fs::path& path, std::span<const unsigned char> bytes, const Layout& layout,
                  const BatchFile& file) {
  const std::size_t record_bytes = layout.record_bytes();
  const std::size_t whole = file.records * record_bytes;
  if (bytes.empty()) {
    throw Error(path.string(), fmt::format("is empty, {} bytes expected", whole));
  }
  if (bytes.size() > whole) {
    throw Error(path.string(), fmt::format("holds {} bytes, at most {} expected ({} records of {})",
                                           bytes.size(), whole, file.records, record_bytes));
  }
  if (bytes.size() % record_bytes != 0) {
    throw Error(path.string(),
                fmt::format("truncated: {} bytes, cut inside record {} (from 0); whole records of "
                            "{} bytes expected",
                            bytes.size(), bytes.size() / record_bytes, record_bytes));
  }
  const std::size_t records = bytes.size() / record_bytes;
  for (std::size_t r = 0; r < records; ++r) {
    for (std::size_t b = 0; b < layout.label_bytes.size(); ++b) {
      const LabelByte& label = layout.label_bytes[b];
      require_label(path, r, bytes[r * record_bytes + b], label.classes, label.name);
    }
  }
  return records;
}

class Cifar final : public Set {
 public:
  Cifar(Kind kind, Layout layout, Remote remote)
      : Set(kind), layout_(std::move(layout)), remote_(std::move(remote)) {}

  Source read(const Place& place) const override {
    Source source;
    source.shape = {32, 32, 3};
    const std::size_t label_at = label_byte(place);
    source.classes = layout_.label_bytes[label_at].classes;
    ImageRecords records;
    std::vector<Content> contents;
    std::vector<std::string> other;
    bool cut = false;
    for (const BatchFile& file : layout_.files) {
      const fs::path path = place.root / layout_.folder / file.name;
      // After a cut training file the later ones may be missing: that is a prefix of the records.
      if (cut && file.part == Part::train && !fs::exists(path)) continue;
      require_file(path, kind().name, place.root);
      MappedFile mapped(path);
      const std::size_t count = check(path, mapped.bytes(), layout_, file);
      contents.push_back({file.name, sha256_of(mapped.bytes())});
      cut = count < file.records;
      if (!cut && contents.back().sha256 != file.sha256) other.emplace_back(file.name);
      append(mapped.bytes(), count, label_at,
             file.part == Part::train ? records.train : records.test);
      records.files.push_back(std::move(mapped));
    }
    source.checksum = checksum_of(contents);
    source.notes = notes(records, other);
    source.records = std::move(records);
    return source;
  }

  fs::path folder(const fs::path& root, const std::string& /*name*/) const override {
    return root / layout_.folder;
  }

  std::vector<FileReport> inspect(const Place& place, Depth depth) const override {
    std::vector<FileReport> reports;
    for (const BatchFile& file : layout_.files) {
      reports.push_back(inspect_file(place.root / layout_.folder / file.name, file, depth));
    }
    return reports;
  }

  std::optional<Remote> remote(const std::string& /*name*/) const override { return remote_; }

 private:
  std::size_t label_byte(const Place& place) const {
    if (layout_.label_bytes.size() == 1) return 0;
    return place.options.choice("labels") == "coarse" ? 0 : 1;
  }

  void append(std::span<const unsigned char> bytes, std::size_t count, std::size_t label_at,
              ImagePart& part) const {
    for (std::size_t r = 0; r < count; ++r) {
      const auto record = bytes.subspan(r * layout_.record_bytes());
      part.labels.push_back(record[label_at]);
      part.images.push_back(record.data() + layout_.label_bytes.size());
    }
  }

  std::size_t published(Part part) const {
    std::size_t sum = 0;
    for (const BatchFile& f : layout_.files) sum += f.part == part ? f.records : 0;
    return sum;
  }

  std::vector<std::string> notes(const ImageRecords& records,
                                 const std::vector<std::string>& other) const {
    std::vector<std::string> notes;
    note_partial(notes, kind().name, records.train.labels.size(), published(Part::train),
                 "training records");
    note_partial(notes, kind().name, records.test.labels.size(), published(Part::test),
                 "test records");
    for (const std::string& name : other) {
      notes.push_back(fmt::format("{}: {} is not the published file", kind().name, name));
    }
    return notes;
  }

  FileReport inspect_file(const fs::path& path, const BatchFile& file, Depth depth) const {
    FileReport report = look_at(path);
    report.whole_records = file.records;
    report.records = report.bytes / layout_.record_bytes();
    if (report.presence == Presence::missing) return report;
    if (report.records < file.records) report.presence = Presence::partial;
    if (depth == Depth::sizes) return report;
    try {
      const MappedFile mapped(path);
      const std::size_t count = check(path, mapped.bytes(), layout_, file);
      if (count == file.records) {
        report.checksum =
            sha256_of(mapped.bytes()) == file.sha256 ? Checksum::published : Checksum::other;
      }
    } catch (const Error& e) {
      mark_broken(report, e);
    }
    return report;
  }

  Layout layout_;
  Remote remote_;
};

constexpr const char* host = "https://www.cs.toronto.edu/~kriz/";

constexpr OptionSpec cifar100_options[] = {
    option::choice("labels", "fine|coarse", "100 fine classes or their 20 superclasses")
        .by_default("fine"),
};

}  // namespace

std::unique_ptr<const Set> make_cifar10() {
  return std::make_unique<Cifar>(
      Kind{.name = "cifar10",
           .summary = "60000 32x32 colour photographs, 10 classes; Krizhevsky 2009",
           .options = {},
           .shape = {32, 32, 3}},
      Layout{"cifar-10-batches-bin",
             {{"label", 10}},
             {{"data_batch_1.bin", Part::train, 10000,
               "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"},
              {"data_batch_2.bin", Part::train, 10000,
               "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"},
              {"data_batch_3.bin", Part::train, 10000,
               "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"},
              {"data_batch_4.bin", Part::train, 10000,
               "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"},
              {"data_batch_5.bin", Part::train, 10000,
               "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"},
              {"test_batch.bin", Part::test, 10000,
               "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"}}},
      Remote{host,
             "cifar-10-batches-bin",
             true,
             {{"cifar-10-binary.tar.gz", Digest::md5, "c32a1d4ab5d03f1284b67883e8d87530"}}});
}

std::unique_ptr<const Set> make_cifar100() {
  return std::make_unique<Cifar>(
      Kind{.name = "cifar100",
           .summary = "60000 32x32 colour photographs, 100 or 20 classes; Krizhevsky 2009",
           .options = cifar100_options,
           .shape = {32, 32, 3}},
      Layout{"cifar-100-binary",
             {{"coarse label", 20}, {"fine label", 100}},
             {{"train.bin", Part::train, 50000,
               "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29"},
              {"test.bin", Part::test, 10000,
               "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a"}}},
      Remote{host,
             "cifar-100-binary",
             true,
             {{"cifar-100-binary.tar.gz", Digest::md5, "03b5dce01913d631647c71ecec9e9cb8"}}});
}

}  // namespace gapbench::data

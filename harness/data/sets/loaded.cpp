#include "data/sets/loaded.h"

#include <fmt/format.h>

#include <utility>

#include "data/sets/contents.h"

namespace gapbench::data {
namespace {

namespace fs = std::filesystem;

template <class T>
std::string sha256_of_all(const std::vector<T>& values) {
  return sha256_of(
      {reinterpret_cast<const unsigned char*>(values.data()), values.size() * sizeof(T)});
}

void add_contents(const char* part, const DataPart& given, std::vector<Content>& contents) {
  contents.push_back({fmt::format("{} bytes", part), sha256_of_all(given.bytes)});
  contents.push_back({fmt::format("{} values", part), sha256_of_all(given.values)});
  contents.push_back({fmt::format("{} labels", part), sha256_of_all(given.labels)});
  contents.push_back({fmt::format("{} targets", part), sha256_of_all(given.targets)});
}

std::string checksum_of_records(const DataRecords& r) {
  std::vector<Content> contents{
      {fmt::format("{}x{}x{}, {} classes, {} targets", r.shape.height, r.shape.width,
                   r.shape.channels, r.classes, r.target_width),
       ""}};
  add_contents("train", r.train, contents);
  add_contents("test", r.test, contents);
  return checksum_of(contents);
}

/// Channel by channel, as an ImagePart has them.
void add_images(DataPart part, Shape shape, ImagePart& to, ImageRecords& records) {
  const std::size_t plane = shape.height * shape.width;
  std::vector<unsigned char>& all = records.buffers.emplace_back(part.bytes.size());
  for (std::size_t first = 0; first < all.size(); first += shape.size()) {
    for (std::size_t k = 0; k < shape.size(); ++k) {
      all[first + k % shape.channels * plane + k / shape.channels] = part.bytes[first + k];
    }
    to.images.push_back(all.data() + first);
  }
  to.labels = std::move(part.labels);
}

TablePart table(DataPart part, Shape shape) {
  const std::size_t rows = part.values.size() / shape.size();
  return {rows, std::move(part.values), std::move(part.targets), std::move(part.labels)};
}

class Loaded final : public Set {
 public:
  Loaded(const Kind& kind, DataLoader* loader) : Set(kind), loader_(loader) {}

  Source read(const Place& place) const override {
    DataRecords given = load(place);
    Source source{given.shape,
                  given.classes,
                  given.target_width,
                  checksum_of_records(given),
                  std::move(given.notes),
                  TableRecords()};
    if (given.train.bytes.empty()) {
      source.records = TableRecords{table(std::move(given.train), given.shape),
                                    table(std::move(given.test), given.shape)};
      return source;
    }
    ImageRecords images;
    images.buffers.reserve(2);
    add_images(std::move(given.train), given.shape, images.train, images);
    add_images(std::move(given.test), given.shape, images.test, images);
    source.records = std::move(images);
    return source;
  }

  std::string checksum(const Place& place) const override {
    return checksum_of_records(load(place));
  }

  fs::path folder(const fs::path& root, const std::string& /*name*/) const override {
    return root / kind().name;
  }

 private:
  DataRecords load(const Place& place) const {
    return load_data_set(kind().name, loader_, kind().regression, place.options,
                         place.root / kind().name);
  }

  DataLoader* loader_;
};

}  // namespace

std::shared_ptr<const Set> make_loaded(const Kind& kind, DataLoader* loader) {
  return std::make_shared<Loaded>(kind, loader);
}

}  // namespace gapbench::data

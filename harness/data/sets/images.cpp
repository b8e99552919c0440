// Images of one's own, one folder a set: <root>/images/NAME, see image_folder.h. All are of one size and
// kind (grey or colour), as the first training image is. The checksum is over part, class, name and
// bytes of every image that is used.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "data/sets/contents.h"
#include "data/sets/image_folder.h"
#include "data/sets/png.h"
#include "data/sets/set.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "images:";
constexpr double most_bytes = 64.0 * (1 << 30);

std::string text(Shape s) {
  return fmt::format("{}x{} {}", s.height, s.width, s.channels == 1 ? "grey" : "colour");
}

/// The images of both parts, decoded.
class Reader {
 public:
  explicit Reader(const ImageFolder& folder) : folder_(folder) {
    const ImageFile& first = folder_.train.front();
    shape_ = picture(first).shape;
    const auto images = static_cast<double>(folder_.train.size() + folder_.test.size());
    const double bytes = images * static_cast<double>(shape_.size());
    if (bytes > most_bytes) {
      throw Error(
          first.path.parent_path().parent_path().string(),
          fmt::format("{:.0f} images of {} are {:.0f} GiB; at most {:.0f} are held in memory: "
                      "make them smaller",
                      images, text(shape_), bytes / (1 << 30), most_bytes / (1 << 30)));
    }
  }

  Shape shape() const noexcept { return shape_; }

  void read(const std::vector<ImageFile>& files, ImagePart& part, ImageRecords& records) const {
    std::vector<unsigned char>& all = records.buffers.emplace_back(files.size() * shape_.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
      const Picture p = picture(files[i]);
      if (p.shape != shape_) {
        throw Error(files[i].path.string(),
                    fmt::format("is {}, and {} is {}; all images of a set are of one size and kind",
                                text(p.shape), folder_.train.front().name, text(shape_)));
      }
      unsigned char* const to = all.data() + i * shape_.size();
      std::ranges::copy(p.pixels, to);
      part.images.push_back(to);
      part.labels.push_back(static_cast<std::int32_t>(files[i].label));
    }
  }

  static Picture picture(const ImageFile& file) {
    return read_png(file.path, MappedFile(file.path).bytes());
  }

 private:
  const ImageFolder& folder_;
  Shape shape_;
};

void add_contents(const char* part, const std::vector<ImageFile>& files,
                  std::vector<Content>& contents) {
  for (const ImageFile& file : files) {
    contents.push_back(
        {fmt::format("{} {}", part, file.name), hash_file(Digest::sha256, file.path)});
  }
}

std::string checksum_of_images(const ImageFolder& folder) {
  std::vector<Content> contents;
  add_contents("train", folder.train, contents);
  add_contents("test", folder.test, contents);
  return checksum_of(contents);
}

/// One report a class and part.
void report_on(const std::vector<ImageFile>& files, Depth depth,
               std::map<fs::path, FileReport>& reports) {
  for (const ImageFile& file : files) {
    FileReport& report = reports[file.path.parent_path()];
    report.path = file.path.parent_path();
    if (report.presence == Presence::missing) report.presence = Presence::whole;
    std::error_code ignored;
    report.bytes += fs::file_size(file.path, ignored);
    ++report.records;
    if (depth == Depth::sizes || report.presence == Presence::broken) continue;
    try {
      Reader::picture(file);
    } catch (const Error& e) {
      mark_broken(report, e);
    }
  }
}

class Images final : public Set {
 public:
  Images()
      : Set({.name = "images:NAME",
             .summary = "PNG images from <data>/images/NAME: a folder a class, train and test",
             .options = {}}) {}

  bool answers_to(std::string_view name) const override { return name.starts_with(prefix); }

  Source read(const Place& place) const override {
    const ImageFolder folder = read_image_folder(folder_of(place));
    const Reader reader(folder);
    Source source;
    source.shape = reader.shape();
    source.classes = folder.classes.size();
    ImageRecords records;
    records.buffers.reserve(2);
    reader.read(folder.train, records.train, records);
    reader.read(folder.test, records.test, records);
    source.checksum = checksum_of_images(folder);
    if (folder.left_out > 0) {
      source.notes.push_back(fmt::format("{}: {} images that split.csv does not name are left out",
                                         place.name, folder.left_out));
    }
    source.records = std::move(records);
    return source;
  }

  std::string checksum(const Place& place) const override {
    return checksum_of_images(read_image_folder(folder_of(place)));
  }

  fs::path folder(const fs::path& root, const std::string& name) const override {
    return name == kind().name ? root / "images" : root / "images" / name_after(prefix, name);
  }

  std::vector<std::string> names(const fs::path& root) const override {
    return names_in_folders(prefix, {root / "images"});
  }

  std::vector<FileReport> inspect(const Place& place, Depth depth) const override {
    const fs::path where = folder_of(place);
    std::map<fs::path, FileReport> reports;
    try {
      const ImageFolder folder = read_image_folder(where);
      report_on(folder.train, depth, reports);
      report_on(folder.test, depth, reports);
    } catch (const Error& e) {
      FileReport& report = reports[where];
      report.path = where;
      std::error_code ignored;
      if (fs::exists(where, ignored)) mark_broken(report, e);
    }
    std::vector<FileReport> list;
    for (auto& [path, report] : reports) list.push_back(std::move(report));
    return list;
  }

 private:
  fs::path folder_of(const Place& place) const { return folder(place.root, place.name); }
};

}  // namespace

std::unique_ptr<const Set> make_images() { return std::make_unique<Images>(); }

}  // namespace gapbench::data

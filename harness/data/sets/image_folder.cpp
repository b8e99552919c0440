#include "data/sets/image_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/file.h"
#include "data/sets/lines.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* layout =
    "an image set is train/CLASS/*.png and test/CLASS/*.png, or CLASS/*.png and split.csv";

/// Names in byte order, without those that begin with a dot.
std::vector<std::string> names_in(const fs::path& folder) {
  std::error_code code;
  std::vector<std::string> names;
  for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    std::string name = at->path().filename().string();
    if (name.front() != '.') names.push_back(std::move(name));
  }
  if (code)
    throw Error(folder.string(), fmt::format("cannot be read: {}; {}", code.message(), layout));
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> folders_in(const fs::path& folder) {
  std::vector<std::string> names = names_in(folder);
  std::erase_if(names, [&](const std::string& name) {
    std::error_code ignored;
    return !fs::is_directory(folder / name, ignored);
  });
  return names;
}

bool is_png(const std::string& name) {
  std::string extension = fs::path(name).extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".png";
}

/// The images of one class.
std::vector<ImageFile> files_of(const fs::path& folder, const std::string& name,
                                std::size_t label) {
  std::vector<ImageFile> files;
  for (const std::string& file : names_in(folder / name)) {
    const fs::path path = folder / name / file;
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      throw Error(path.string(), "is a folder; images lie right in the folder of their class");
    }
    if (!is_png(file)) {
      throw Error(
          path.string(),
          "is no .png, which alone is read; convert it, as with mogrify -format png, or move "
          "it away");
    }
    files.push_back({path, name + "/" + file, label});
  }
  return files;
}

std::size_t label_of(const std::vector<std::string>& classes, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(classes, name) - classes.begin());
}

ImageFolder read_parts(const fs::path& folder) {
  ImageFolder found;
  found.classes = folders_in(folder / "train");
  for (const std::string& name : found.classes) {
    std::ranges::move(files_of(folder / "train", name, label_of(found.classes, name)),
                      std::back_inserter(found.train));
  }
  for (const std::string& name : folders_in(folder / "test")) {
    const std::size_t label = label_of(found.classes, name);
    if (label == found.classes.size()) {
      throw Error((folder / "test" / name).string(), "is a class that train has not");
    }
    std::ranges::move(files_of(folder / "test", name, label), std::back_inserter(found.test));
  }
  return found;
}

/// Puts the images where split.csv says.
class Splitter {
 public:
  explicit Splitter(const fs::path& folder) : table_(folder / "split.csv") {
    found_.classes = folders_in(folder);
    for (const std::string& name : found_.classes) {
      for (ImageFile& file : files_of(folder, name, label_of(found_.classes, name))) {
        const std::string key = file.name;
        files_.emplace(key, std::move(file));
      }
    }
  }

  ImageFolder split() {
    for_each_line(read_file(table_), [this](std::string_view line, std::size_t number) {
      read_line(std::string(line), fmt::format("{}:{}", table_.string(), number));
    });
    for (const auto& [name, file] : files_) {  // by class and name
      if (train_.contains(name)) found_.train.push_back(file);
      if (test_.contains(name)) found_.test.push_back(file);
    }
    const auto by_class = [](const ImageFile& a, const ImageFile& b) { return a.label < b.label; };
    std::ranges::stable_sort(found_.train, by_class);
    std::ranges::stable_sort(found_.test, by_class);
    found_.left_out = files_.size() - train_.size() - test_.size();
    return std::move(found_);
  }

 private:
  void read_line(const std::string& line, const std::string& where) {
    const auto comma = line.rfind(',');
    const std::string part =
        comma == std::string::npos ? "" : std::string(trimmed(line.substr(comma + 1)));
    if (part != "train" && part != "test") {
      throw Error(where, fmt::format("must be an image and its part, as in cat/1.png,train or "
                                     "cat/1.png,test, got {}",
                                     in_quotes(line)));
    }
    const std::string name(trimmed(std::string_view(line).substr(0, comma)));
    if (!files_.contains(name)) {
      throw Error(where, fmt::format("names {}, which is not there", in_quotes(name)));
    }
    if (train_.contains(name) || test_.contains(name)) {
      throw Error(where, fmt::format("names {} again", in_quotes(name)));
    }
    (part == "train" ? train_ : test_).insert(name);
  }

  fs::path table_;
  ImageFolder found_;
  std::map<std::string, ImageFile> files_;
  std::set<std::string> train_, test_;
};

void require_usable(const ImageFolder& found, const fs::path& folder) {
  if (found.classes.size() < 2) {
    throw Error(folder.string(), fmt::format("has {} folders of classes, at least 2 are needed; {}",
                                             found.classes.size(), layout));
  }
  std::vector<std::size_t> count(found.classes.size());
  for (const ImageFile& file : found.train) ++count[file.label];
  const auto none = std::ranges::find(count, 0U);
  if (none != count.end()) {
    throw Error(folder.string(),
                fmt::format("class {} has no training image",
                            found.classes[static_cast<std::size_t>(none - count.begin())]));
  }
  if (found.test.empty()) throw Error(folder.string(), "has no test image");
}

}  // namespace

ImageFolder read_image_folder(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw Error(folder.string(), fmt::format("is missing; {}", layout));
  }
  const bool is_listed = fs::is_regular_file(folder / "split.csv", ignored);
  if (!is_listed && !fs::is_directory(folder / "train", ignored)) {
    throw Error(folder.string(), fmt::format("has neither train nor split.csv; {}", layout));
  }
  ImageFolder found = is_listed ? Splitter(folder).split() : read_parts(folder);
  require_usable(found, folder);
  return found;
}

}  // namespace gapbench::data

#include "data/duplicates/list.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iterator>
#include <variant>

#include "core/file.h"
#include "data/sets/set.h"
#include "gapbench/error.h"

namespace gapbench::data::duplicates {
namespace {

constexpr const char* mark = "# gapbench near duplicates, format 1\n";

}  // namespace

List make_list(const Request& request, const Search& search) {
  const Source source = find_set(request.name).read({request.name, request.options, request.root});
  const auto* images = std::get_if<ImageRecords>(&source.records);
  if (images == nullptr) {
    throw Error(request.name, "holds no images: near duplicates are looked for in image sets only");
  }
  images->draw_all();
  return {{request.name, request.options.values(), source.checksum, images->train.images.size(),
           images->test.images.size(), search.threshold},
          find(source.shape, *images, search)};
}

std::string to_text(const List& list) {
  const Subject& subject = list.subject;
  std::string text = mark;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "# set: {}\n", subject.set);
  for (const auto& [name, value] : subject.options) {
    fmt::format_to(out, "# option: {}={}\n", name, gapbench::to_text(value));
  }
  fmt::format_to(out, "# checksum: {}\n", subject.checksum);
  text +=
      "# distance: 1 - (cosine of gradients + cosine of local contrasts) / 2, laid onto each "
      "other\n";
  fmt::format_to(out, "# threshold: {}\n", subject.threshold);
  fmt::format_to(out, "# found: {} of {} test images, in {} training images; counted from 0\n",
                 list.duplicates.size(), subject.test, subject.train);
  text += "test,train,distance,flipped,right,down,scale_x,scale_y\n";
  for (const Duplicate& d : list.duplicates) {
    const Transform& t = d.transform;
    fmt::format_to(out, "{},{},{:.4f},{},{:g},{:g},{:.4g},{:.4g}\n", d.test, d.train, d.distance,
                   t.flipped ? 1 : 0, t.right, t.down, t.scale_x, t.scale_y);
  }
  return text;
}

void require_place(const std::filesystem::path& file) {
  std::error_code code;
  if (std::filesystem::exists(file, code)) {
    if (!std::filesystem::is_regular_file(file, code) || !read_file(file).starts_with(mark)) {
      throw Error(file.string(), "exists and is no list of near duplicates: give another name");
    }
  }
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (!std::filesystem::is_directory(folder, code)) {
    throw Error(folder.string(), "is no folder: make it first, or give --output another place");
  }
  if (access(folder.c_str(), W_OK) != 0) {
    throw Error(folder.string(), "cannot be written to: give --output another place");
  }
}

}  // namespace gapbench::data::duplicates

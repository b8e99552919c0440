#include <cstdlib>
#include <utility>

#include "data/image_data.h"
#include "data/label_noise.h"
#include "data/sets/set.h"
#include "data/table_data.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

/// An environment variable; empty counts as unset.
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

const Set& set_of(const Request& request) {
  return request.set != nullptr ? *request.set : find_set(request.name);
}

Place place_of(const Request& request) {
  const Set& set = set_of(request);
  require_root(set, request.root);
  const bool is_drawn = request.test_fraction > 0;
  if (is_drawn && !set.kind().redrawable) {
    throw Error(request.name, "has a test part of its own, which is not drawn anew");
  }
  return {request.name, request.options, request.root, is_drawn};
}

}  // namespace

std::unique_ptr<const Data> load(const Request& request) {
  const Set& set = set_of(request);
  require_labels(set.kind(), request);
  Source source = set.read(place_of(request));
  Description description{request.name,           source.shape,         source.classes,
                          source.target_width,    set.kind().synthetic, std::move(source.checksum),
                          std::move(source.notes)};
  if (auto note = label_note(request, description.classes); !note.empty()) {
    description.notes.push_back(std::move(note));
  }
  if (auto* images = std::get_if<ImageRecords>(&source.records)) {
    return make_image_data(request, std::move(description), std::move(*images));
  }
  if (!request.unseen.empty()) {
    throw Error("unseen",
                request.name + (description.classes > 0 ? " has numbers in place of images"
                                                        : " has no classes"));
  }
  return make_table_data(request, std::move(description),
                         std::move(std::get<TableRecords>(source.records)));
}

std::string checksum(const Request& request) {
  const Set& set = set_of(request);
  require_labels(set.kind(), request);
  return set.checksum(place_of(request));
}

void require_root(const Set& set, const std::filesystem::path& root) {
  if (set.kind().synthetic || !root.empty()) return;
  throw Error("data folder", "is not known; give --data DIR, or set GAPBENCH_DATA or HOME");
}

std::filesystem::path data_folder(const std::string& given) {
  if (!given.empty()) return given;
  if (const std::string named = environment("GAPBENCH_DATA"); !named.empty()) return named;
  const std::filesystem::path xdg = environment("XDG_DATA_HOME");
  if (xdg.is_absolute()) return xdg / "gapbench/data";  // the XDG rules ignore a relative one
  const std::string home = environment("HOME");
  if (home.empty()) return {};
  return std::filesystem::path(home) / ".local/share/gapbench/data";
}

}  // namespace gapbench::data

#include "data/sets/contents.h"

#include <fmt/format.h>

#include "core/hash.h"

namespace gapbench::data {

std::string checksum_of(const std::vector<Content>& contents) {
  std::string text;
  for (const Content& c : contents) text += fmt::format("{} {}\n", c.sha256, c.name);
  return hash_bytes(Digest::sha256, text);
}

std::string sha256_of(std::span<const unsigned char> bytes) {
  return hash_bytes(Digest::sha256, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void require_file(const std::filesystem::path& path, std::string_view set,
                  const std::filesystem::path& root) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored)) return;
  throw Error(
      path.string(),
      fmt::format("is missing; get it with: gapbench data fetch {} --data {}", set, root.string()));
}

void require_label(const std::filesystem::path& path, std::size_t record, std::size_t label,
                   std::size_t classes, std::string_view which) {
  if (label < classes) return;
  throw Error(path.string(), fmt::format("record {} (from 0): {} {} out of range, must be 0 to {}",
                                         record, which, label, classes - 1));
}

void note_partial(std::vector<std::string>& notes, std::string_view set, std::size_t records,
                  std::size_t published, std::string_view what) {
  if (records >= published) return;
  notes.push_back(fmt::format("{}: partial: {} of {} {}", set, records, published, what));
}

FileReport look_at(const std::filesystem::path& path) {
  FileReport report;
  report.path = path;
  std::error_code code;
  const auto bytes = std::filesystem::file_size(path, code);
  if (code) return report;
  report.presence = Presence::whole;
  report.bytes = bytes;
  return report;
}

void mark_broken(FileReport& report, const Error& error) {
  report.presence = Presence::broken;
  report.problem = error.what();
}

}  // namespace gapbench::data

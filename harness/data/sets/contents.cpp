#include "data/sets/contents.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "core/hash.h"

namespace gapbench::data {
namespace {

namespace fs = std::filesystem;

/// "cifar-10-batches-" of "cifar-10-batches-bin": what editions of one set have in common.
std::string family(const std::string& folder) { return folder.substr(0, folder.rfind('-') + 1); }

/// Where else the file lies, or what lies in its place; empty where nothing does. Looked for one
/// folder deeper in the data folder, where people unpack, and in the data folder's own parent.
std::string found_elsewhere(const fs::path& path, const fs::path& root) {
  std::error_code ignored;
  const fs::path below = path.lexically_relative(root);
  std::vector<fs::path> places{root.parent_path()};
  std::string edition;
  const std::string due = path.parent_path().filename().string();
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    if (!entry.is_directory(ignored)) continue;
    places.push_back(entry.path());
    const std::string name = entry.path().filename().string();
    if (name != due && !family(due).empty() && family(name) == family(due)) edition = name;
  }
  for (const fs::path& place : places) {
    if (place.empty() || !fs::is_regular_file(place / below, ignored)) continue;
    return fmt::format("it lies in {}: give --data {}", (place / below).string(), place.string());
  }
  if (edition.empty()) return "";
  return fmt::format("{} is another edition, and {} is read: fetch it, or unpack it there",
                     (root / edition).string(), due);
}

}  // namespace

std::string name_after(std::string_view prefix, const std::string& name) {
  const std::string folder = name.substr(prefix.size());
  const auto is_safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (folder.empty() || folder.front() == '.' || !std::ranges::all_of(folder, is_safe)) {
    throw Error(name, fmt::format("names no folder; must be {}NAME with letters, digits, '_', '-' "
                                  "and '.'",
                                  prefix));
  }
  return folder;
}

std::vector<std::string> names_in_folders(std::string_view prefix,
                                          const std::vector<fs::path>& folders) {
  std::set<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(folder, absent)) {
      if (entry.is_directory(absent)) {
        names.insert(std::string(prefix) + entry.path().filename().string());
      }
    }
  }
  return {names.begin(), names.end()};
}

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
  std::error_code code;
  if (std::filesystem::is_regular_file(path, code)) return;
  const bool is_absent =
      !code || code == std::errc::no_such_file_or_directory || code == std::errc::not_a_directory;
  if (!is_absent) throw Error(path.string(), "cannot be read: " + code.message());
  const std::string elsewhere = found_elsewhere(path, root);
  if (!elsewhere.empty()) throw Error(path.string(), "is missing; " + elsewhere);
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

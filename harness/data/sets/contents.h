// Small things the sets on files have in common.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/verify.h"
#include "gapbench/error.h"

namespace gapbench::data {

/// A file that was read, by name and SHA-256 of its (inflated) contents.
struct Content {
  std::string name;
  std::string sha256;
};

/// NAME of "csv:NAME", prefix "csv:". Throws Error unless it can be a folder's name.
std::string name_after(std::string_view prefix, const std::string& name);

/// Prefix and name of every folder in these, in order, each once.
std::vector<std::string> names_in_folders(std::string_view prefix,
                                          const std::vector<std::filesystem::path>& folders);

/// One SHA-256 for several files, in the order given.
std::string checksum_of(const std::vector<Content>& contents);

std::string sha256_of(std::span<const unsigned char> bytes);

/// Throws Error(path, "is missing; ...") naming the command that fetches `set`, unless the path is
/// a regular file.
void require_file(const std::filesystem::path& path, std::string_view set,
                  const std::filesystem::path& root);

/// Throws Error(path, ...) unless 0 <= label < classes. Records count from 0.
void require_label(const std::filesystem::path& path, std::size_t record, std::size_t label,
                   std::size_t classes, std::string_view which = "label");

/// Adds "NAME: partial: 2000 of 50000 training records" where there are fewer than published.
void note_partial(std::vector<std::string>& notes, std::string_view set, std::size_t records,
                  std::size_t published, std::string_view what);

/// A report with path, presence (missing or whole) and bytes filled in.
FileReport look_at(const std::filesystem::path& path);

/// Presence::broken, with the error's message.
void mark_broken(FileReport& report, const Error& error);

}  // namespace gapbench::data

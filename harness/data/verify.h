// What of the data sets is there, and whether it is what was published.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace gapbench::data {

/// missing: no folder or not one usable file; partial: usable, but fewer records than published.
enum class Presence { embedded, whole, partial, missing, broken };
const char* to_text(Presence presence);

/// published: has the known digest; other: has not; unknown: none is known, or the file is partial.
enum class Checksum { published, other, unknown };

/// One file. `problem` is empty where it can be used.
struct FileReport {
  std::filesystem::path path;
  Presence presence = Presence::missing;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;        ///< 0 where it has none that can be counted
  std::uint64_t whole_records = 0;  ///< as published; 0: unknown
  Checksum checksum = Checksum::unknown;
  std::string problem;  ///< one line: "truncated: ..."
};

struct Report {
  std::string name;
  std::filesystem::path folder;  ///< empty for a generated set
  Presence presence = Presence::missing;
  bool ok = false;  ///< can be loaded, and no file differs from what was published
  std::vector<FileReport> files;
  std::vector<std::string> notes;  ///< as in Description, or why the set cannot be loaded
};

/// Reads and checks every file of one set: presence, size, checksum, label range. Wrong data is
/// reported, not thrown; throws Error for an unknown name. Cost: reads every byte.
Report verify(const std::string& name, const std::filesystem::path& root);

/// One line of `gapbench data list`.
struct Listing {
  std::string name;
  std::string summary;
  Presence presence = Presence::missing;
  std::filesystem::path folder;  ///< empty for a generated set
  bool fetchable = false;
};

/// Every kind, and every set of one's own that has a folder. Looks at names and sizes only: never reads a
/// file, so `broken` and wrong contents are for verify to find.
std::vector<Listing> list(const std::filesystem::path& root);

}  // namespace gapbench::data

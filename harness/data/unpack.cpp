#include "data/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

#include "core/file.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

namespace fs = std::filesystem;

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;

std::string reason(archive* a) {
  const char* text = archive_error_string(a);
  return text == nullptr ? "unreadable" : text;
}

/// The entry's place below the folder. Throws Error unless it stays there.
fs::path safe_path(const fs::path& archive_path, archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  const fs::path path = name == nullptr ? "" : name;
  const bool climbs = std::find(path.begin(), path.end(), "..") != path.end();
  if (path.empty() || path.is_absolute() || climbs) {
    throw Error(archive_path.string(),
                fmt::format("entry \"{}\" would leave the folder, refused", path.string()));
  }
  return path;
}

void write_entry(const fs::path& archive_path, archive* a, const fs::path& to) {
  make_folder(to.parent_path());
  // O_EXCL: nothing that is there is overwritten or followed.
  const int fd = open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) {
    throw Error(to.string(), "cannot be created: " + std::generic_category().message(errno));
  }
  const int code = archive_read_data_into_fd(a, fd);
  const bool closed = close(fd) == 0;
  if (code != ARCHIVE_OK || !closed) {
    throw Error(archive_path.string(),
                fmt::format("unpacking {} broke off: {}", to.filename().string(), reason(a)));
  }
}

void unpack_entry(const fs::path& archive_path, archive* a, archive_entry* entry,
                  const fs::path& folder) {
  const fs::path path = safe_path(archive_path, entry);
  const auto type = archive_entry_filetype(entry);
  const bool link = archive_entry_hardlink(entry) != nullptr;
  if (type == AE_IFDIR && !link) {
    make_folder(folder / path);
  } else if (type == AE_IFREG && !link) {
    write_entry(archive_path, a, folder / path);
  } else {
    throw Error(archive_path.string(),
                fmt::format("entry \"{}\" is neither a file nor a folder, refused", path.string()));
  }
}

}  // namespace

void unpack(const fs::path& archive_path, const fs::path& folder) {
  const Reader reader(archive_read_new(), &archive_read_free);
  archive* a = reader.get();
  archive_read_support_filter_all(a);
  archive_read_support_format_tar(a);
  constexpr std::size_t block = 1 << 16;
  if (archive_read_open_filename(a, archive_path.c_str(), block) != ARCHIVE_OK) {
    throw Error(archive_path.string(), "is not a tar archive: " + reason(a));
  }
  archive_entry* entry = nullptr;
  int code = ARCHIVE_OK;
  while ((code = archive_read_next_header(a, &entry)) == ARCHIVE_OK) {
    unpack_entry(archive_path, a, entry, folder);
  }
  if (code != ARCHIVE_EOF) throw Error(archive_path.string(), "damaged archive: " + reason(a));
}

}  // namespace gapbench::data
